import Foundation
import Testing

@testable import S3Store

@Suite("Dates")
struct DateFormsTests {
  /// Foundation's view of a moment.
  private func formatted(_ seconds: Int64, _ format: String) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "UTC")
    formatter.calendar = Calendar(identifier: .gregorian)
    formatter.dateFormat = format
    return formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
  }

  @Test("are written as Foundation writes them, and read back")
  func beside() {
    var generator = SeededGenerator(TestSeed.value)
    let day: Int64 = 86_400
    // First and last seconds of days around the turns of years, leap days and centuries.
    var moments: [Int64] = [0, 1, day - 1, day, 951_782_399, 951_782_400, 951_868_799, 951_868_800, CivilTime.latest]
    for year in [1972, 1999, 2000, 2023, 2024, 2099, 2100, 2101, 2400, 9999] {
      let start = CivilTime(year: year, month: 1, day: 1).unixSeconds ?? 0
      moments += [start - 1, start, start + 58 * day, start + 59 * day, start + 60 * day, start + 60 * day - 1]
    }
    moments += (0..<500).map { _ in Int64.random(in: 0...CivilTime.latest, using: &generator) }
    for moment in moments {
      #expect(DateForms.basic(moment) == formatted(moment, "yyyyMMdd'T'HHmmss'Z'"))
      let http = DateForms.http(moment)
      #expect(http == formatted(moment, "EEE, dd MMM yyyy HH:mm:ss 'GMT'"))
      #expect(DateForms.parseHTTP(http) == moment)
      #expect(DateForms.parseExtended(formatted(moment, "yyyy-MM-dd'T'HH:mm:ss'Z'")) == moment)
    }
  }

  @Test("outside the years of four digits are the nearest inside", arguments: [Int64.min, -1])
  func outside(_ seconds: Int64) {
    #expect(DateForms.basic(seconds) == "19700101T000000Z")
    #expect(DateForms.basic(.max) == "99991231T235959Z")
    #expect(DateForms.http(.max) == "Fri, 31 Dec 9999 23:59:59 GMT")
  }

  @Test("may have a fraction and an offset in answers")
  func extended() {
    #expect(DateForms.parseExtended("2013-05-24T00:00:00Z") == 1_369_353_600)
    #expect(DateForms.parseExtended("2013-05-24T00:00:00.999Z") == 1_369_353_600)
    #expect(DateForms.parseExtended("2013-05-24T02:30:00+02:30") == 1_369_353_600)
    #expect(DateForms.parseExtended("2013-05-23T19:00:00.5-05:00") == 1_369_353_600)
    #expect(DateForms.parseExtended("2016-12-31T23:59:60Z") == 1_483_228_800)
  }

  @Test(
    "of no calendar or of another form are refused",
    arguments: [
      "", "Fri, 24 May 2013 00:00:00", "Fri, 24 May 2013 00:00:00 GMT ", "Fri, 24 Mai 2013 00:00:00 GMT",
      "Fri, 31 Jun 2013 00:00:00 GMT", "Fri, 29 Feb 2013 00:00:00 GMT", "Fri, 00 Feb 2013 00:00:00 GMT",
      "Fri, 24 May 2013 24:00:00 GMT", "Fri, 24 May 2013 00:60:00 GMT", "Fri, 24 May 1969 00:00:00 GMT",
      "Fri, 24 May 20130 00:00:00 GMT", "Fri, 4 May 2013 00:00:00 GMT", "Friday, 24-May-13 00:00:00 GMT",
      "2013-13-24T00:00:00Z", "2013-05-24 00:00:00Z", "2013-05-24T00:00:00", "2013-05-24T00:00:00.Z",
      "2013-05-24T00:00:00+2:00", "2013-05-24T00:00:00Z0", "2013-05-24T00:00:61Z", "-013-05-24T00:00:00Z", "２０13",
    ]
  )
  func refused(_ text: String) {
    #expect(DateForms.parseHTTP(text) == nil)
    #expect(DateForms.parseExtended(text) == nil)
  }
}

/// A calendar day, from a DATE column.
public struct ParquetDate: Sendable, Hashable, Codable {
  /// Days since 1970-01-01.
  public var daysSince1970: Int32

  /// Creates a day.
  ///
  /// - Parameter daysSince1970: days since 1970-01-01.
  public init(daysSince1970: Int32) {
    self.daysSince1970 = daysSince1970
  }

  /// Creates a day of the proleptic Gregorian calendar.
  ///
  /// - Parameters:
  ///   - year: the year; 0 is the year before 1.
  ///   - month: 1 to 12.
  ///   - day: 1 to the length of the month.
  /// - Returns: nil when there is no such day, or when it does not fit 32 bits.
  public init?(year: Int, month: Int, day: Int) {
    guard abs(year) < 10_000_000, (1...12).contains(month), (1...31).contains(day) else { return nil }
    let date = CivilDate(year: Int64(year), month: month, day: day)
    let days = date.daysSince1970
    guard CivilDate(daysSince1970: days) == date, let small = Int32(exactly: days) else { return nil }
    daysSince1970 = small
  }

  /// Year, month and day in the proleptic Gregorian calendar.
  public var components: (year: Int, month: Int, day: Int) {
    let date = CivilDate(daysSince1970: Int64(daysSince1970))
    return (Int(date.year), date.month, date.day)
  }
}

extension ParquetDate: CustomStringConvertible {
  /// The day as in ISO 8601.
  public var description: String { CivilDate(daysSince1970: Int64(daysSince1970)).description }
}

/// A day of the proleptic Gregorian calendar.
///
/// Days are counted in eras of 400 years that begin in March, so that the leap day comes last.
struct CivilDate: Equatable, CustomStringConvertible {
  var year: Int64
  var month: Int
  var day: Int

  private static let daysOfEra: Int64 = 146_097
  /// Days from 0000-03-01 to 1970-01-01.
  private static let epoch: Int64 = 719_468

  init(year: Int64, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// `days` has to be within what 64 bits of seconds reach.
  init(daysSince1970 days: Int64) {
    let (era, dayOfEra) = (days + CivilDate.epoch).flooredDivision(by: CivilDate.daysOfEra)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    day = Int(dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    month = Int(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9)
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  var daysSince1970: Int64 {
    let (era, yearOfEra) = (year - (month <= 2 ? 1 : 0)).flooredDivision(by: 400)
    let marchMonth = Int64(month > 2 ? month - 3 : month + 9)
    let dayOfYear = (153 * marchMonth + 2) / 5 + Int64(day) - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * CivilDate.daysOfEra + dayOfEra - CivilDate.epoch
  }

  var description: String {
    "\(year < 0 ? "-" : "")\(padded(year.magnitude, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }
}

/// A number with zeros in front.
func padded(_ number: some BinaryInteger, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

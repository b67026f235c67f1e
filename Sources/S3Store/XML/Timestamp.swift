/// Moments as S3 writes them: ISO 8601 with or without a fraction.
///
///     2026-11-21T10:11:12Z    2026-11-21T10:11:12.345Z    2026-11-21T11:11:12.345678901+01:00
enum Timestamp {
  private static let daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
  private static let daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

  /// Nanoseconds since 1970-01-01 UTC; nil when the text is something else, or too far off for 64 bits.
  static func nanoseconds(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    guard text.count >= 20, text.count <= 40,
      text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
      text[10] == UInt8(ascii: "T") || text[10] == UInt8(ascii: "t") || text[10] == UInt8(ascii: " "),
      text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
      let year = number(text, 0..<4), let month = number(text, 5..<7), let day = number(text, 8..<10),
      let hour = number(text, 11..<13), let minute = number(text, 14..<16), let second = number(text, 17..<19),
      // A leap second is the first of the next minute.
      hour < 24, minute < 60, second <= 60,
      let days = days(year: year, month: month, day: day)
    else { return nil }
    var at = 19
    var fraction = 0
    if text[at] == UInt8(ascii: ".") {
      at += 1
      guard let read = readFraction(text, &at) else { return nil }
      fraction = read
    }
    guard let offset = offsetSeconds(text, from: at) else { return nil }
    let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second) - Int64(offset)
    let (scaled, tooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflow) = scaled.addingReportingOverflow(Int64(fraction))
    return tooLarge || overflow ? nil : sum
  }

  /// Days since 1970-01-01 in the proleptic Gregorian calendar; nil for a day that does not exist.
  private static func days(year: Int, month: Int, day: Int) -> Int? {
    guard year >= 1, 1...12 ~= month else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    guard 1...(daysOfMonth[month - 1] + (isLeap && month == 2 ? 1 : 0)) ~= day else { return nil }
    let past = year - 1
    let daysBeforeYear = past * 365 + past / 4 - past / 100 + past / 400 - 719_162
    return daysBeforeYear + daysBeforeMonth[month - 1] + (isLeap && month > 2 ? 1 : 0) + day - 1
  }

  private static func number(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
    var value = 0
    for at in range {
      guard 0x30...0x39 ~= text[at] else { return nil }
      value = value * 10 + Int(text[at] - 0x30)
    }
    return value
  }

  /// Digits behind the point as nanoseconds; those behind the ninth are dropped.
  private static func readFraction(_ text: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Int? {
    let start = at
    var value = 0
    while at < text.count, 0x30...0x39 ~= text[at] {
      if at - start < 9 { value = value * 10 + Int(text[at] - 0x30) }
      at += 1
    }
    guard at > start else { return nil }
    for _ in (at - start)..<max(9, at - start) { value *= 10 }
    return value
  }

  /// `Z`, or `+01:00`, at the end of the text.
  private static func offsetSeconds(_ text: UnsafeBufferPointer<UInt8>, from at: Int) -> Int? {
    guard at < text.count else { return nil }
    let sign = text[at]
    if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") { return at + 1 == text.count ? 0 : nil }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), at + 6 == text.count,
      text[at + 3] == UInt8(ascii: ":"),
      let hours = number(text, (at + 1)..<(at + 3)), let minutes = number(text, (at + 4)..<(at + 6)),
      hours < 24, minutes < 60
    else { return nil }
    let seconds = hours * 3600 + minutes * 60
    return sign == UInt8(ascii: "-") ? -seconds : seconds
  }
}

/// A moment as date and time of day in UTC, which is what headers and answers hold instead of a count of seconds.
struct CivilTime: Hashable, Sendable {
  var year: Int
  /// 1 to 12.
  var month: Int
  /// 1 to 31.
  var day: Int
  var hour = 0
  var minute = 0
  var second = 0

  /// The last second that has a year of four digits.
  static let latest: Int64 = 253_402_300_799
  private static let secondsOfDay: Int64 = 86_400
  private static let daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

  init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// Takes a moment; one outside the years 1970 to 9999 becomes the nearest inside.
  ///
  /// - Parameter unixSeconds: seconds since 1970.
  init(unixSeconds: Int64) {
    let (days, time) = min(max(unixSeconds, 0), Self.latest).quotientAndRemainder(dividingBy: Self.secondsOfDay)
    var rest = Int(days)
    // A guess that is at most one year too late, as no year is longer than 366 days and few are shorter.
    var year = 1970 + rest / 365
    while Self.daysBefore(year: year) > rest { year -= 1 }
    rest -= Self.daysBefore(year: year)
    var month = 12
    while Self.daysBefore(month: month, year: year) > rest { month -= 1 }
    self.init(
      year: year,
      month: month,
      day: rest - Self.daysBefore(month: month, year: year) + 1,
      hour: Int(time) / 3600,
      minute: Int(time) / 60 % 60,
      second: Int(time) % 60
    )
  }

  /// Seconds since 1970; nil for a date or a time that no calendar or clock has, or outside 1970 to 9999.
  var unixSeconds: Int64? {
    // A leap second, 60, is the first second of the next minute, as in Unix time.
    guard 1970...9999 ~= year, 1...12 ~= month, 0...23 ~= hour, 0...59 ~= minute, 0...60 ~= second else { return nil }
    let first = Self.daysBefore(month: month, year: year)
    let next = month == 12 ? (Self.isLeap(year) ? 366 : 365) : Self.daysBefore(month: month + 1, year: year)
    guard 1...(next - first) ~= day else { return nil }
    let days = Self.daysBefore(year: year) + first + day - 1
    return Int64(days) * Self.secondsOfDay + Int64(hour * 3600 + minute * 60 + second)
  }

  /// 0 is Sunday.
  var weekday: Int {
    // 1 January 1970 was a Thursday.
    (Self.daysBefore(year: year) + Self.daysBefore(month: month, year: year) + day - 1 + 4) % 7
  }

  private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  /// Days from 1 January 1970 to 1 January of a year.
  private static func daysBefore(year: Int) -> Int {
    let past = year - 1
    // 477 leap days came before 1970.
    return (year - 1970) * 365 + past / 4 - past / 100 + past / 400 - 477
  }

  /// Days from 1 January to the first of a month.
  private static func daysBefore(month: Int, year: Int) -> Int {
    daysBeforeMonth[month - 1] + (month > 2 && isLeap(year) ? 1 : 0)
  }
}

/// The three spellings of a moment that S3 and its neighbours use.
///
///     20130524T000000Z                basic, in signatures
///     Fri, 24 May 2013 00:00:00 GMT   in headers (RFC 1123)
///     2013-05-24T00:00:00Z            extended, in answers; may have a fraction, and an offset for the Z
enum DateForms {
  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// The basic form; its first eight characters are the day.
  static func basic(_ unixSeconds: Int64) -> String {
    let time = CivilTime(unixSeconds: unixSeconds)
    return String(unsafeUninitializedCapacity: 16) { target in
      var end = 0
      func put(_ value: Int, _ digits: Int) {
        var rest = value
        for place in (end..<end + digits).reversed() {
          target[place] = UInt8(48 + rest % 10)
          rest /= 10
        }
        end += digits
      }
      put(time.year, 4)
      put(time.month, 2)
      put(time.day, 2)
      target[8] = UInt8(ascii: "T")
      end = 9
      put(time.hour, 2)
      put(time.minute, 2)
      put(time.second, 2)
      target[15] = UInt8(ascii: "Z")
      return 16
    }
  }

  /// The form of headers.
  static func http(_ unixSeconds: Int64) -> String {
    let time = CivilTime(unixSeconds: unixSeconds)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let date = "\(weekdays[time.weekday]), \(two(time.day)) \(months[time.month - 1]) \(time.year)"
    return "\(date) \(two(time.hour)):\(two(time.minute)):\(two(time.second)) GMT"
  }

  /// Seconds since 1970 of the form of headers; nil for anything else.
  static func parseHTTP(_ text: String) -> Int64? {
    var reader = DigitReader(text)
    guard weekdays.contains(where: { reader.skip($0) }), reader.skip(", "), let day = reader.number(2),
      reader.skip(" "), let month = months.firstIndex(where: { reader.skip($0) }), reader.skip(" "),
      let year = reader.number(4), reader.skip(" "), let hour = reader.number(2), reader.skip(":"),
      let minute = reader.number(2), reader.skip(":"), let second = reader.number(2), reader.skip(" GMT"),
      reader.isAtEnd
    else { return nil }
    return CivilTime(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second).unixSeconds
  }

  /// Seconds since 1970 of the extended form, the fraction dropped; nil for anything else.
  static func parseExtended(_ text: String) -> Int64? {
    var reader = DigitReader(text)
    guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
      let day = reader.number(2), reader.skip("T"), let hour = reader.number(2), reader.skip(":"),
      let minute = reader.number(2), reader.skip(":"), let second = reader.number(2)
    else { return nil }
    if reader.skip(".") {
      guard reader.skipDigits() else { return nil }
    }
    guard let offset = reader.offset(), reader.isAtEnd else { return nil }
    let time = CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    return time.unixSeconds.map { $0 - offset }
  }
}

/// Reads numbers of fixed width and what stands between them.
private struct DigitReader {
  private var rest: Substring.UTF8View

  init(_ text: String) {
    rest = text[...].utf8
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// Passes a text if it is what comes next.
  mutating func skip(_ text: String) -> Bool {
    guard rest.starts(with: text.utf8) else { return false }
    rest = rest.dropFirst(text.utf8.count)
    return true
  }

  /// A number of exactly so many digits.
  mutating func number(_ digits: Int) -> Int? {
    var value = 0
    let taken = rest.prefix(digits)
    for byte in taken {
      guard 48...57 ~= byte else { return nil }
      value = value * 10 + Int(byte - 48)
    }
    guard taken.count == digits else { return nil }
    rest = rest.dropFirst(digits)
    return value
  }

  /// Passes digits; false when there is none.
  mutating func skipDigits() -> Bool {
    let after = rest.drop { 48...57 ~= $0 }
    defer { rest = after }
    return after.count < rest.count
  }

  /// Seconds east of Greenwich: `Z`, `+hh:mm` or `-hh:mm`.
  mutating func offset() -> Int64? {
    if skip("Z") { return 0 }
    let sign: Int64 = skip("+") ? 1 : -1
    guard sign == 1 || skip("-"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60
    else { return nil }
    return sign * Int64(hours * 3600 + minutes * 60)
  }
}

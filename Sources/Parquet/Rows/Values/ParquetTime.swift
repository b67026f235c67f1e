/// A time of day, from a TIME column.
public struct ParquetTime: Sendable, Hashable, Codable {
  /// Nanoseconds since midnight.
  public var nanoseconds: Int64
  /// Whether it is a time in UTC; false for a local one.
  ///
  /// When a row is written, the column alone decides.
  public var isAdjustedToUTC: Bool

  /// Creates a time of day.
  ///
  /// - Parameters:
  ///   - nanoseconds: nanoseconds since midnight.
  ///   - isAdjustedToUTC: whether it is a time in UTC.
  public init(nanoseconds: Int64, isAdjustedToUTC: Bool = true) {
    self.nanoseconds = nanoseconds
    self.isAdjustedToUTC = isAdjustedToUTC
  }
}

extension ParquetTime: CustomStringConvertible {
  /// Hours, minutes, seconds, and as many digits behind the second as are needed.
  public var description: String {
    let (seconds, rest) = nanoseconds.flooredDivision(by: 1_000_000_000)
    let (minutes, second) = seconds.flooredDivision(by: 60)
    let (hour, minute) = minutes.flooredDivision(by: 60)
    var fraction = rest == 0 ? "" : "." + padded(rest, 9)
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))\(fraction)"
  }
}

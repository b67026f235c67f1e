/// An instant, or a local date and time, from a TIMESTAMP or INT96 column.
///
/// It holds every value of every unit exactly; INT96 reaches further than 64 bits of nanoseconds do.
public struct ParquetTimestamp: Sendable, Hashable, Codable {
  /// Whole seconds since 1970-01-01 00:00:00, rounded down.
  public var seconds: Int64
  /// Nanoseconds behind the second, 0 to 999,999,999.
  public var nanoseconds: Int32
  /// Whether it is an instant; false for a local date and time.
  ///
  /// When a row is written, the column alone decides.
  public var isAdjustedToUTC: Bool

  /// Creates a timestamp.
  ///
  /// - Parameters:
  ///   - seconds: whole seconds since 1970-01-01 00:00:00, rounded down.
  ///   - nanoseconds: nanoseconds behind the second, 0 to 999,999,999.
  ///   - isAdjustedToUTC: whether it is an instant.
  public init(seconds: Int64, nanoseconds: Int32 = 0, isAdjustedToUTC: Bool = true) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
    self.isAdjustedToUTC = isAdjustedToUTC
  }

  /// Creates a timestamp from a number of units since 1970-01-01 00:00:00.
  ///
  /// - Parameters:
  ///   - ticks: how many units.
  ///   - unit: the unit.
  ///   - isAdjustedToUTC: whether it is an instant.
  public init(ticks: Int64, unit: LogicalType.TimeUnit, isAdjustedToUTC: Bool = true) {
    let (seconds, rest) = ticks.flooredDivision(by: unit.ticksPerSecond)
    self.init(
      seconds: seconds,
      nanoseconds: Int32(truncatingIfNeeded: rest &* (1_000_000_000 / unit.ticksPerSecond)),
      isAdjustedToUTC: isAdjustedToUTC
    )
  }

  /// Units since 1970-01-01 00:00:00.
  ///
  /// - Parameter unit: the unit.
  /// - Returns: the number, or nil when it does not fit 64 bits or is not whole.
  public func ticks(_ unit: LogicalType.TimeUnit) -> Int64? {
    let (whole, rest) = Int64(nanoseconds).quotientAndRemainder(dividingBy: 1_000_000_000 / unit.ticksPerSecond)
    guard rest == 0 else { return nil }
    return Int64(exactly: Int128(seconds) * Int128(unit.ticksPerSecond) + Int128(whole))
  }

  /// Decodes 12 bytes: nanoseconds of the day, 64 bits, then the Julian day, 32 bits.
  ///
  /// Writers of this type count microseconds in 64 bits, and let them wrap: a time that 64 bits do not reach is one that
  /// was written so.
  init(int96 place: UnsafeRawPointer) {
    let (microseconds, nanoseconds) = place.loadUnaligned(as: Int64.self).flooredDivision(by: 1000)
    let day = Int64(place.loadUnaligned(fromByteOffset: 8, as: Int32.self)) - 2_440_588
    self.init(ticks: day &* 86_400_000_000 &+ microseconds, unit: .microseconds)
    self.nanoseconds += Int32(truncatingIfNeeded: nanoseconds)
  }
}

extension ParquetTimestamp: CustomStringConvertible {
  /// Date and time as in ISO 8601, with as many digits behind the second as are needed, and `Z` for an instant.
  public var description: String {
    let (day, second) = seconds.flooredDivision(by: 86_400)
    let time = ParquetTime(nanoseconds: second * 1_000_000_000 + Int64(nanoseconds))
    return "\(CivilDate(daysSince1970: day))T\(time)\(isAdjustedToUTC ? "Z" : "")"
  }
}

extension LogicalType.TimeUnit {
  var ticksPerSecond: Int64 {
    switch self {
    case .milliseconds: 1000
    case .microseconds: 1_000_000
    case .nanoseconds: 1_000_000_000
    }
  }
}

extension Int64 {
  /// Quotient rounded down and a remainder that is not negative, for a positive divisor.
  func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

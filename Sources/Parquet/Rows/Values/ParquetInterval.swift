/// A span of time, from an INTERVAL column: three numbers that cannot be converted into each other.
public struct ParquetInterval: Sendable, Hashable, Codable {
  /// Months.
  public var months: UInt32
  /// Days.
  public var days: UInt32
  /// Milliseconds.
  public var milliseconds: UInt32

  /// Creates a span.
  ///
  /// - Parameters:
  ///   - months: months.
  ///   - days: days.
  ///   - milliseconds: milliseconds.
  public init(months: UInt32, days: UInt32, milliseconds: UInt32) {
    self.months = months
    self.days = days
    self.milliseconds = milliseconds
  }

  /// Decodes 12 bytes: months, days and milliseconds, 32 bits each, little-endian.
  init(bytes place: UnsafeRawPointer) {
    months = place.loadUnaligned(as: UInt32.self)
    days = place.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
    milliseconds = place.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
  }

  var bytes: [UInt8] {
    [months, days, milliseconds].flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
  }
}

extension ParquetInterval: CustomStringConvertible {
  /// The three numbers with their units.
  public var description: String { "\(months) months \(days) days \(milliseconds) ms" }
}

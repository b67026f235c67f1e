public import Parquet

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// A TIMESTAMP: read from any unit and from INT96, written to the nearest microsecond.
extension Date: ParquetConvertible {
  /// The nearest `Date`.
  public init?(parquetForm: ParquetTimestamp) {
    self.init(
      timeIntervalSince1970: Double(parquetForm.seconds) + Double(parquetForm.nanoseconds) / 1_000_000_000
    )
  }

  /// The instant, rounded to a microsecond.
  public var parquetForm: ParquetTimestamp? {
    let ticks = (timeIntervalSince1970 * 1_000_000).rounded()
    return Int64(exactly: ticks).map { ParquetTimestamp(ticks: $0, unit: .microseconds) }
  }
}

/// A BYTE_ARRAY.
extension Data: ParquetConvertible {
  /// The bytes.
  public init?(parquetForm: [UInt8]) {
    self.init(parquetForm)
  }

  /// The bytes.
  public var parquetForm: [UInt8]? { [UInt8](self) }
}

/// A UUID.
extension UUID: ParquetConvertible {
  /// The same 16 bytes.
  public init?(parquetForm: ParquetUUID) {
    self.init(uuid: unsafeBitCast(parquetForm.number.bigEndian, to: uuid_t.self))
  }

  /// The same 16 bytes.
  public var parquetForm: ParquetUUID? {
    ParquetUUID(number: UInt128(bigEndian: unsafeBitCast(uuid, to: UInt128.self)))
  }
}

/// A DECIMAL.
extension Decimal: ParquetConvertible {
  /// The same number.
  public init?(parquetForm: ParquetDecimal) {
    guard let number = Decimal(string: parquetForm.description) else { return nil }
    self = number
  }

  /// The same number; nil when 128 bits do not hold its digits.
  public var parquetForm: ParquetDecimal? {
    guard isFinite else { return nil }
    var whole = self
    let scale = max(0, -exponent)
    if scale > 0 { whole = Decimal(sign: .plus, exponent: scale, significand: self) }
    return Int128("\(whole)").map { ParquetDecimal(unscaled: $0, scale: Int32(scale)) }
  }
}

/// A string.
extension URL: ParquetConvertible {
  /// The URL that the text is.
  public init?(parquetForm: String) {
    self.init(string: parquetForm)
  }

  /// The URL as text.
  public var parquetForm: String? { absoluteString }
}

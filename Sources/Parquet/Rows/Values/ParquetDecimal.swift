/// A decimal number, from a DECIMAL column: `unscaled` times ten to the power of minus `scale`.
///
/// Two decimals are equal when digits and scale are: 1.0 and 1.00 differ.
public struct ParquetDecimal: Sendable, Hashable, Codable {
  /// The digits as an integer.
  public var unscaled: Int128
  /// How many of the digits stand behind the point.
  public var scale: Int32

  /// Creates a decimal number.
  ///
  /// - Parameters:
  ///   - unscaled: the digits as an integer.
  ///   - scale: how many of the digits stand behind the point.
  public init(unscaled: Int128, scale: Int32) {
    self.unscaled = unscaled
    self.scale = scale
  }

  /// The nearest `Double`.
  public var doubleValue: Double {
    // Through text: a quotient of two rounded numbers may be off by the last bit.
    Double("\(unscaled)e\(-Int64(scale))") ?? .nan
  }

  /// The same number with another scale.
  ///
  /// - Parameter scale: digits behind the point.
  /// - Returns: nil when digits would be lost or 128 bits do not suffice.
  public func rescaled(to scale: Int32) -> ParquetDecimal? {
    var number = unscaled
    let difference = Int64(scale) - Int64(self.scale)
    if number == 0 { return ParquetDecimal(unscaled: 0, scale: scale) }
    guard abs(difference) <= 38 else { return nil }
    for _ in 0..<abs(difference) {
      if difference > 0 {
        let (larger, overflow) = number.multipliedReportingOverflow(by: 10)
        guard !overflow else { return nil }
        number = larger
      } else {
        let (smaller, rest) = number.quotientAndRemainder(dividingBy: 10)
        guard rest == 0 else { return nil }
        number = smaller
      }
    }
    return ParquetDecimal(unscaled: number, scale: scale)
  }

  /// Decodes two's complement, most significant byte first; nil when 128 bits do not suffice.
  init?(bigEndian bytes: UnsafeRawBufferPointer, scale: Int32) {
    let sign: UInt8 = (bytes.first ?? 0) >= 0x80 ? 0xff : 0
    let extra = max(0, bytes.count - 16)
    guard bytes.prefix(extra).allSatisfy({ $0 == sign }) else { return nil }
    var bits: UInt128 = sign == 0 ? 0 : .max
    for byte in bytes.dropFirst(extra) { bits = bits << 8 | UInt128(byte) }
    let number = Int128(truncatingIfNeeded: bits)
    guard (number < 0) == (sign != 0) else { return nil }
    self.init(unscaled: number, scale: scale)
  }

  /// Two's complement, most significant byte first, in `length` bytes; nil when they do not suffice.
  func bigEndian(length: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: unscaled < 0 ? 0xff : 0, count: length)
    var rest = unscaled
    for index in stride(from: length - 1, through: max(0, length - 16), by: -1) {
      bytes[index] = UInt8(truncatingIfNeeded: rest)
      rest >>= 8
    }
    guard length >= 16 || rest == (unscaled < 0 ? -1 : 0), length > 0, (bytes[0] >= 0x80) == (unscaled < 0) else {
      return nil
    }
    return bytes
  }
}

extension ParquetDecimal: CustomStringConvertible {
  /// The number in digits, all of the scale included; with an exponent where the scale is negative or huge.
  public var description: String {
    guard scale != 0 else { return "\(unscaled)" }
    guard (1...1000).contains(scale) else { return "\(unscaled)e\(-Int64(scale))" }
    var digits = padded(unscaled.magnitude, Int(scale) + 1)
    digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -Int(scale)))
    return unscaled < 0 ? "-" + digits : digits
  }
}

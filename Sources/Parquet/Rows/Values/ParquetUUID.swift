/// A universally unique identifier, from a UUID column.
public struct ParquetUUID: Sendable, Hashable, Codable {
  /// The 16 bytes as a number, the first byte most significant.
  public var number: UInt128

  /// Creates an identifier.
  ///
  /// - Parameter number: the 16 bytes as a number, the first byte most significant.
  public init(number: UInt128) {
    self.number = number
  }

  /// Creates an identifier from its usual text.
  ///
  /// - Parameter text: 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12, joined by hyphens.
  /// - Returns: nil for other texts.
  public init?(_ text: String) {
    let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard groups.map(\.count) == [8, 4, 4, 4, 12] else { return nil }
    number = 0
    for digit in groups.joined() {
      guard let value = Character(UnicodeScalar(digit)).hexDigitValue else { return nil }
      number = number << 4 | UInt128(value)
    }
  }

  /// Decodes 16 bytes.
  init(bytes place: UnsafeRawPointer) {
    number = place.loadUnaligned(as: UInt128.self).bigEndian
  }

  var bytes: [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
}

extension ParquetUUID: CustomStringConvertible {
  /// The usual text, in lower case.
  public var description: String {
    let digits = Array(
      String(repeating: "0", count: number.leadingZeroBitCount / 4) + (number == 0 ? "" : String(number, radix: 16))
    )
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
  }
}

public import ByteBuffers
internal import Glibc

/// Hashes of values: XXH64 with seed 0 of their PLAIN bytes.
///
/// Source: parquet-format, BloomFilter.md, "Hash function" of Parquet.
extension BloomFilter {
  /// Hashes a value.
  ///
  /// - Parameter value: its PLAIN bytes, little-endian for numbers; those of a BYTE_ARRAY without its length.
  /// - Returns: what ``insert(hash:)`` and ``mightContain(hash:)`` take.
  public static func hash(_ value: UnsafeRawBufferPointer) -> UInt64 {
    guard let base = value.baseAddress else { return hashOfNothing }
    return XXHash64.hash(base, count: value.count)
  }

  /// Hashes a value.
  ///
  /// - Parameter value: its PLAIN bytes, little-endian for numbers; those of a BYTE_ARRAY without its length.
  /// - Returns: what ``insert(hash:)`` and ``mightContain(hash:)`` take.
  public static func hash(_ value: Bytes) -> UInt64 {
    XXHash64.hash(value.base, count: value.count)
  }

  /// Hashes the value of an INT32 column.
  public static func hash(_ value: Int32) -> UInt64 {
    withUnsafeBytes(of: value.littleEndian) { hash($0) }
  }

  /// Hashes the value of an INT64 column.
  public static func hash(_ value: Int64) -> UInt64 {
    withUnsafeBytes(of: value.littleEndian) { hash($0) }
  }

  /// Hashes the value of a FLOAT column; 0 and -0 are different values to a filter.
  public static func hash(_ value: Float) -> UInt64 {
    withUnsafeBytes(of: value.bitPattern.littleEndian) { hash($0) }
  }

  /// Hashes the value of a DOUBLE column; 0 and -0 are different values to a filter.
  public static func hash(_ value: Double) -> UInt64 {
    withUnsafeBytes(of: value.bitPattern.littleEndian) { hash($0) }
  }

  /// Hashes text.
  public static func hash(_ value: String) -> UInt64 {
    Array(value.utf8).withUnsafeBytes { hash($0) }
  }

  /// XXH64 of no bytes, which may come without an address.
  private static let hashOfNothing: UInt64 = 0xef46_db37_51d8_e999

  static func ln(_ value: Double) -> Double { log(value) }

  static func eighthRoot(_ value: Double) -> Double { value.squareRoot().squareRoot().squareRoot() }
}

/// Tables for checksums that are remainders of a polynomial, the lowest bit first.
///
/// Table `i` says what a byte becomes with `i` more bytes behind it, so that eight bytes are taken at a time.
struct RemainderTables: Sendable {
  private let tables: [UInt64]

  /// Makes the tables.
  ///
  /// - Parameter polynomial: its bits turned round, without the highest.
  init(_ polynomial: UInt64) {
    var tables = [UInt64](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var remainder = UInt64(byte)
      for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 0 ? 0 : polynomial) }
      tables[byte] = remainder
    }
    for place in 256..<tables.count {
      let before = tables[place - 256]
      tables[place] = before >> 8 ^ tables[Int(before & 0xff)]
    }
    self.tables = tables
  }

  static let crc32 = RemainderTables(0xEDB8_8320)
  static let crc32c = RemainderTables(0x82F6_3B78)
  static let crc64nvme = RemainderTables(0x9A6C_9329_AC4B_C9B5)

  /// The remainder after more bytes.
  func update(_ remainder: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
    tables.withUnsafeBufferPointer { tables in
      var (remainder, at) = (remainder, 0)
      while bytes.count - at >= 8 {
        var word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)) ^ remainder
        remainder = 0
        for place in 0..<8 {
          remainder ^= tables[(7 &- place) &* 256 &+ Int(word & 0xff)]
          word >>= 8
        }
        at &+= 8
      }
      while at < bytes.count {
        remainder = remainder >> 8 ^ tables[Int((remainder ^ UInt64(bytes[at])) & 0xff)]
        at &+= 1
      }
      return remainder
    }
  }
}

internal import CZlib

/// The checksum of a page: CRC-32, with gzip's polynomial, of its body as it lies in the file.
///
/// It covers compressed bytes and, in pages of version 2, the levels before them, but not the page header.
enum PageChecksum {
  /// The checksum of a body that consists of `pieces`.
  static func of(_ pieces: UnsafeRawBufferPointer...) -> UInt32 {
    var sum: UInt = 0
    // zlib takes a null pointer, which an empty piece may have, for a wish to start anew.
    for piece in pieces where piece.count > 0 {
      sum = crc32_z(sum, piece.baseAddress?.assumingMemoryBound(to: UInt8.self), piece.count)
    }
    return UInt32(truncatingIfNeeded: sum)
  }
}

internal import CDeflate

/// The checksum of a page: CRC-32, with gzip's polynomial, of its body as it lies in the file.
///
/// It covers compressed bytes and, in pages of version 2, the levels before them, but not the page header. libdeflate
/// multiplies without carry where the processor can, which makes a checksum cost less than a copy; zlib's tables would
/// cost more than everything else that is done to an uncompressed page.
enum PageChecksum {
  /// The checksum of a body that consists of `pieces`.
  static func of(_ pieces: UnsafeRawBufferPointer...) -> UInt32 {
    of(pieces)
  }

  /// The checksum of a body that consists of `pieces`.
  static func of(_ pieces: [UnsafeRawBufferPointer]) -> UInt32 {
    var sum: UInt32 = 0
    // A null pointer, which an empty piece may have, is a wish to start anew.
    for piece in pieces where piece.count > 0 { sum = libdeflate_crc32(sum, piece.baseAddress, piece.count) }
    return sum
  }
}

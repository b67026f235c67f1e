internal import ByteBuffers
internal import CSnappy

/// Raw Snappy blocks: a varint with the uncompressed length, then literals and copies.
enum Snappy {
  /// The uncompressed length that a block states; nil when there is none.
  static func statedLength(_ source: UnsafeRawBufferPointer) -> Int? {
    var length = 0
    let start = source.baseAddress?.assumingMemoryBound(to: CChar.self)
    return snappy_uncompressed_length(start, source.count, &length) == SNAPPY_OK ? length : nil
  }

  /// Decompresses a block that states no more bytes than `target` has.
  static func decompress(
    _ source: UnsafeRawBufferPointer,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ParquetError) -> Int {
    var length = target.count
    let status = snappy_uncompress(
      source.baseAddress?.assumingMemoryBound(to: CChar.self),
      source.count,
      target.baseAddress?.assumingMemoryBound(to: CChar.self),
      &length
    )
    guard status == SNAPPY_OK else {
      throw .corrupt("A SNAPPY page cannot be decompressed: its block of \(source.count) bytes is broken.")
    }
    return length
  }

  static func compress(_ source: UnsafeRawBufferPointer, into output: inout ByteWriter) throws(ParquetError) {
    var size = snappy_max_compressed_length(source.count)
    let target = output.reserve(size)
    let status = snappy_compress(
      source.baseAddress?.assumingMemoryBound(to: CChar.self),
      source.count,
      target.assumingMemoryBound(to: CChar.self),
      &size
    )
    guard status == SNAPPY_OK else { throw Compressor.tooLarge(.snappy, source.count) }
    output.advance(size)
  }
}

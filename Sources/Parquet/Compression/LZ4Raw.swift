internal import ByteBuffers
internal import CLZ4

/// Bare LZ4 blocks, which state neither of their sizes.
enum LZ4Raw {
  static func decompress(
    _ source: UnsafeRawBufferPointer,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ParquetError) -> Int {
    guard let count = block(source, into: target) else {
      throw .corrupt("An LZ4_RAW page cannot be decompressed: it is broken or holds more bytes than its header states.")
    }
    return count
  }

  /// Decompresses one block; nil when it is broken or has more bytes than `target`.
  static func block(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
    let count = LZ4_decompress_safe(
      source.baseAddress?.assumingMemoryBound(to: CChar.self),
      target.baseAddress?.assumingMemoryBound(to: CChar.self),
      Int32(clamping: source.count),
      Int32(clamping: target.count)
    )
    return count < 0 ? nil : Int(count)
  }

  /// Appends one block.
  ///
  /// - Returns: its size.
  @discardableResult
  static func compress(_ source: UnsafeRawBufferPointer, into output: inout ByteWriter) throws(ParquetError) -> Int {
    // The bound is 0 for what is too large for a block.
    guard let count = Int32(exactly: source.count), case let capacity = LZ4_compressBound(count), capacity > 0 else {
      throw Compressor.tooLarge(.lz4Raw, source.count)
    }
    let size = LZ4_compress_default(
      source.baseAddress?.assumingMemoryBound(to: CChar.self),
      output.reserve(Int(capacity)).assumingMemoryBound(to: CChar.self),
      count,
      capacity
    )
    guard size > 0 else { throw Compressor.tooLarge(.lz4Raw, source.count) }
    output.advance(Int(size))
    return Int(size)
  }
}

internal import ByteBuffers
internal import CZstd

/// Zstandard frames, one or more; a frame may lack its content size, so that the page header's counts.
enum Zstd {
  /// Levels; negative ones are faster and weaker.
  static var levels: ClosedRange<Int> { Int(ZSTD_minCLevel())...Int(ZSTD_maxCLevel()) }

  static func decompress(
    _ source: UnsafeRawBufferPointer,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ParquetError) -> Int {
    let written = ZstdContexts.shared.withDecompression { context in
      ZSTD_decompressDCtx(context, target.baseAddress, target.count, source.baseAddress, source.count)
    }
    guard let written else { throw Decompressor.noMemory(.zstd) }
    guard ZSTD_isError(written) == 0 else {
      throw .corrupt("A ZSTD page cannot be decompressed: \(String(cString: ZSTD_getErrorName(written))).")
    }
    return written
  }

  static func compress(
    _ source: UnsafeRawBufferPointer,
    level: Int,
    context: OpaquePointer,
    into output: inout ByteWriter
  ) throws(ParquetError) {
    let capacity = ZSTD_compressBound(source.count)
    let target = output.reserve(capacity)
    let size = ZSTD_compressCCtx(
      context,
      target,
      capacity,
      source.baseAddress,
      source.count,
      Int32(clamping: level)
    )
    guard ZSTD_isError(size) == 0 else {
      throw ParquetError(
        .unsupported,
        "ZSTD cannot compress a page of \(source.count) bytes: \(String(cString: ZSTD_getErrorName(size)))."
      )
    }
    output.advance(size)
  }
}

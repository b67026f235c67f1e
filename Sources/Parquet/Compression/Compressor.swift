internal import ByteBuffers
internal import CSnappy
internal import CZstd

/// Compresses page bodies into a buffer of its own, with one zstd context; the leaves of a writer share it.
final class Compressor {
  private let contexts: CompressorContexts
  private var context: OpaquePointer?
  private var output: ByteWriter

  init(contexts: CompressorContexts = .shared, pool: BufferPool) {
    self.contexts = contexts
    output = ByteWriter(pool: pool)
  }

  deinit {
    if let context { contexts.give(back: context) }
  }

  /// Whether pages can be compressed with a codec.
  static func supports(_ codec: CompressionCodec) -> Bool {
    [.uncompressed, .snappy, .zstd].contains(codec)
  }

  /// Levels that zstd knows; negative ones are faster and weaker.
  static var zstdLevels: ClosedRange<Int> { Int(ZSTD_minCLevel())...Int(ZSTD_maxCLevel()) }

  /// Compresses `source`.
  ///
  /// - Returns: the compressed bytes, valid until the next call.
  func compress(
    _ source: UnsafeRawBufferPointer,
    _ codec: CompressionCodec,
    level: Int
  ) throws(ParquetError) -> UnsafeRawBufferPointer {
    output.removeAll()
    switch codec {
    case .snappy: try compressSnappy(source)
    case .zstd: try compressZstd(source, level: level)
    default: throw ParquetError(.unsupported, "Pages cannot be compressed with \(codec); use SNAPPY or ZSTD.")
    }
    return UnsafeRawBufferPointer(start: UnsafeRawPointer(output.base), count: output.count)
  }

  private func compressSnappy(_ source: UnsafeRawBufferPointer) throws(ParquetError) {
    var size = snappy_max_compressed_length(source.count)
    let target = output.reserve(size)
    let status = snappy_compress(
      source.baseAddress?.assumingMemoryBound(to: CChar.self),
      source.count,
      target.assumingMemoryBound(to: CChar.self),
      &size
    )
    guard status == SNAPPY_OK else {
      throw ParquetError(.unsupported, "Snappy cannot compress a page of \(source.count) bytes; use smaller pages.")
    }
    output.advance(size)
  }

  private func compressZstd(_ source: UnsafeRawBufferPointer, level: Int) throws(ParquetError) {
    if context == nil { context = contexts.take() }
    guard let context else { throw ParquetError(.limitExceeded, "There is no memory for a zstd context.") }
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
        "zstd cannot compress a page of \(source.count) bytes: \(String(cString: ZSTD_getErrorName(size)))."
      )
    }
    output.advance(size)
  }
}

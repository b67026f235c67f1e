internal import ByteBuffers

/// Compresses page bodies into a buffer of its own, with one zstd context; one page at a time.
final class Compressor: @unchecked Sendable {
  // Sendable: it has one user at a time, which took it from the others.

  /// What pages can be compressed with, or left without.
  static let codecs: [CompressionCodec] = [.uncompressed, .snappy, .gzip, .brotli, .lz4, .zstd, .lz4Raw]

  /// Bytes from which on keeping a block costs less than copying out of it.
  private static let adoptedBytes = 64 << 10

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

  /// Whether pages can be compressed with a codec, or left without.
  static func supports(_ codec: CompressionCodec) -> Bool {
    codecs.contains(codec)
  }

  /// The levels of a codec, higher ones being slower and stronger; nil when it has none.
  static func levels(of codec: CompressionCodec) -> ClosedRange<Int>? {
    switch codec {
    case .gzip: 0...9
    case .brotli: 0...11
    case .zstd: Zstd.levels
    default: nil
    }
  }

  /// The level that is used where none is given; nil when the codec has none.
  static func defaultLevel(of codec: CompressionCodec) -> Int? {
    switch codec {
    case .gzip: 6
    // From 10 on Brotli takes many times as long for little.
    case .brotli: 5
    case .zstd: 3
    default: nil
    }
  }

  /// Compresses `source`.
  ///
  /// - Parameters:
  ///   - source: the bytes.
  ///   - codec: what to compress with.
  ///   - level: one of the codec's levels; nil for its default.
  /// - Returns: the compressed bytes, valid until the next call.
  func compress(
    _ source: UnsafeRawBufferPointer,
    _ codec: CompressionCodec,
    level: Int?
  ) throws(ParquetError) -> UnsafeRawBufferPointer {
    output.removeAll()
    let level = level ?? Compressor.defaultLevel(of: codec) ?? 0
    switch codec {
    case .snappy: try Snappy.compress(source, into: &output)
    case .gzip: try Gzip.compress(source, level: level, into: &output)
    case .brotli: try Brotli.compress(source, level: level, into: &output)
    case .lz4: try LegacyLZ4.compress(source, into: &output)
    case .lz4Raw: try LZ4Raw.compress(source, into: &output)
    case .zstd: try compressZstd(source, level: level)
    default:
      throw ParquetError(.unsupported, "Pages cannot be compressed with \(codec); use ZSTD or another codec.")
    }
    return UnsafeRawBufferPointer(start: UnsafeRawPointer(output.base), count: output.count)
  }

  /// Hands out what was compressed last, and goes on with other memory, if little of its block is empty.
  ///
  /// - Returns: the bytes; nil where they should be copied, since they would hold on to a much larger block.
  func takeIfFull() -> Bytes? {
    guard output.count >= Compressor.adoptedBytes, output.count >= output.capacity / 4 * 3 else { return nil }
    return output.take()
  }

  private func compressZstd(_ source: UnsafeRawBufferPointer, level: Int) throws(ParquetError) {
    if context == nil { context = contexts.take() }
    guard let context else { throw Compressor.noMemory(.zstd) }
    try Zstd.compress(source, level: level, context: context, into: &output)
  }

  static func tooLarge(_ codec: CompressionCodec, _ count: Int) -> ParquetError {
    ParquetError(.unsupported, "\(codec) cannot compress a page of \(count) bytes; use smaller pages.")
  }

  static func noMemory(_ codec: CompressionCodec) -> ParquetError {
    ParquetError(.limitExceeded, "There is no memory to compress with \(codec).")
  }
}

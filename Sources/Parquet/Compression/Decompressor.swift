internal import ByteBuffers

/// Decompresses page bodies into pooled buffers.
enum Decompressor {
  /// Decompresses `input`, which must yield exactly `size` bytes.
  static func decompress(_ input: Bytes, codec: CompressionCodec, size: Int) throws(ParquetError) -> Bytes {
    guard codec != .uncompressed else {
      guard input.count == size else {
        throw .corrupt("An uncompressed page has \(input.count) bytes and states \(size).")
      }
      return input
    }
    // Nothing at all is a compressed form of nothing, whatever the codec says of it.
    if input.count == 0, size == 0, Compressor.supports(codec) { return input }
    try check(input, codec, size)
    let block = BufferPool.shared.take(size)
    try decompress(input, codec: codec, size: size, into: block.base)
    return Bytes(block, count: size)
  }

  /// Decompresses `input`, which must yield exactly `size` bytes, to where `target` has room for them.
  static func decompress(
    _ input: Bytes,
    codec: CompressionCodec,
    size: Int,
    into target: UnsafeMutableRawPointer
  ) throws(ParquetError) {
    try check(input, codec, size)
    try input.withUnsafeBytes { source throws(ParquetError) in
      let written = try decompress(source, codec, into: UnsafeMutableRawBufferPointer(start: target, count: size))
      guard written == size else {
        throw .corrupt("A page decompresses with \(codec) to \(written) bytes and states \(size).")
      }
    }
  }

  /// Refuses codecs that are not known, and sizes that cannot come out of the input.
  private static func check(_ input: Bytes, _ codec: CompressionCodec, _ size: Int) throws(ParquetError) {
    guard Compressor.supports(codec) else { throw refusal(codec) }
    try input.withUnsafeBytes { source throws(ParquetError) in try checkSize(source, codec, size) }
  }

  /// Decompresses into `target`, which a longer result does not fit.
  private static func decompress(
    _ source: UnsafeRawBufferPointer,
    _ codec: CompressionCodec,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ParquetError) -> Int {
    switch codec {
    case .snappy: try Snappy.decompress(source, into: target)
    case .gzip: try Gzip.decompress(source, into: target)
    case .brotli: try Brotli.decompress(source, into: target)
    case .lz4: try LegacyLZ4.decompress(source, into: target)
    case .zstd: try Zstd.decompress(source, into: target)
    case .lz4Raw: try LZ4Raw.decompress(source, into: target)
    default: throw refusal(codec)
    }
  }

  /// Refuses sizes that cannot come out of the input, before memory is taken for them.
  private static func checkSize(
    _ source: UnsafeRawBufferPointer,
    _ codec: CompressionCodec,
    _ size: Int
  ) throws(ParquetError) {
    guard let count = Int32(exactly: source.count), Int32(exactly: size) != nil, size >= 0 else {
      throw .corrupt("A page of \(source.count) bytes in \(codec) states \(size); page sizes have 31 bits.")
    }
    if let most = largestOutput(of: Int(count), codec), size > most {
      throw .corrupt("A page states \(size) bytes, which \(count) bytes in \(codec) cannot yield; \(most) is the most.")
    }
    if codec == .snappy {
      let stated = Snappy.statedLength(source)
      guard stated == size else {
        let found = stated.map { "\($0) bytes" } ?? "no length"
        throw .corrupt("A SNAPPY page states \(size) bytes in its header and \(found) in its block.")
      }
    }
  }

  /// The most bytes that `count` bytes can yield; nil where a few bytes may stand for any number.
  private static func largestOutput(of count: Int, _ codec: CompressionCodec) -> Int? {
    switch codec {
    // An element of three bytes copies 64.
    case .snappy: count * 64 / 3
    // Two bits, one for the length and one for the distance, copy 258 bytes.
    case .gzip: count * 1032
    // A byte lengthens a copy by 255; everything else yields less a byte.
    case .lz4, .lz4Raw: count * 255
    // A block has at least four bytes and holds at most 128 KiB.
    case .zstd: count * 32_768
    default: nil
    }
  }

  private static func refusal(_ codec: CompressionCodec) -> ParquetError {
    codec == .lzo
      ? ParquetError(
        .unsupported,
        "Pages are compressed with LZO, which nobody supports; have the file written again with another codec,"
          + " such as ZSTD."
      )
      : ParquetError(
        .unsupported,
        "Pages are compressed with codec \(codec.rawValue), which is not known; 0 to 7 are, LZO (3) excepted."
          + " Have the file written again with one of these, such as ZSTD (6)."
      )
  }

  static func noMemory(_ codec: CompressionCodec) -> ParquetError {
    ParquetError(.storage, "There is no memory to decompress \(codec).")
  }
}

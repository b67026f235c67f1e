internal import ByteBuffers

/// PLAIN values of a fixed width that are still in the file, or still compressed: they go straight to their places in a
/// column, without a page in between.
final class PendingValues {
  private enum Place {
    /// As they are, from this offset of the file on.
    case file(PageStream, Int)
    /// The whole section, compressed.
    case block(Bytes, CompressionCodec)
  }

  private let place: Place
  private let width: Int
  /// Bytes of all values.
  private let size: Int
  /// Bytes of the values that were taken.
  private var at = 0
  /// Decodes the rest where it had to be decompressed or read for itself.
  private var decoder: PlainFixedDecoder?

  /// Values that lie in the file as they are.
  init(_ stream: PageStream, offset: Int, size: Int, width: Int) {
    place = .file(stream, offset)
    self.size = size
    self.width = width
  }

  /// Values that are compressed together, and nothing else with them.
  init(_ block: Bytes, codec: CompressionCodec, size: Int, width: Int) {
    place = .block(block, codec)
    self.size = size
    self.width = width
  }

  /// Appends `count` values to a builder that has room for them, densely.
  func decode(_ count: Int, into builder: ColumnBuilder) async throws(ParquetError) {
    if decoder == nil {
      guard count <= (size - at) / width else { throw ValueDecoder.tooFew(count) }
      let bytes = count * width
      switch place {
      case .file(let stream, let offset):
        let (block, start) = builder.place
        try await stream.read(offset + at..<offset + at + bytes, into: block, at: start)
        at += bytes
        return
      case .block(let block, let codec):
        guard at == 0, bytes == size else { break }
        try Decompressor.decompress(block, codec: codec, size: size, into: builder.nextSlot)
        at = size
        return
      }
    }
    try await rest().decode(count, into: builder)
  }

  /// The next values where they may stay in a page that was decompressed for several batches.
  func run(_ count: Int) throws(ParquetError) -> Bytes? {
    guard case .block(let block, let codec) = place, count * width < size || decoder != nil else { return nil }
    return try decompressed(block, codec).run(count)
  }

  /// Steps over `count` values.
  func skip(_ count: Int) async throws(ParquetError) {
    if let decoder { return try decoder.skip(count) }
    guard count <= (size - at) / width else { throw ValueDecoder.tooFew(count) }
    if case .file = place {
      at += count * width
    } else if at > 0 || count * width < size {
      try await rest().skip(count)
    } else {
      at = size
    }
  }

  /// What decodes the values that were not taken yet, for callers that take them in small parts.
  func rest() async throws(ParquetError) -> PlainFixedDecoder {
    if let decoder { return decoder }
    switch place {
    case .file(let stream, let offset):
      let made = PlainFixedDecoder(try await stream.read(offset + at..<offset + size), width: width)
      decoder = made
      return made
    case .block(let block, let codec): return try decompressed(block, codec)
    }
  }

  private func decompressed(_ block: Bytes, _ codec: CompressionCodec) throws(ParquetError) -> PlainFixedDecoder {
    if let decoder { return decoder }
    let made = PlainFixedDecoder(try Decompressor.decompress(block, codec: codec, size: size), width: width)
    try made.skip(at / width)
    decoder = made
    return made
  }
}

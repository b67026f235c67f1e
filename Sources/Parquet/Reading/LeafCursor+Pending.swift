internal import ByteBuffers

/// Pages of plain values of a fixed width, which need no page in memory between the file and a column.
extension LeafCursor {
  #if EXACT_BUFFERS
    // The small files that fuzzers make take this way too.
    private static let smallestInFile = 16
  #else
    /// Bytes of a page from which on reading it to its place is worth a call of its own.
    private static let smallestInFile = 64 << 10
  #endif

  private var hasPlaceableValues: Bool { readsInPlace && leaf.slotWidth > 0 && leaf.type != .boolean }

  /// Whether values of the chunk are read to their places, so that only headers and levels are fetched beside them.
  var isChunkInPlace: Bool {
    guard let chunk, hasPlaceableValues, context.isLocal, !context.options.verifiesChecksums else { return false }
    return chunk.codec == .uncompressed && chunk.dictionaryPageOffset == nil
      && chunk.uncompressedSize >= LeafCursor.smallestInFile
  }

  /// Opens a page whose values stay in the file until they are asked for; nil for others.
  func openInFile(_ place: PageStream.Place) async throws(ParquetError) -> OpenPage? {
    let header = place.header
    guard isChunkInPlace, let stream, header.compressedSize >= LeafCursor.smallestInFile,
      header.uncompressedSize == header.compressedSize, let levelBytes = try await levelBytes(place, stream)
    else { return nil }
    try stream.checkSize(place)
    let pending = PendingValues(
      stream,
      offset: place.offset + header.headerSize + levelBytes,
      size: header.compressedSize - levelBytes,
      width: leaf.slotWidth
    )
    let levels = try await stream.beginning(place, count: levelBytes)
    stream.levelBytes = levelBytes
    return try OpenPage(header, levels: levels, leaf: leaf, pending: pending)
  }

  /// Bytes of a page's levels, lengths included; nil where they can only be told from the whole page.
  private func levelBytes(_ place: PageStream.Place, _ stream: PageStream) async throws(ParquetError) -> Int? {
    let size = place.header.compressedSize
    switch place.header.kind {
    case .dataV1(let page):
      guard page.encoding == .plain else { return nil }
      var end = 0
      let kinds = [
        (leaf.maxRepetitionLevel, page.repetitionLevels), (leaf.maxDefinitionLevel, page.definitionLevels),
      ]
      for (maximum, encoding) in kinds where maximum > 0 {
        guard encoding == .rle, size - end >= 4 else { return nil }
        let bytes = try await stream.beginning(place, count: end + 4)
        let length = Int((bytes.base + end).loadUnaligned(as: UInt32.self))
        guard length <= size - end - 4 else { return nil }
        end += 4 + length
      }
      return end
    case .dataV2(let page):
      let end = page.repetitionLevelBytes + page.definitionLevelBytes
      return page.encoding == .plain && end <= size ? end : nil
    case .dictionary, .other: return nil
    }
  }

  /// Opens a page whose values stay compressed until they are asked for; nil for others.
  func openCompressed(_ page: RawPage, _ codec: CompressionCodec) throws(ParquetError) -> OpenPage? {
    guard hasPlaceableValues, codec != .uncompressed else { return nil }
    let levelBytes: Int
    switch page.header.kind {
    case .dataV1(let data):
      // Levels are compressed together with the values.
      guard data.encoding == .plain, leaf.maxRepetitionLevel == 0, leaf.maxDefinitionLevel == 0 else { return nil }
      levelBytes = 0
    case .dataV2(let data):
      levelBytes = data.repetitionLevelBytes + data.definitionLevelBytes
      guard data.encoding == .plain, data.isCompressed, levelBytes < page.body.count,
        levelBytes <= page.header.uncompressedSize
      else { return nil }
    case .dictionary, .other: return nil
    }
    let pending = PendingValues(
      page.body[levelBytes..<page.body.count],
      codec: codec,
      size: page.header.uncompressedSize - levelBytes,
      width: leaf.slotWidth
    )
    return try OpenPage(page.header, levels: page.body[0..<levelBytes], leaf: leaf, pending: pending)
  }
}

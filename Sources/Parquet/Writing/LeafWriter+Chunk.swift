internal import ByteBuffers

/// A complete column chunk, whose offsets count from its own start.
struct WrittenChunk {
  var bytes: [Bytes]
  var metadata: ColumnChunk
  var pageCounts: [PageEncodingCount]
}

extension LeafWriter {
  /// Ends the chunk and begins the next one.
  func finishChunk() throws(ParquetError) -> WrittenChunk {
    do {
      try finishPage()
      let dictionaryPage = try storeDictionary()
      let dictionarySize = dictionaryPage.reduce(0) { $0 + $1.count }
      let compressedSize = dictionarySize + pages.count
      let metadata = ColumnChunk(
        type: plan.leaf.type,
        encodings: encodings(hasDictionary: dictionarySize > 0),
        codec: plan.column.codec,
        valueCount: Int64(chunk.entries),
        uncompressedSize: Int64(chunk.uncompressedBytes),
        compressedSize: Int64(compressedSize),
        dataPageOffset: Int64(dictionarySize),
        dictionaryPageOffset: dictionarySize > 0 ? 0 : nil,
        statistics: statistics()
      )
      let counts = pageCounts(hasDictionary: dictionarySize > 0)
      let bytes = dictionaryPage + pages.take()
      chunk = Chunk()
      bounds.removeAll()
      dictionary.removeAll()
      mode = plan.usesDictionary ? .dictionaryOnTrial : .plain
      return WrittenChunk(bytes: bytes, metadata: metadata, pageCounts: counts)
    } catch {
      throw error.located(column: plan.leaf.dottedPath)
    }
  }

  /// The dictionary page, which stands before the data pages; nothing when no page uses it.
  private func storeDictionary() throws(ParquetError) -> [Bytes] {
    guard chunk.dictionaryPages > 0 else { return [] }
    let entries = dictionary.closed
    var body = UnsafeRawBufferPointer(start: entries.base, count: entries.byteCount)
    if plan.column.codec != .uncompressed {
      body = try compressor.compress(body, plan.column.codec, level: plan.column.level)
    }
    let header = try PageHeader.encoded(
      .dictionary(valueCount: entries.count, encoding: .plain),
      uncompressedSize: entries.byteCount,
      compressedSize: body.count
    )
    chunk.uncompressedBytes += header.count + entries.byteCount
    var page = ByteWriter(capacity: header.count + body.count, pool: pool)
    page.append(header)
    page.append(body)
    return [page.take()]
  }

  private func encodings(hasDictionary: Bool) -> [Encoding] {
    var result: [Encoding] = []
    if hasDictionary || chunk.plainPages > 0 { result.append(.plain) }
    if plan.leaf.maxDefinitionLevel > 0 { result.append(.rle) }
    if hasDictionary { result.append(.rleDictionary) }
    return result
  }

  private func pageCounts(hasDictionary: Bool) -> [PageEncodingCount] {
    let dataPage: Int32 = plan.pageVersion == .v1 ? 0 : 3
    return [
      PageEncodingCount(pageType: 2, encoding: .plain, count: hasDictionary ? 1 : 0),
      PageEncodingCount(pageType: dataPage, encoding: .rleDictionary, count: chunk.dictionaryPages),
      PageEncodingCount(pageType: dataPage, encoding: .plain, count: chunk.plainPages),
    ].filter { $0.count > 0 }
  }

  private func statistics() -> Statistics? {
    guard plan.column.writesStatistics else { return nil }
    var result = Statistics()
    result.nullCount = Int64(chunk.entries - chunk.values)
    bounds.finish(into: &result)
    return result
  }
}

internal import ByteBuffers

/// A complete column chunk, whose offsets count from its own start.
struct WrittenChunk {
  /// A run of its bytes.
  enum Part {
    case bytes(Bytes)
    /// In the scratch space.
    case stored(Range<Int>)
  }

  /// Its bytes in order, but for those that went to the sink before.
  var parts: [Part]
  var metadata: ColumnChunk
  var pageCounts: [PageEncodingCount]
  /// Bounds of its pages, if they are known.
  var columnIndex: ColumnIndex?
  /// Places of its pages, if they are wanted.
  var offsetIndex: OffsetIndex?
  /// Bloom filter, header included.
  var filter: Bytes?
}

extension LeafWriter {
  /// Ends the chunk and begins the next one.
  func finishChunk() throws(ParquetError) -> WrittenChunk {
    do {
      try finishPage()
      let dictionaryPage = try storeDictionary()
      let dictionarySize = dictionaryPage.reduce(0) { $0 + $1.count }
      var metadata = ColumnChunk(
        type: plan.leaf.type,
        encodings: encodings(hasDictionary: dictionarySize > 0),
        codec: plan.column.codec,
        valueCount: Int64(chunk.entries),
        uncompressedSize: Int64(chunk.uncompressedBytes),
        compressedSize: Int64(dictionarySize + storedBytes),
        dataPageOffset: Int64(dictionarySize),
        dictionaryPageOffset: dictionarySize > 0 ? 0 : nil,
        statistics: statistics()
      )
      metadata.sizeStatistics = sizeStatistics()
      var written = WrittenChunk(
        parts: dictionaryPage.map { .bytes($0) } + chunk.stored.map { .stored($0) },
        metadata: metadata,
        pageCounts: pageCounts(hasDictionary: dictionarySize > 0)
      )
      written.parts += pages.take().map { .bytes($0) }
      if plan.column.writesPageIndex {
        written.columnIndex = index.columnIndex()
        written.offsetIndex = index.offsetIndex(start: metadata.dataPageOffset)
      }
      written.filter = finishFilter()
      startChunk()
      return written
    } catch {
      throw error.located(column: plan.leaf.dottedPath)
    }
  }

  private func startChunk() {
    chunk = Chunk()
    chunkBounds.removeAll()
    index = PageIndexCollector(plan.leaf, order: chunkBounds.order)
    filter = LeafWriter.emptyFilter(plan)
    dictionary.removeAll()
    mode = plan.usesDictionary ? .dictionaryOnTrial : .plain
  }

  /// The dictionary page, which stands before the data pages; nothing when no page uses it.
  private func storeDictionary() throws(ParquetError) -> [Bytes] {
    guard chunk.dictionaryPages > 0 else { return [] }
    let entries = dictionary.closed
    var body = UnsafeRawBufferPointer(start: entries.base, count: entries.byteCount)
    let compressor = compressors.take()
    defer { compressors.give(back: compressor) }
    if plan.column.codec != .uncompressed {
      body = try compressor.compress(body, plan.column.codec, level: plan.column.level)
    }
    let header = try PageHeader.encoded(
      .dictionary(valueCount: entries.count, encoding: .plain),
      uncompressedSize: entries.byteCount,
      compressedSize: body.count,
      checksum: plan.writesChecksums ? PageChecksum.of(body) : nil
    )
    chunk.uncompressedBytes += header.count + entries.byteCount
    var page = ByteWriter(capacity: header.count + body.count, pool: pool)
    page.append(header)
    page.append(body)
    return [page.take()]
  }

  /// Every encoding that occurs, in the order of their numbers: levels have one too, and so has the dictionary page.
  private func encodings(hasDictionary: Bool) -> [Encoding] {
    var result = Set(chunk.pages.keys)
    if hasDictionary { result.insert(.plain) }
    if plan.leaf.maxDefinitionLevel > 0 || plan.leaf.maxRepetitionLevel > 0 { result.insert(.rle) }
    return result.sorted { $0.rawValue < $1.rawValue }
  }

  private func pageCounts(hasDictionary: Bool) -> [PageEncodingCount] {
    let dataPage: Int32 = plan.pageVersion == .v1 ? 0 : 3
    let dictionaryPage = PageEncodingCount(pageType: 2, encoding: .plain, count: 1)
    let dataPages = chunk.pages.sorted { $0.key.rawValue > $1.key.rawValue }.map {
      PageEncodingCount(pageType: dataPage, encoding: $0.key, count: $0.value)
    }
    return (hasDictionary ? [dictionaryPage] : []) + dataPages
  }

  private func statistics() -> Statistics? {
    guard plan.column.writesStatistics else { return nil }
    var result = Statistics()
    result.nullCount = Int64(chunk.entries - chunk.values)
    chunkBounds.finish(into: &result)
    return result
  }

  private func sizeStatistics() -> SizeStatistics? {
    guard plan.writesSizeStatistics else { return nil }
    let result = SizeStatistics(
      unencodedByteArrayBytes: plan.leaf.type == .byteArray ? Int64(chunk.unencodedBytes) : nil,
      repetitionLevelHistogram: chunk.repetitionHistogram.isEmpty ? nil : chunk.repetitionHistogram,
      definitionLevelHistogram: chunk.definitionHistogram.isEmpty ? nil : chunk.definitionHistogram
    )
    return result == SizeStatistics() ? nil : result
  }

  private func finishFilter() -> Bytes? {
    guard var filter, let properties = plan.column.writesBloomFilter else { return nil }
    if properties.distinctValues == nil {
      filter.shrink(distinctValues: chunk.values, falsePositiveRate: properties.falsePositiveRate)
    }
    return filter.encoded()
  }
}

internal import ByteBuffers

extension LeafWriter {
  /// Brings the page's values to `values`, behind the headroom, and says how they are encoded.
  func finishValues() -> Encoding {
    guard plan.leaf.type != .boolean else { return finishBooleans() }
    guard page.values > 0 else { return .plain }
    if mode != .plain {
      if encodeIndices() { return .rleDictionary }
      // The page's own new entries never reach the dictionary page: `closed` stays as it was.
      startValues()
      dictionary.expandIndices(into: &values)
      mode = .plain
    }
    if filter != nil || plan.column.encoding != .plain { copyBorrowed() }
    let byteCount = values.count - headroom
    filter?.insert(plain: values.base + headroom, byteCount: byteCount, width: plan.filteredWidth)
    guard plan.column.encoding != .plain else { return .plain }
    transcoded.removeAll()
    _ = transcoded.reserve(headroom)
    transcoded.advance(headroom)
    PageTranscoder.encode(
      plan.column.encoding,
      plan.leaf,
      plain: values.base + headroom,
      byteCount: byteCount,
      count: page.values,
      into: &transcoded
    )
    swap(&values, &transcoded)
    return plan.column.encoding.encoding
  }

  private func finishBooleans() -> Encoding {
    let ones = booleans.ones
    bounds.addBooleans(hasFalse: ones < page.values, hasTrue: ones > 0)
    guard plan.column.encoding == .runLength, page.values > 0 else {
      values.append(UnsafeRawBufferPointer(start: booleans.base, count: booleans.byteCount))
      return .plain
    }
    RunLengthBooleanEncoder.encode(bits: booleans, into: &values)
    return .rle
  }

  /// Encodes the page's values as positions in the dictionary; false when the dictionary is to be given up.
  private func encodeIndices() -> Bool {
    if bounds.order != .none { collectBounds() }
    guard dictionary.byteCount <= plan.dictionaryBytes else { return false }
    // One byte says the width of the indices; it is never 0, which not every reader takes.
    let width = max(1, HybridEncoder.width(of: dictionary.count - 1))
    values.append(UInt8(width))
    dictionary.encodeIndices(width: width, into: &values)
    let encoded = values.count - headroom
    guard mode == .dictionary || encoded + dictionary.byteCount < page.plainBytes else { return false }
    mode = .dictionary
    let added = dictionary.added
    filter?.insert(plain: added.base, byteCount: added.byteCount, width: plan.filteredWidth)
    dictionary.closePage()
    return true
  }

  /// Takes the bounds of the page from the entries that it uses, and counts its NaN values if it has any.
  private func collectBounds() {
    dictionary.forEachUsedRun { base, byteCount, count in
      bounds.add(plain: base, byteCount: byteCount, count: count)
    }
    guard bounds.nanCount > 0 else { return }
    transcoded.removeAll()
    dictionary.expandIndices(into: &transcoded)
    bounds.recountNaN(plain: transcoded.base, count: page.values)
  }

  /// Adds the complete page to what is known of the chunk.
  func summarizePage() {
    var summary = PageSummary(rows: page.rows, entries: page.entries, values: page.values)
    if plan.leaf.type == .byteArray {
      summary.unencodedBytes = page.plainBytes - page.values * PlainEncoder.lengthBytes
    }
    if !plan.path.isFlat, plan.writesSizeStatistics || plan.column.writesPageIndex {
      summary.repetitionHistogram = repetitionHistogram()
      summary.definitionHistogram = definitionHistogram()
    }
    chunk.entries += page.entries
    chunk.values += page.values
    chunk.unencodedBytes += summary.unencodedBytes
    chunk.repetitionHistogram = LeafWriter.sum(chunk.repetitionHistogram, summary.repetitionHistogram)
    chunk.definitionHistogram = LeafWriter.sum(chunk.definitionHistogram, summary.definitionHistogram)
    chunk.largestPage.weight = max(chunk.largestPage.weight, page.weight)
    chunk.largestPage.entries = max(chunk.largestPage.entries, page.entries)
    chunkBounds.add(bounds)
    if plan.column.writesPageIndex { index.add(summary, bounds) }
  }

  /// Entries of each repetition level.
  private func repetitionHistogram() -> [Int64] {
    switch plan.leaf.maxRepetitionLevel {
    case 0: []
    // Each row begins with the one entry that has level 0.
    case 1: [Int64(page.rows), Int64(page.entries - page.rows)]
    default:
      LevelHistogram.of(repetitionLevels.base, count: page.entries, highest: plan.leaf.maxRepetitionLevel)
    }
  }

  /// Entries of each definition level; of the two of a nullable field, other counts say the same.
  private func definitionHistogram() -> [Int64] {
    let highest = plan.leaf.maxDefinitionLevel
    guard highest > 1 else { return [] }
    guard page.values < page.entries else { return Array(repeating: 0, count: highest) + [Int64(page.entries)] }
    completeDefinitionLevels()
    return LevelHistogram.of(definitionLevels.base, count: page.entries, highest: highest)
  }

  private static func sum(_ left: [Int64], _ right: [Int64]) -> [Int64] {
    left.isEmpty ? right : zip(left, right).map { $0 + $1 }
  }

  static func emptyFilter(_ plan: LeafPlan) -> BloomFilter? {
    plan.column.writesBloomFilter.map {
      BloomFilter(distinctValues: plan.filteredValues, falsePositiveRate: $0.falsePositiveRate)
    }
  }
}

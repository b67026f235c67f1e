internal import ByteBuffers

/// Walks the data pages of one leaf through one row group after the other.
final class LeafCursor {
  let leaf: LeafColumn
  let context: ReadingContext
  /// Whether plain values may go straight to their places.
  var readsInPlace = false
  /// The row group that is being read.
  private(set) var plan: RowGroupPlan?
  var stream: PageStream?
  private(set) var chunk: ColumnChunk?
  private var dictionary: Column?
  /// Entries that pages may still have; an upper bound once pages of lists were jumped over.
  var entriesLeftInChunk = 0
  /// A header that was read before it was clear what to do with its page.
  var pending: PageStream.Place?
  private var pageOffset = 0
  /// Number of chunks begun, which tells their dictionaries apart.
  private var chunks = 0
  /// Bytes of the budget that the page and the dictionary take.
  private var reserved = (page: 0, dictionary: 0)

  /// Where the pages are, as long as they are where the index says.
  var map: PageMap?
  var nextMapped = 0
  var hasJumped = false

  /// Rows of the row group that were begun, or stepped over.
  var rowsBegun = 0
  /// Whether the next entry has to be the first of a row.
  var mustBeginRow = true

  /// The page being decoded; callers take entries from it.
  var page: OpenPage?

  init(_ context: ReadingContext, leaf: LeafColumn) {
    self.context = context
    self.leaf = leaf
  }

  /// Gives back what it holds; the next row group has to be opened, though it be the same.
  func close() {
    plan = nil
    closePage()
    context.budget.release(reserved.dictionary)
    reserved.dictionary = 0
    dictionary = nil
    stream = nil
  }

  /// Begins a row group.
  func open(_ plan: RowGroupPlan) throws(ParquetError) {
    close()
    self.plan = plan
    pending = nil
    map = nil
    nextMapped = 0
    hasJumped = false
    rowsBegun = 0
    mustBeginRow = true
    entriesLeftInChunk = 0
    chunks += 1
    let reader = context.reader
    let chunk = reader.metadata.rowGroups[plan.rowGroup].columns[leaf.index]
    self.chunk = chunk
    do {
      try check(chunk, rows: reader.metadata.rowGroups[plan.rowGroup].rowCount)
      guard chunk.valueCount > 0 else { return }
      map = plan.pages[leaf.index]
      stream = try PageStream(
        reader.source,
        chunk: chunk,
        dataEnd: reader.footerStart,
        column: leaf.dottedPath,
        rowGroup: plan.rowGroup,
        options: context.options,
        wanted: map?.bytes(of: plan.rows, gap: LeafCursor.gap)
      )
    } catch {
      throw error.located(column: leaf.dottedPath, rowGroup: plan.rowGroup)
    }
    entriesLeftInChunk = Int(clamping: chunk.valueCount)
  }

  /// Bytes between two pages that are fetched rather than left out.
  private static let gap = 64 << 10

  /// Makes ``page`` hold entries; false at the end of the row group.
  func advance() async throws(ParquetError) -> Bool {
    while true {
      if let page, page.entriesLeft > 0 { return true }
      closePage()
      guard hasPages else { return false }
      do {
        try await nextPage()
      } catch {
        throw located(error)
      }
    }
  }

  func closePage() {
    page = nil
    context.budget.release(reserved.page)
    reserved.page = 0
  }

  /// What so many rows are going to hold, as far as the footer tells.
  func expectation(of parts: [RowPart]) -> ColumnBuilder.Expectation {
    var expected = ColumnBuilder.Expectation()
    for part in parts {
      let more = context.expectation(of: RowRanges.count(part.rows), leaf, part.plan.rowGroup)
      expected.slots += more.slots
      expected.dataBytes += more.dataBytes
    }
    return expected
  }

  /// Adds the place of the current page to an error.
  func located(_ error: ParquetError) -> ParquetError {
    error.located(column: leaf.dottedPath, rowGroup: plan?.rowGroup, offset: pageOffset)
  }

  var hasPages: Bool { map.map { nextMapped < $0.pages.count } ?? (entriesLeftInChunk > 0) }
  var isPageEmpty: Bool { (page?.entriesLeft ?? 0) == 0 }

  /// Whether every entry of the row group was taken.
  var isAtChunkEnd: Bool { isPageEmpty && !hasPages }

  /// Whether no entry behind those of ``page`` can go on with its last row.
  var isAtRowEnd: Bool { isPageEmpty && (leaf.maxRepetitionLevel == 0 || map != nil || !hasPages) }

  /// Counts rows that entries began.
  func countRows(_ begun: Int) throws(ParquetError) {
    let stated = plan?.rowCount ?? 0
    guard begun <= stated - rowsBegun else {
      throw .corrupt("The lists have more rows than their row group, which states \(stated).")
    }
    rowsBegun += begun
    mustBeginRow = false
  }

  private func check(_ chunk: ColumnChunk, rows: Int64) throws(ParquetError) {
    if let encryption = chunk.encryption {
      throw EncryptionInfo.columnError(encryption, in: context.reader.metadata.encryption)
    }
    guard chunk.filePath == nil else {
      throw ParquetError(.unsupported, "The values are in another file, '\(chunk.filePath ?? "")'.")
    }
    guard chunk.type == leaf.type else {
      throw .corrupt("The chunk holds \(chunk.type?.name ?? "nothing"); the schema says \(leaf.type.name).")
    }
    guard chunk.valueCount >= 0, leaf.maxRepetitionLevel > 0 || chunk.valueCount == rows else {
      throw .corrupt("The chunk has \(chunk.valueCount) values in a row group of \(rows) rows.")
    }
  }

  /// The header of the next page, which stays the next one.
  func peek() async throws(ParquetError) -> PageStream.Place {
    if let pending { return pending }
    guard let place = try await stream?.nextHeader(alone: isChunkInPlace) else {
      throw .corrupt("The chunk ends \(entriesLeftInChunk) values early.")
    }
    pending = place
    return place
  }

  /// Opens the next page, or reads the dictionary, or steps over a page of another kind.
  func nextPage() async throws(ParquetError) {
    let place = try await peek()
    pending = nil
    pageOffset = place.offset
    guard let chunk, let stream else { return }
    switch place.header.kind {
    case .other: return
    case .dictionary(let count, let encoding):
      guard dictionary == nil else { throw .corrupt("The chunk has two dictionary pages.") }
      reserved.dictionary = try reserve(place.header)
      try readDictionary(try await stream.body(place), count: count, encoding: encoding, codec: chunk.codec)
    case .dataV1, .dataV2:
      try compareWithMap(place)
      guard let opened = try await open(place, chunk, stream) else { return }
      guard opened.entriesLeft <= entriesLeftInChunk else {
        throw .corrupt("The page has \(opened.entriesLeft) values; \(entriesLeftInChunk) are left in its chunk.")
      }
      entriesLeftInChunk -= opened.entriesLeft
      page = opened
    }
  }

  private func open(
    _ place: PageStream.Place,
    _ chunk: ColumnChunk,
    _ stream: PageStream
  ) async throws(ParquetError) -> OpenPage? {
    if let page = try await openInFile(place) { return page }
    reserved.page = try reserve(place.header)
    let raw = try await stream.body(place)
    if let page = try openCompressed(raw, chunk.codec) { return page }
    let known = dictionary.map { PageDictionary(values: $0, chunk: chunks) }
    return try OpenPage(raw, leaf: leaf, codec: chunk.codec, dictionary: known, limits: context.options.limits)
  }

  /// Takes what a page needs from the budget: its values, and its own window where it is larger than usual ones.
  private func reserve(_ header: PageHeader) throws(ParquetError) -> Int {
    let window = header.compressedSize > context.options.fetchBytes ? header.compressedSize : 0
    let bytes = header.uncompressedSize + window
    try context.budget.reserve(bytes)
    return bytes
  }

  // MARK: - Dictionaries

  private func readDictionary(
    _ raw: RawPage,
    count: Int,
    encoding: Encoding,
    codec: CompressionCodec
  ) throws(ParquetError) {
    guard encoding == .plain || encoding == .plainDictionary else {
      throw ParquetError(.unsupported, "A dictionary in encoding \(encoding) cannot be read.")
    }
    dictionary = try PageDictionary.values(
      raw,
      count: count,
      leaf: leaf,
      codec: codec,
      limits: context.options.limits
    )
  }
}

internal import ByteBuffers

/// Walks the data pages of one leaf through the selected row groups.
final class LeafCursor {
  let leaf: LeafColumn
  let reader: NativeParquetReader
  private var rowGroups: ArraySlice<Int>
  private var stream: PageStream?
  private var chunk: ColumnChunk?
  private var dictionary: Column?
  private var entriesLeftInChunk = 0
  private(set) var rowGroup = 0
  /// Rows that the current chunk of a list has to begin, and those it began.
  private var listRows: (stated: Int64, begun: Int64)?
  private var pageOffset = 0
  /// Number of chunks begun, which tells their dictionaries apart.
  private var chunks = 0

  /// The page being decoded; callers take entries from it.
  var page: OpenPage?

  init(_ reader: NativeParquetReader, leaf: LeafColumn, rowGroups: [Int]) {
    self.reader = reader
    self.leaf = leaf
    self.rowGroups = rowGroups[...]
  }

  /// Makes ``page`` hold entries; false at the end of the last row group.
  func advance() async throws(ParquetError) -> Bool {
    while true {
      if let page, page.entriesLeft > 0 { return true }
      page = nil
      if entriesLeftInChunk == 0 {
        guard try nextChunk() else { return false }
        continue
      }
      do {
        try await nextPage()
      } catch {
        throw located(error)
      }
    }
  }

  /// Adds the place of the current page to an error.
  func located(_ error: ParquetError) -> ParquetError {
    error.located(column: leaf.dottedPath, rowGroup: rowGroup, offset: pageOffset)
  }

  /// Whether no row of the current chunk of a list was begun.
  var isAtFirstRow: Bool { listRows?.begun == 0 }

  /// Whether every entry of the current chunk was taken.
  var isAtChunkEnd: Bool { entriesLeftInChunk == 0 && (page?.entriesLeft ?? 0) == 0 }

  /// Steps over whole pages without opening them, as long as they have no more than so many rows.
  ///
  /// - Returns: the rows stepped over, which may be none; pages that do not tell their rows have to be opened.
  func skipPages(rows: Int) async throws(ParquetError) -> Int {
    0
  }

  /// Counts rows that entries of a list began.
  func countRows(_ begun: Int) throws(ParquetError) {
    guard let rows = listRows else { return }
    listRows?.begun = rows.begun + Int64(begun)
    guard Int64(begun) <= rows.stated - rows.begun else {
      throw .corrupt("The lists have more rows than their row group, which states \(rows.stated).")
    }
  }

  private func nextChunk() throws(ParquetError) -> Bool {
    if let rows = listRows, rows.begun != rows.stated {
      throw located(.corrupt("The lists have \(rows.begun) rows in a row group of \(rows.stated)."))
    }
    listRows = nil
    guard let index = rowGroups.popFirst() else { return false }
    rowGroup = index
    let group = reader.metadata.rowGroups[index]
    if leaf.maxRepetitionLevel > 0 { listRows = (group.rowCount, 0) }
    let chunk = group.columns[leaf.index]
    dictionary = nil
    chunks += 1
    do {
      try check(chunk, rows: group.rowCount)
      guard chunk.valueCount > 0 else { return true }
      stream = try PageStream(
        reader.source,
        chunk: chunk,
        dataEnd: reader.footerStart,
        column: leaf.dottedPath,
        rowGroup: index,
        options: reader.options
      )
    } catch {
      throw error.located(column: leaf.dottedPath, rowGroup: index)
    }
    self.chunk = chunk
    entriesLeftInChunk = Int(chunk.valueCount)
    return true
  }

  private func check(_ chunk: ColumnChunk, rows: Int64) throws(ParquetError) {
    if let encryption = chunk.encryption {
      throw EncryptionInfo.columnError(encryption, in: reader.metadata.encryption)
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

  private func nextPage() async throws(ParquetError) {
    guard let chunk, let raw = try await stream?.next() else {
      throw .corrupt("The chunk ends \(entriesLeftInChunk) values early.")
    }
    pageOffset = raw.offset
    if case .dictionary(let count, let encoding) = raw.header.kind {
      try readDictionary(raw, count: count, encoding: encoding, codec: chunk.codec)
      return
    }
    let limits = reader.options.limits
    let known = dictionary.map { PageDictionary(values: $0, chunk: chunks) }
    guard let opened = try OpenPage(raw, leaf: leaf, codec: chunk.codec, dictionary: known, limits: limits) else {
      return
    }
    guard opened.entriesLeft <= entriesLeftInChunk else {
      throw .corrupt("The page has \(opened.entriesLeft) values; \(entriesLeftInChunk) are left in its chunk.")
    }
    entriesLeftInChunk -= opened.entriesLeft
    page = opened
  }

  private func readDictionary(
    _ raw: RawPage,
    count: Int,
    encoding: Encoding,
    codec: CompressionCodec
  ) throws(ParquetError) {
    guard dictionary == nil else { throw .corrupt("The chunk has two dictionary pages.") }
    guard encoding == .plain || encoding == .plainDictionary else {
      throw ParquetError(.unsupported, "A dictionary in encoding \(encoding) cannot be read.")
    }
    let limits = reader.options.limits
    let body = try Decompressor.decompress(raw.body, codec: codec, size: raw.header.uncompressedSize)
    guard leaf.slotWidth == 0 || leaf.type == .boolean || count <= body.count / leaf.slotWidth else {
      throw ValueDecoder.tooFew(count)
    }
    let builder = try ColumnBuilder(leaf.layout, capacity: min(count, body.count * 8), byteLimit: limits.batchBytes)
    try OpenPage.plainDecoder(body, leaf, limits).decode(count, into: builder)
    builder.advanceValid(count)
    dictionary = builder.finish()
  }
}

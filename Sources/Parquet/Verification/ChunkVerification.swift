internal import ByteBuffers

/// Walks the pages of one chunk and compares them with what the file states of them.
final class ChunkVerification {
  private let reader: NativeParquetReader
  private let reading: LeafReading
  private let chunk: ColumnChunk
  private let group: RowGroup
  private let log: VerificationLog
  private let order: ValueOrder
  private var place: Place
  private var tallier: PageTallier
  private var total: PageTally
  private var dictionary: Column?
  private var indexes = StatedIndexes()
  private var values: ValueVerification

  /// Bytes of the pages that were walked, headers included.
  private var stored: Int64 = 0
  private var unpacked: Int64 = 0
  private var dataPages = 0
  /// Whether every page could be decoded, so that totals mean something.
  private var isWhole = true
  /// Whether some page uses what is not read.
  private var isUnread = false
  private var encodings: Set<Encoding> = []

  init(_ reader: NativeParquetReader, _ reading: LeafReading, rowGroup: Int, _ log: VerificationLog) {
    self.reader = reader
    self.reading = reading
    self.log = log
    group = reader.metadata.rowGroups[rowGroup]
    let leaf = reading.leaf
    chunk = group.columns[leaf.index]
    let orders = reader.metadata.columnOrders
    order = ValueOrder(leaf, stated: orders.indices.contains(leaf.index) ? orders[leaf.index] : nil)
    place = Place(rowGroup: rowGroup, column: leaf.dottedPath, offset: chunk.firstPageOffset)
    // Deprecated bounds are judged even where the file states no order.
    let wanted = order == .none ? ValueOrder(deprecated: leaf) : order
    tallier = PageTallier(reading, wanted, limits: reader.options.limits)
    total = PageTally(leaf, wanted)
    values = ValueVerification(leaf, log)
  }

  func run() async throws(ParquetError) {
    guard isReadable() else { return }
    do throws(ParquetError) {
      indexes = try await StatedIndexes(reader, chunk, order, place, log)
      values.bloomFilter = indexes.bloomFilter
      if chunk.valueCount > 0 {
        try await walk()
      }
    } catch {
      try judge(error)
      isWhole = false
    }
    if isWhole { checkTotals() }
    log.counts.chunks += isUnread ? 0 : 1
    log.counts.uncheckedChunks += isUnread ? 1 : 0
  }

  /// Whether the chunk's values are in this file and in the open.
  private func isReadable() -> Bool {
    if chunk.isEncrypted {
      log.remark("The column is encrypted; it was not looked into.", place.at(offset: nil))
    } else if let path = chunk.filePath {
      log.remark("The values are in another file, '\(path)'; they were not looked into.", place)
    } else if chunk.type != reading.leaf.type {
      log.fault(
        "The chunk holds \(chunk.type?.name ?? "nothing"); the schema says \(reading.leaf.type.name).",
        place
      )
    } else if chunk.valueCount < 0 {
      log.fault("The chunk states \(chunk.valueCount) values.", place)
    } else {
      return true
    }
    log.counts.uncheckedChunks += 1
    return false
  }

  /// Makes a finding of what the file is to blame for, and throws everything else on.
  private func judge(_ error: ParquetError, at place: Place? = nil) throws(ParquetError) {
    let found = (place ?? self.place).at(offset: error.offset.map { Int64($0) })
    switch error.code {
    case .corrupt: log.fault(error.message, found)
    case .unsupported:
      // Told once: the pages behind are in the same encoding as a rule.
      if !isUnread { log.remark("Not looked into: \(error.message)", found) }
      isUnread = true
    default: throw error
    }
  }

  private func walk() async throws(ParquetError) {
    let stream = try PageStream(
      reader.source,
      chunk: chunk,
      dataEnd: reader.footerStart,
      column: reading.leaf.dottedPath,
      rowGroup: place.rowGroup ?? 0,
      options: reader.options
    )
    var entries: Int64 = 0
    while entries < chunk.valueCount {
      guard let raw = try await stream.next() else {
        throw .corrupt("The chunk ends \(chunk.valueCount - entries) values early.")
      }
      guard !Task.isCancelled else {
        throw ParquetError(.storage, "The verification was cancelled.", underlying: CancellationError())
      }
      stored += Int64(raw.header.headerSize + raw.header.compressedSize)
      unpacked += Int64(raw.header.headerSize + raw.header.uncompressedSize)
      let here = place.at(offset: Int64(raw.offset))
      checkSum(raw, here)
      switch raw.header.kind {
      case .dictionary(let count, let encoding):
        log.counts.pages += 1
        try readDictionary(raw, count: count, encoding: encoding, here)
      case .other: log.remark("A page of an unknown type was stepped over.", here)
      case .dataV1(let page):
        entries += Int64(page.valueCount)
        try verify(raw, page.encoding, here.at(page: dataPages, offset: nil))
      case .dataV2(let page):
        entries += Int64(page.valueCount)
        try verify(raw, page.encoding, here.at(page: dataPages, offset: nil))
      }
      guard entries <= chunk.valueCount else {
        throw .corrupt("The pages have \(entries) values; the chunk states \(chunk.valueCount).", offset: raw.offset)
      }
    }
  }

  private func checkSum(_ raw: RawPage, _ here: Place) {
    guard let stated = raw.header.checksum else { return }
    log.counts.checksums += 1
    let found = raw.body.withUnsafeBytes { PageChecksum.of($0) }
    if found != stated {
      log.fault("The page's checksum is \(stated); its bytes give \(found).", here)
    }
  }

  private func readDictionary(
    _ raw: RawPage,
    count: Int,
    encoding: Encoding,
    _ here: Place
  ) throws(ParquetError) {
    if dictionary != nil { throw .corrupt("The chunk has two dictionary pages.", offset: raw.offset) }
    if dataPages > 0 { log.fault("The dictionary page stands behind a data page.", here) }
    guard encoding == .plain || encoding == .plainDictionary else {
      throw ParquetError(.unsupported, "A dictionary in encoding \(encoding) cannot be read.", offset: raw.offset)
    }
    let stated = chunk.dictionaryPageOffset
    if let stated, stated > 0, stated != Int64(raw.offset) {
      log.fault("The dictionary page is stated at \(stated).", here)
    } else if stated == nil || stated == 0 {
      log.remark("The chunk does not state its dictionary page.", here)
    }
    do throws(ParquetError) {
      let column = try PageDictionary.values(
        raw,
        count: count,
        leaf: reading.leaf,
        codec: chunk.codec,
        limits: reader.options.limits
      )
      tallier.longestEntry = column.longestSlot
      dictionary = column
    } catch {
      throw error.located(offset: raw.offset)
    }
  }

  /// Decodes a data page and compares it with its header and its entries of the indexes.
  private func verify(_ raw: RawPage, _ encoding: Encoding, _ here: Place) throws(ParquetError) {
    if dataPages == 0, chunk.dataPageOffset != Int64(raw.offset) {
      let isDictionaryPlace = dictionary != nil && chunk.dataPageOffset < Int64(raw.offset)
      let what = "The first data page is stated at \(chunk.dataPageOffset)."
      // Some writers state the start of the chunk, whatever page is there.
      if isDictionaryPlace { log.remark(what, here) } else { log.fault(what, here) }
    }
    encodings.insert(encoding == .plainDictionary ? .rleDictionary : encoding)
    defer { dataPages += 1 }
    let firstRow = total.rows
    do throws(ParquetError) {
      let known = dictionary.map { PageDictionary(values: $0, chunk: 0) }
      let limits = reader.options.limits
      guard let page = try OpenPage(raw, leaf: reading.leaf, codec: chunk.codec, dictionary: known, limits: limits)
      else { return }
      values.place = here
      let tally = try tallier.tally(page) { values.inspect($0) }
      if firstRow == 0, dataPages == 0, tally.continuesRow {
        throw .corrupt("A list begins with an element that continues one.")
      }
      if case .dataV2(let header) = raw.header.kind { check(header, tally, here) }
      log.counts.pages += 1
      log.counts.values += tally.values
      log.counts.nulls += tally.nulls
      total.add(tally)
      // Rows before a page that could not be decoded are not known.
      if isWhole { indexes.check(dataPages, raw, tally, firstRow: firstRow, here, log) }
    } catch {
      try judge(error, at: here)
      isWhole = false
      // Without the dictionary's indices and levels of this page, the next ones still stand on their own.
    }
  }

  private func check(_ header: PageHeader.DataV2, _ tally: PageTally, _ here: Place) {
    if Int64(header.nullCount) != tally.nulls {
      log.fault("The page states \(header.nullCount) nulls; it has \(tally.nulls).", here)
    }
    if Int64(header.rowCount) != tally.rows {
      log.fault("The page states \(header.rowCount) rows; it has \(tally.rows).", here)
    }
    if tally.continuesRow { log.fault("The page begins within a row.", here) }
  }

  /// Compares what the chunk states with the sum of its pages.
  private func checkTotals() {
    let isNested = reading.leaf.maxRepetitionLevel > 0
    if total.rows != group.rowCount {
      let what = "The column has \(total.rows) rows; its row group states \(group.rowCount)."
      log.fault(what, place)
    }
    if !isNested, chunk.valueCount != group.rowCount {
      log.fault("The chunk states \(chunk.valueCount) values in a row group of \(group.rowCount) rows.", place)
    }
    if stored != chunk.compressedSize {
      let what = "The pages have \(stored) bytes; the chunk states \(chunk.compressedSize)."
      // Readers go by the number of values.
      log.remark(what, place)
    }
    if unpacked != chunk.uncompressedSize {
      log.remark(
        "The pages have \(unpacked) bytes before compression; the chunk states \(chunk.uncompressedSize).",
        place
      )
    }
    let listed = Set(chunk.encodings.map { $0 == .plainDictionary ? .rleDictionary : $0 })
    for encoding in encodings.subtracting(listed).sorted(by: { $0.rawValue < $1.rawValue }) {
      log.remark("The pages use \(encoding), which the chunk's list of encodings lacks.", place)
    }
    if let statistics = chunk.statistics {
      StatisticsVerification(statistics, reading.leaf, order, log).check(total, place)
    }
    if let sizes = chunk.sizeStatistics {
      log.counts.sizeStatistics += 1
      check(sizes)
    }
    indexes.checkEnd(pages: dataPages, order: order, place, log)
  }

  private func check(_ sizes: SizeStatistics) {
    if let stated = sizes.unencodedByteArrayBytes, stated != total.byteArrayBytes {
      // An estimate for readers, which some writers get wrong where lists hold nulls.
      log.remark("The size statistics state \(stated) bytes of values; there are \(total.byteArrayBytes).", place)
    }
    if let stated = sizes.repetitionLevelHistogram, !stated.isEmpty, stated != total.repetitions {
      log.fault("The size statistics count repetition levels as \(stated); they are \(total.repetitions).", place)
    }
    if let stated = sizes.definitionLevelHistogram, !stated.isEmpty, stated != total.definitions {
      log.fault("The size statistics count definition levels as \(stated); they are \(total.definitions).", place)
    }
  }
}

extension Column {
  /// Bytes of the longest slot.
  fileprivate var longestSlot: Int {
    switch storage {
    case .fixed(_, let width): return width
    case .variable(let offsets, _):
      let bounds = offsets.base.assumingMemoryBound(to: Int32.self)
      var longest: Int32 = 0
      for index in 0..<count { longest = max(longest, bounds[index + 1] - bounds[index]) }
      return Int(longest)
    case .list, .structure, .dictionary: return 0
    }
  }
}

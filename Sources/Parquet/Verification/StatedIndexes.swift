internal import ByteBuffers

/// The indexes of a chunk as the file has them, to be compared with its pages one by one.
struct StatedIndexes {
  private(set) var offsets: OffsetIndex?
  private(set) var bounds: ColumnIndex?
  private(set) var bloomFilter: BloomFilter?
  private var offsetsAt: Int64?
  private var boundsAt: Int64?
  /// Whether the file states what its bounds are ordered by.
  private var hasOrder = false

  /// Nothing is stated.
  init() {}

  /// Reads what a chunk refers to; what cannot be read is a fault and counts as absent.
  init(
    _ reader: NativeParquetReader,
    _ chunk: ColumnChunk,
    _ order: ValueOrder,
    _ place: Place,
    _ log: VerificationLog
  ) async throws(ParquetError) {
    hasOrder = order != .none
    if let location = chunk.offsetIndex {
      offsetsAt = location.offset
      offsets = try await StatedIndexes.read(location, reader, place, log) { (bytes) throws(ParquetError) in
        try OffsetIndex(decoding: bytes)
      }
    }
    if let location = chunk.columnIndex {
      boundsAt = location.offset
      bounds = try await StatedIndexes.read(location, reader, place, log) { (bytes) throws(ParquetError) in
        try ColumnIndex(decoding: bytes)
      }
    }
    if let location = chunk.bloomFilter, chunk.type == .boolean {
      // Writers that give every column a filter leave those of BOOLEAN empty; nobody asks them.
      log.remark("The bloom filter of BOOLEAN values was not looked into.", place.at(offset: location.offset))
    } else if let location = chunk.bloomFilter {
      do {
        bloomFilter = try await StatedIndexes.filter(location, reader)
        log.counts.bloomFilters += 1
      } catch  where error.code == .corrupt {
        log.fault(error.message, place.at(offset: location.offset))
      } catch  where error.code == .unsupported {
        log.remark("Not looked into: \(error.message)", place.at(offset: location.offset))
      }
    }
  }

  /// Reads a bloom filter, whose length a file may not state.
  private static func filter(
    _ location: IndexLocation,
    _ reader: NativeParquetReader
  ) async throws(ParquetError) -> BloomFilter {
    let start = Int(clamping: location.offset)
    guard start >= 4, start < reader.footerStart else {
      throw .corrupt("A bloom filter lies outside the file's data.")
    }
    let head = try await bytes(start..<min(start + BloomFilter.longestHeader, reader.footerStart), reader)
    let size = try BloomFilter.encodedSize(startingWith: head)
    guard size <= reader.footerStart - start else {
      throw .corrupt("A bloom filter of \(size) bytes runs into the footer.")
    }
    if let length = location.length, Int(length) != size {
      throw .corrupt("A bloom filter of \(size) bytes is stated as \(length) bytes.")
    }
    return try BloomFilter(decoding: try await bytes(start..<start + size, reader))
  }

  private static func bytes(_ range: Range<Int>, _ reader: NativeParquetReader) async throws(ParquetError) -> Bytes {
    do {
      return try await reader.source.read(range)
    } catch {
      throw .wrapping(error)
    }
  }

  private static func read<Index>(
    _ location: IndexLocation,
    _ reader: NativeParquetReader,
    _ place: Place,
    _ log: VerificationLog,
    _ decode: (Bytes) throws(ParquetError) -> Index
  ) async throws(ParquetError) -> Index? {
    let here = place.at(offset: location.offset)
    let start = Int(clamping: location.offset)
    let length = Int(location.length ?? 0)
    guard start >= 4, length > 0, length <= reader.footerStart, start <= reader.footerStart - length else {
      log.fault("An index of \(length) bytes lies outside the file's data.", here)
      return nil
    }
    guard length <= reader.options.limits.footerBytes else {
      throw ParquetError(
        .limitExceeded,
        "An index has \(length) bytes, more than the limit footerBytes of \(reader.options.limits.footerBytes)."
      )
    }
    let bytes = try await bytes(start..<start + length, reader)
    do {
      return try decode(bytes)
    } catch {
      log.fault("An index cannot be read: \(error.message)", here)
      return nil
    }
  }

  /// Compares a data page with its entries.
  func check(
    _ page: Int,
    _ raw: RawPage,
    _ tally: PageTally,
    firstRow: Int64,
    _ here: Place,
    _ log: VerificationLog
  ) {
    if let offsets, page < offsets.pages.count {
      let stated = offsets.pages[page]
      func differs(_ what: String, _ stated: Int64, _ found: Int64) {
        if stated != found {
          log.fault("The offset index states \(what) \(stated) for the page; it is \(found).", here)
        }
      }
      differs("the place", stated.offset, Int64(raw.offset))
      differs("the size", Int64(stated.compressedSize), Int64(raw.header.headerSize + raw.header.compressedSize))
      differs("the first row", stated.firstRow, firstRow)
      if let sizes = offsets.unencodedByteArrayBytes, sizes[page] != tally.byteArrayBytes {
        // An estimate for readers, which some writers get wrong where lists hold nulls.
        log.remark("The offset index states \(sizes[page]) bytes of values; there are \(tally.byteArrayBytes).", here)
      }
      if tally.continuesRow { log.fault("The page begins within a row, which the offset index forbids.", here) }
    }
    guard let bounds, page < bounds.pageCount else { return }
    check(bounds, page, tally, here, log)
  }

  private func check(_ index: ColumnIndex, _ page: Int, _ tally: PageTally, _ here: Place, _ log: VerificationLog) {
    if index.nullPages[page] != (tally.values == 0) {
      let what = index.nullPages[page] ? "nulls alone" : "a value"
      log.fault("The column index says that the page has \(what); it has \(tally.values) values.", here)
    }
    if let stated = index.nullCounts?[page], stated != tally.nulls, stated != tally.nulls - tally.slotless {
      log.fault("The column index states \(stated) nulls for the page; it has \(tally.nulls).", here)
    }
    if let stated = index.nanCounts?[page], tally.extremes.order.hasNaN, stated != tally.extremes.nanCount {
      log.fault("The column index states \(stated) NaN values for the page; it has \(tally.extremes.nanCount).", here)
    }
    check(index.repetitionLevelHistograms, page, index.pageCount, tally.repetitions, "repetition", here, log)
    check(index.definitionLevelHistograms, page, index.pageCount, tally.definitions, "definition", here, log)
    guard !index.nullPages[page], hasOrder else { return }
    let verification = BoundsVerification(tally.extremes, log)
    verification.check(lower: index.minValues[page], isExact: nil, "column index", here)
    verification.check(upper: index.maxValues[page], isExact: nil, "column index", here)
  }

  private func check(
    _ histograms: [Int64]?,
    _ page: Int,
    _ pages: Int,
    _ found: [Int64],
    _ kind: String,
    _ here: Place,
    _ log: VerificationLog
  ) {
    guard let histograms, !histograms.isEmpty else { return }
    guard histograms.count == pages * found.count else {
      if page == 0 {
        log.fault("The column index has \(histograms.count) counts of \(kind) levels for \(pages) pages.", here)
      }
      return
    }
    let stated = Array(histograms[page * found.count..<(page + 1) * found.count])
    if stated != found {
      log.fault("The column index counts \(kind) levels of the page as \(stated); they are \(found).", here)
    }
  }

  /// Compares what only the whole index can say.
  func checkEnd(pages: Int, order: ValueOrder, _ place: Place, _ log: VerificationLog) {
    if let offsets {
      log.counts.offsetIndexes += 1
      if offsets.pages.count != pages {
        let what = "The offset index has \(offsets.pages.count) pages; the chunk has \(pages)."
        log.fault(what, place.at(offset: offsetsAt))
      }
    }
    guard let bounds else { return }
    log.counts.columnIndexes += 1
    let here = place.at(offset: boundsAt)
    if bounds.pageCount != pages {
      log.fault("The column index has \(bounds.pageCount) pages; the chunk has \(pages).", here)
    }
    if order != .none { checkBoundaryOrder(bounds, order, here, log) }
  }

  private func checkBoundaryOrder(_ index: ColumnIndex, _ order: ValueOrder, _ here: Place, _ log: VerificationLog) {
    guard index.boundaryOrder != .unordered else { return }
    let isAscending = index.boundaryOrder == .ascending
    var previous: Int?
    for page in 0..<index.pageCount where !index.nullPages[page] {
      defer { previous = page }
      guard let previous,
        [index.minValues, index.maxValues].allSatisfy({ order.isUsable($0[page]) && order.isUsable($0[previous]) })
      else { continue }
      for values in [index.minValues, index.maxValues] {
        let breaks =
          isAscending ? order.precedes(values[page], values[previous]) : order.precedes(values[previous], values[page])
        guard breaks else { continue }
        let name = isAscending ? "ascend" : "descend"
        log.fault("The column index says that its bounds \(name); those of page \(page) do not.", here)
        return
      }
    }
  }
}

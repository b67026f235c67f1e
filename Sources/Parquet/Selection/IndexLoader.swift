internal import ByteBuffers

/// Fetches the indexes of a row group; whatever is missing or makes no sense is left out, for indexes are hints.
struct IndexLoader {
  let context: ReadingContext

  private var reader: NativeParquetReader { context.reader }

  /// The places of the pages of some leaves.
  func pageMaps(_ leaves: [Int], rowGroup: Int, rowCount: Int) async throws(ParquetError) -> [Int: PageMap] {
    try await indexes(of: leaves, bounds: [], rowGroup: rowGroup, rowCount: rowCount).maps
  }

  /// The places and bounds of the pages of some leaves.
  func pages(_ leaves: [Int], rowGroup: Int, rowCount: Int) async throws(ParquetError) -> [Int: PagePruning.Pages] {
    let (maps, bounds) = try await indexes(of: leaves, bounds: leaves, rowGroup: rowGroup, rowCount: rowCount)
    var result: [Int: PagePruning.Pages] = [:]
    for leaf in leaves {
      guard let map = maps[leaf], let index = bounds[leaf] else { continue }
      let column = reader.metadata.schema.leaves[leaf]
      result[leaf] = PagePruning.Pages(map, index, column, BoundsTrust(reader.metadata, column))
    }
    return result
  }

  private func indexes(
    of leaves: [Int],
    bounds: [Int],
    rowGroup: Int,
    rowCount: Int
  ) async throws(ParquetError) -> (maps: [Int: PageMap], bounds: [Int: ColumnIndex]) {
    let chunks = reader.metadata.rowGroups[rowGroup].columns
    var wanted: [(leaf: Int, isBounds: Bool, range: Range<Int>)] = []
    for leaf in leaves where !chunks[leaf].isEncrypted {
      if let range = range(chunks[leaf].offsetIndex) { wanted.append((leaf, false, range)) }
    }
    for leaf in bounds where !chunks[leaf].isEncrypted {
      if let range = range(chunks[leaf].columnIndex) { wanted.append((leaf, true, range)) }
    }
    guard !wanted.isEmpty else { return ([:], [:]) }
    let fetched = try await read(wanted.map(\.range))
    var maps: [Int: PageMap] = [:]
    var decoded: [Int: ColumnIndex] = [:]
    for (place, bytes) in zip(wanted, fetched) {
      if place.isBounds {
        decoded[place.leaf] = try? ColumnIndex(decoding: bytes)
      } else if let index = try? OffsetIndex(decoding: bytes) {
        maps[place.leaf] = pageMap(index, chunks[place.leaf], rowCount)
      }
    }
    return (maps, decoded)
  }

  private func pageMap(_ index: OffsetIndex, _ chunk: ColumnChunk, _ rowCount: Int) -> PageMap? {
    let pages = index.pages.map { page in
      PageMap.Page(
        offset: Int(clamping: page.offset),
        size: Int(page.compressedSize),
        firstRow: Int(clamping: page.firstRow)
      )
    }
    return PageMap(pages, chunk: chunk, rowCount: rowCount, dataEnd: reader.footerStart)
  }

  /// Where an index lies; nil where that is not in the file, or larger than the limit.
  private func range(_ location: IndexLocation?) -> Range<Int>? {
    guard let location, let length = location.length, length > 0, Int(length) <= context.options.limits.pageIndexBytes,
      location.offset >= 4, let start = Int(exactly: location.offset), start <= reader.footerStart - Int(length)
    else {
      return nil
    }
    return start..<start + Int(length)
  }

  private func read(_ ranges: [Range<Int>]) async throws(ParquetError) -> [Bytes] {
    do {
      return try await reader.source.read(ranges)
    } catch {
      throw ParquetError.wrapping(error)
    }
  }
}

/// Stepping over pages that hold no wanted row.
extension LeafCursor {
  /// Steps over whole pages without opening them, as long as they have no more than so many rows.
  ///
  /// - Returns: the rows stepped over, which may be none; pages that do not tell their rows have to be opened.
  func skipPages(rows: Int) async throws(ParquetError) -> Int {
    guard rows > 0, isPageEmpty, hasPages else { return 0 }
    closePage()
    do throws(ParquetError) {
      return map == nil ? try await walk(rows) : try await jump(rows)
    } catch {
      throw located(error)
    }
  }

  /// Goes from header to header.
  private func walk(_ rows: Int) async throws(ParquetError) -> Int {
    var stepped = 0
    while hasPages, stepped < rows {
      let place = try await peek()
      let entries: Int
      switch place.header.kind {
      case .dataV1(let page): entries = page.valueCount
      case .dataV2(let page): entries = page.valueCount
      case .dictionary, .other:
        try await nextPage()
        continue
      }
      guard let count = self.rows(of: place.header), count >= 0, count <= rows - stepped,
        entries <= entriesLeftInChunk
      else {
        return stepped
      }
      try countRows(count)
      pending = nil
      mustBeginRow = true
      entriesLeftInChunk -= entries
      stepped += count
    }
    return stepped
  }

  /// Goes straight to the page that the row is in.
  private func jump(_ rows: Int) async throws(ParquetError) -> Int {
    // The dictionary lies before the first data page.
    while let map, let stream, nextMapped == 0, stream.position < map.pages[0].offset || pending != nil {
      try await nextPage()
      if page != nil { return 0 }
    }
    guard let map else { return 0 }
    let target = map.page(of: rowsBegun + rows)
    guard target > nextMapped else { return 0 }
    guard rowsBegun == map.pages[nextMapped].firstRow else {
      try dropMap()
      return 0
    }
    let stepped = map.pages[target].firstRow - rowsBegun
    if leaf.maxRepetitionLevel == 0 { entriesLeftInChunk -= stepped }
    try countRows(stepped)
    mustBeginRow = true
    stream?.seek(map.pages[target].offset)
    nextMapped = target
    hasJumped = true
    return stepped
  }

  /// Checks that a data page is the one that the index has next.
  func compareWithMap(_ place: PageStream.Place) throws(ParquetError) {
    guard let map else { return }
    guard nextMapped < map.pages.count else { return try dropMap() }
    let known = map.pages[nextMapped]
    let stated = rows(of: place.header)
    guard place.offset == known.offset, place.header.headerSize + place.header.compressedSize == known.size,
      stated ?? map.rows(nextMapped).count == map.rows(nextMapped).count, rowsBegun == known.firstRow
    else {
      return try dropMap()
    }
    nextMapped += 1
    mustBeginRow = true
  }

  /// Goes on without the index, which is only a hint, unless pages were left out on its word.
  private func dropMap() throws(ParquetError) {
    guard !hasJumped else {
      throw .corrupt("The pages are not where the offset index says, or have other rows.")
    }
    map = nil
    stream?.wantAll()
  }

  /// Whether the rows of the pages read so far are those that the index says.
  func checkRowsAgainstMap() throws(ParquetError) {
    guard let map, isPageEmpty, rowsBegun != (hasPages ? map.pages[nextMapped].firstRow : plan?.rowCount) else {
      return
    }
    try dropMap()
  }

  /// Rows that the header of a data page states; nil where it does not.
  private func rows(of header: PageHeader) -> Int? {
    switch header.kind {
    case .dataV1(let page): leaf.maxRepetitionLevel == 0 ? page.valueCount : nil
    case .dataV2(let page): leaf.maxRepetitionLevel == 0 ? page.valueCount : page.rowCount
    case .dictionary, .other: nil
    }
  }
}

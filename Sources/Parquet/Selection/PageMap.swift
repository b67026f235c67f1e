/// Where the data pages of one chunk begin, in the file and among the rows of their row group.
///
/// Made from an offset index that was found to make sense; whether the pages agree with it is seen when they are read.
struct PageMap: Sendable {
  struct Page: Sendable {
    let offset: Int
    /// Bytes, header included.
    let size: Int
    let firstRow: Int
  }

  let pages: [Page]
  /// Where the chunk begins: before the first data page, when it has a dictionary.
  let start: Int
  let rowCount: Int

  /// Checks the places; nil when they contradict each other or the chunk.
  init?(_ pages: [Page], chunk: ColumnChunk, rowCount: Int, dataEnd: Int) {
    guard let first = pages.first, first.firstRow == 0, chunk.firstPageOffset >= 4 else { return nil }
    start = Int(clamping: chunk.firstPageOffset)
    let (end, overflow) = start.addingReportingOverflow(Int(clamping: chunk.compressedSize))
    guard !overflow, chunk.compressedSize >= 0, end <= dataEnd, first.offset >= start else { return nil }
    var position = start
    var row = -1
    for page in pages {
      let (next, overflow) = page.offset.addingReportingOverflow(page.size)
      guard page.size > 0, page.offset >= position, !overflow, next <= end, page.firstRow > row,
        page.firstRow < rowCount
      else {
        return nil
      }
      position = next
      row = page.firstRow
    }
    self.pages = pages
    self.rowCount = rowCount
  }

  /// Rows of a page.
  func rows(_ page: Int) -> Range<Int> {
    pages[page].firstRow..<(page + 1 < pages.count ? pages[page + 1].firstRow : rowCount)
  }

  /// The page that a row is in.
  func page(of row: Int) -> Int {
    var low = 0
    var high = pages.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if pages[middle].firstRow <= row { low = middle } else { high = middle }
    }
    return low
  }

  /// The bytes of the pages that some rows are in, and of what lies before the first page.
  ///
  /// - Parameter gap: bytes between two pages that are fetched rather than left out.
  func bytes(of wanted: [Range<Int>], gap: Int) -> [Range<Int>] {
    var result: [Range<Int>] = []
    if start < pages[0].offset, !wanted.isEmpty { result.append(start..<pages[0].offset) }
    var next = 0
    for range in wanted where !range.isEmpty {
      let first = max(next, page(of: range.lowerBound))
      let last = page(of: range.upperBound - 1)
      guard first <= last else { continue }
      for index in first...last {
        let bytes = pages[index].offset..<pages[index].offset + pages[index].size
        if let before = result.last, bytes.lowerBound - before.upperBound <= gap {
          result[result.count - 1] = before.lowerBound..<bytes.upperBound
        } else {
          result.append(bytes)
        }
      }
      next = last + 1
    }
    return result
  }
}

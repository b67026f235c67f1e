internal import ByteBuffers

/// A page as it lies in the file.
struct RawPage {
  let header: PageHeader
  /// What follows the header, still compressed.
  let body: Bytes
  /// Where the header begins in the file.
  let offset: Int
}

/// The pages of one column chunk, fetched in windows: never the whole chunk at once unless it is small.
final class PageStream {
  /// Where a header was found, and what it says.
  typealias Place = (header: PageHeader, offset: Int)

  private let source: any RandomAccessSource
  private let options: ReaderOptions
  private let column: String
  private let rowGroup: Int
  /// The first byte that no page of this chunk may reach.
  private let end: Int
  /// Where the next header begins.
  private(set) var position: Int
  /// Bytes worth fetching, ascending and apart from each other; nil for all of the chunk.
  private var wanted: [Range<Int>]?
  /// What was fetched last.
  private var windows: [(start: Int, bytes: Bytes)] = []
  /// Bytes in which the next header is expected to fit: headers with bounds of long values are long, and all are alike.
  private var headerRoom = PageStream.usualHeader
  /// Bytes of the levels of the last page whose values are not read with them; those of the next one are about as many.
  var levelBytes = 0

  /// Old writers left the dictionary page header out of the chunk's size.
  private static let slack = 128
  /// Bytes in which most headers fit.
  private static let usualHeader = 256
  /// Bytes of a page from which on it is fetched alone.
  private static let largePage = 256 << 10
  /// Bytes of a chunk from which on its headers are looked at before more is fetched.
  private static let probedChunk = 64 << 10
  /// Bytes that are fetched for a header alone.
  private static let probe = 2048

  init(
    _ source: any RandomAccessSource,
    chunk: ColumnChunk,
    dataEnd: Int,
    column: String,
    rowGroup: Int,
    options: ReaderOptions,
    wanted: [Range<Int>]? = nil
  ) throws(ParquetError) {
    self.source = source
    self.options = options
    self.column = column
    self.rowGroup = rowGroup
    self.wanted = wanted
    let start = Int(clamping: chunk.firstPageOffset)
    let size = Int(clamping: chunk.compressedSize)
    let (stated, overflow) = start.addingReportingOverflow(size)
    guard start >= 4, size >= 0, !overflow, stated <= dataEnd else {
      throw ParquetError.corrupt("The chunk claims \(size) bytes from \(start) on, which is outside the file's data.")
        .located(column: column, rowGroup: rowGroup)
    }
    end = min(stated + PageStream.slack, dataEnd)
    position = start
  }

  /// Goes on at a page that is known to begin at `offset`, which lies in the chunk.
  func seek(_ offset: Int) {
    position = offset
  }

  /// Fetches everything from now on.
  func wantAll() {
    wanted = nil
  }

  /// The next page; nil at the end of the chunk.
  func next() async throws(ParquetError) -> RawPage? {
    guard let place = try await nextHeader() else { return nil }
    return try await body(place)
  }

  /// The body of a page whose header was the last one.
  func body(_ place: Place) async throws(ParquetError) -> RawPage {
    let header = place.header
    do throws(ParquetError) {
      try checkSize(place)
      let bytes = try await fill(
        place.offset + header.headerSize,
        atLeast: header.compressedSize,
        most: source.isLocal ? nearWindow(header) : nil
      )
      let body = bytes[0..<header.compressedSize]
      if options.verifiesChecksums, let stated = header.checksum {
        let found = body.withUnsafeBytes { PageChecksum.of($0) }
        guard found == stated else {
          throw ParquetError.corrupt(
            "The page's checksum is \(stated); its bytes give \(found).",
            offset: place.offset
          )
        }
      }
      return RawPage(header: header, body: body, offset: place.offset)
    } catch {
      throw error.located(column: column, rowGroup: rowGroup)
    }
  }

  /// Refuses pages that are too large.
  func checkSize(_ place: Place) throws(ParquetError) {
    guard place.header.uncompressedSize <= options.limits.pageBytes else {
      throw ParquetError(
        .limitExceeded,
        "A page has \(place.header.uncompressedSize) bytes, more than the limit pageBytes of"
          + " \(options.limits.pageBytes).",
        offset: place.offset
      )
    }
  }

  /// The first bytes behind a header, as many as asked for, of a page whose values are not read with them.
  func beginning(_ place: Place, count: Int) async throws(ParquetError) -> Bytes {
    let bytes = try await fill(place.offset + place.header.headerSize, atLeast: count, most: PageStream.probe)
    return bytes[0..<count]
  }

  /// Reads bytes that lie in the chunk.
  func read(_ range: Range<Int>) async throws(ParquetError) -> Bytes {
    let bytes = try await fill(range.lowerBound, atLeast: range.count)
    return bytes[0..<range.count]
  }

  /// Reads bytes that lie in the chunk into a block that has room for them.
  ///
  ///     file    values of a page | header and levels of the next page | ...
  ///     block   values           | room for more
  ///
  /// Where the block has room behind the bytes, and the next header follows them, it is fetched with them, and levels
  /// if they are as long as the last ones: what is put behind them lies where the next values go.
  func read(_ range: Range<Int>, into block: AlignedBuffer, at offset: Int) async throws(ParquetError) {
    let room = min(block.capacity - offset - range.count, end - range.upperBound)
    let levels = levelBytes + levelBytes / 8
    let wanted = headerRoom + (levels < PageStream.largePage ? levels : 0)
    let ahead = range.upperBound == position && room >= headerRoom ? min(room, wanted) : 0
    do {
      try await source.read(range.lowerBound..<range.upperBound + ahead, into: block, at: offset)
    } catch {
      throw ParquetError.wrapping(error)
    }
    guard ahead > 0 else { return }
    let header = UnsafeRawBufferPointer(start: block.base + offset + range.count, count: ahead)
    windows = [(range.upperBound, Bytes(copying: header))]
  }

  /// The header of the next page, which is stepped over; nil at the end of the chunk.
  ///
  /// - Parameter alone: whether little behind the header is going to be asked for.
  func nextHeader(alone: Bool = false) async throws(ParquetError) -> Place? {
    guard position < end else { return nil }
    do throws(ParquetError) {
      // Of a near file a large page may follow, which is fetched alone: nothing of it should be fetched twice.
      let isProbed = alone || source.isLocal && end - position >= PageStream.probedChunk
      let header = try await readHeader(most: isProbed ? PageStream.probe : options.fetchBytes)
      let start = position
      headerRoom = max(PageStream.usualHeader, header.headerSize + PageStream.usualHeader / 4)
      let (bodyEnd, overflow) = (start + header.headerSize).addingReportingOverflow(header.compressedSize)
      guard !overflow, bodyEnd <= end else {
        throw ParquetError.corrupt("A page of \(header.compressedSize) bytes runs past its chunk.", offset: start)
      }
      position = bodyEnd
      return (header, start)
    } catch {
      throw error.located(column: column, rowGroup: rowGroup)
    }
  }

  /// Decodes the header at the position, fetching more while it does not fit.
  private func readHeader(most: Int) async throws(ParquetError) -> PageHeader {
    let wantedEnd = wanted.flatMap { ranges in ranges.first { $0.contains(position) }?.upperBound } ?? end
    var least = min(headerRoom, end - position, max(1, wantedEnd - position))
    while true {
      let available = try await fill(position, atLeast: least, most: most)
      do {
        return try PageHeader(available.span)
      } catch {
        let reached = position + available.count
        guard reached < end, available.count < options.limits.pageHeaderBytes else {
          throw error.shifted(by: position)
        }
        least = min(end - position, available.count * 4, options.limits.pageHeaderBytes)
      }
    }
  }

  /// Bytes from `start` on, `count` at least; fetches as much behind as is fetched at a time.
  private func fill(_ start: Int, atLeast count: Int, most: Int? = nil) async throws(ParquetError) -> Bytes {
    if let window = windows.first(where: { $0.start <= start && start + count <= $0.start + $0.bytes.count }) {
      return window.bytes[start - window.start..<window.bytes.count]
    }
    windows = []
    let ranges = nextRanges(start, atLeast: count, most: most ?? options.fetchBytes)
    let fetched: [Bytes]
    do {
      fetched = try await source.read(ranges)
    } catch {
      throw ParquetError.wrapping(error)
    }
    guard fetched.count == ranges.count else {
      throw ParquetError(.storage, "\(fetched.count) runs of bytes arrived of \(ranges.count).", offset: start)
    }
    for (range, bytes) in zip(ranges, fetched) {
      guard bytes.count == range.count else {
        throw ParquetError(.storage, "\(bytes.count) bytes arrived of \(range.count).", offset: range.lowerBound)
      }
      windows.append((range.lowerBound, bytes))
    }
    return fetched[0]
  }

  /// Bytes of a near file to fetch from the body of a page on.
  ///
  ///     body | header, body | ... | header, body | header of the page that is fetched next
  ///
  /// As many pages as a fetch takes if they are as large as this one, or a little larger, so that little is fetched
  /// twice; a large page alone.
  private func nearWindow(_ header: PageHeader) -> Int {
    let page = header.headerSize + header.compressedSize
    guard page <= PageStream.largePage else { return header.compressedSize + headerRoom }
    let more = max(0, options.fetchBytes / page - 1)
    return header.compressedSize + more * page + headerRoom + page / 32
  }

  /// What to fetch from `start` on: the bytes asked for first, then what else is wanted, as far as a fetch goes.
  private func nextRanges(_ start: Int, atLeast count: Int, most fetched: Int) -> [Range<Int>] {
    let most = max(count, fetched)
    guard let wanted else { return [start..<min(end, start + most)] }
    var left = most
    var ranges: [Range<Int>] = []
    for range in wanted where range.upperBound > start && left > 0 {
      var next = max(range.lowerBound, start)..<range.upperBound
      if ranges.isEmpty {
        // What is asked for may lie outside of what was planned.
        if next.lowerBound > start { next = start..<start + count }
        next = start..<min(end, max(start + count, min(next.upperBound, start + left)))
      } else {
        guard next.lowerBound >= ranges[ranges.count - 1].upperBound else { continue }
        next = next.lowerBound..<min(next.upperBound, next.lowerBound + left)
      }
      left -= next.count
      ranges.append(next)
    }
    return ranges.isEmpty ? [start..<min(end, start + count)] : ranges
  }
}

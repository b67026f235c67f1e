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
  private let source: any RandomAccessSource
  private let options: ReaderOptions
  private let column: String
  private let rowGroup: Int
  /// The first byte that no page of this chunk may reach.
  private let end: Int
  private var position: Int
  private var window = Bytes.empty
  private var windowStart: Int

  /// Old writers left the dictionary page header out of the chunk's size.
  private static let slack = 128

  init(
    _ source: any RandomAccessSource,
    chunk: ColumnChunk,
    dataEnd: Int,
    column: String,
    rowGroup: Int,
    options: ReaderOptions
  ) throws(ParquetError) {
    self.source = source
    self.options = options
    self.column = column
    self.rowGroup = rowGroup
    let start = Int(clamping: chunk.firstPageOffset)
    let size = Int(clamping: chunk.compressedSize)
    let (stated, overflow) = start.addingReportingOverflow(size)
    guard start >= 4, size >= 0, !overflow, stated <= dataEnd else {
      throw ParquetError.corrupt("The chunk claims \(size) bytes from \(start) on, which is outside the file's data.")
        .located(column: column, rowGroup: rowGroup)
    }
    end = min(stated + PageStream.slack, dataEnd)
    position = start
    windowStart = start
  }

  /// The next page; nil at the end of the chunk.
  func next() async throws(ParquetError) -> RawPage? {
    guard let place = try await nextHeader() else { return nil }
    let header = place.header
    do throws(ParquetError) {
      guard header.uncompressedSize <= options.limits.pageBytes else {
        throw ParquetError(
          .limitExceeded,
          "A page has \(header.uncompressedSize) bytes, more than the limit pageBytes of \(options.limits.pageBytes).",
          offset: place.offset
        )
      }
      let bodyStart = place.offset + header.headerSize
      try await fill(bodyStart, atLeast: header.compressedSize)
      let body = window[bodyStart - windowStart..<position - windowStart]
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

  /// The next page without its body; nil at the end of the chunk.
  func nextHeader() async throws(ParquetError) -> (header: PageHeader, offset: Int)? {
    guard position < end else { return nil }
    do throws(ParquetError) {
      let header = try await readHeader()
      let start = position
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
  private func readHeader() async throws(ParquetError) -> PageHeader {
    var wanted = min(256, end - position)
    while true {
      try await fill(position, atLeast: wanted)
      let available = window[position - windowStart..<window.count]
      do {
        return try PageHeader(available.span)
      } catch {
        let reached = position + available.count
        guard reached < end, available.count < options.limits.pageHeaderBytes else {
          throw error.shifted(by: position)
        }
        wanted = min(end - position, available.count * 4, options.limits.pageHeaderBytes)
      }
    }
  }

  /// Makes the window hold `count` bytes from `start` on, and as much behind as is fetched at a time.
  private func fill(_ start: Int, atLeast count: Int) async throws(ParquetError) {
    guard start < windowStart || start + count > windowStart + window.count else { return }
    let stop = min(end, start + max(count, options.fetchBytes))
    do {
      window = try await source.read(start..<stop)
    } catch {
      throw ParquetError.wrapping(error)
    }
    windowStart = start
    guard window.count == stop - start else {
      throw ParquetError(.storage, "\(window.count) bytes arrived of \(stop - start).", offset: start)
    }
  }
}

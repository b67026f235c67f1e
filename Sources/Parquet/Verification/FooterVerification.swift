internal import ByteBuffers

/// Looks at what the footer says, before any page is read.
struct FooterVerification {
  private let reader: NativeParquetReader
  private let log: VerificationLog
  private var metadata: FileMetadata { reader.metadata }
  private var footer: Place { Place(offset: Int64(reader.footerStart)) }

  init(_ reader: NativeParquetReader, _ log: VerificationLog) {
    self.reader = reader
    self.log = log
  }

  /// Bytes of all chunks, as far as they can be believed.
  var chunkBytes: Int64 {
    var total: Int64 = 0
    for group in metadata.rowGroups {
      for chunk in group.columns {
        let (sum, overflow) = total.addingReportingOverflow(max(0, chunk.compressedSize))
        if overflow { return .max }
        total = sum
      }
    }
    return total
  }

  func run() async throws(ParquetError) {
    try await checkStart()
    checkRows()
    checkNotes()
    for (index, group) in metadata.rowGroups.enumerated() { check(group, index) }
    checkPlaces()
  }

  private func checkStart() async throws(ParquetError) {
    let start: Bytes
    do {
      start = try await reader.source.read(0..<4)
    } catch {
      throw .wrapping(error)
    }
    if start.array != Array("PAR1".utf8) { log.fault("The file does not begin with PAR1.", Place(offset: 0)) }
  }

  private func checkRows() {
    let rows = metadata.rowGroups.reduce(Int64(0)) { $0 + $1.rowCount }
    if rows != metadata.rowCount {
      log.remark("The footer states \(metadata.rowCount) rows; its row groups have \(rows).", footer)
    }
  }

  private func checkNotes() {
    var keys: Set<String> = []
    for pair in metadata.keyValues where !keys.insert(pair.key).inserted {
      log.remark("The note '\(pair.key.prefix(100))' stands there more than once.", footer)
    }
  }

  private func check(_ group: RowGroup, _ index: Int) {
    let place = Place(rowGroup: index, offset: footer.offset)
    var total: Int64 = 0
    var isKnown = true
    for chunk in group.columns {
      let (sum, overflow) = total.addingReportingOverflow(chunk.uncompressedSize)
      isKnown = isKnown && !overflow && chunk.type != nil
      total = sum
    }
    if isKnown, total != group.totalByteSize {
      log.remark("The row group states \(group.totalByteSize) bytes; its chunks state \(total).", place)
    }
    for sorting in group.sortingColumns where !metadata.schema.leaves.indices.contains(Int(sorting.leaf)) {
      log.fault("The row group is said to be sorted by leaf \(sorting.leaf), which is not there.", place)
    }
  }

  /// A stretch of the file that something claims for itself.
  private struct Claim {
    var range: Range<Int64>
    var what: String
    var place: Place
  }

  /// Chunks and indexes may not share bytes, nor lie in the footer.
  private func checkPlaces() {
    var claims: [Claim] = []
    for (rowGroup, group) in metadata.rowGroups.enumerated() {
      for (leaf, chunk) in zip(metadata.schema.leaves, group.columns) where chunk.filePath == nil {
        let place = Place(rowGroup: rowGroup, column: leaf.dottedPath)
        if chunk.type != nil, chunk.valueCount > 0 {
          claim("pages", chunk.firstPageOffset, chunk.compressedSize, place, &claims)
        }
        if let index = chunk.offsetIndex {
          claim("offset index", index.offset, index.length.map { Int64($0) } ?? 0, place, &claims)
        }
        if let index = chunk.columnIndex {
          claim("column index", index.offset, index.length.map { Int64($0) } ?? 0, place, &claims)
        }
        if let filter = chunk.bloomFilter, let length = filter.length {
          claim("bloom filter", filter.offset, Int64(length), place, &claims)
        }
      }
    }
    claims.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    var furthest: Claim?
    for claim in claims {
      if let furthest, claim.range.lowerBound < furthest.range.upperBound {
        let other = furthest.place.column ?? ""
        log.fault(
          "The \(claim.what) share bytes with the \(furthest.what) of column \(other) in row group"
            + " \(furthest.place.rowGroup ?? 0).",
          claim.place
        )
      }
      if claim.range.upperBound > furthest?.range.upperBound ?? 0 { furthest = claim }
    }
  }

  private func claim(_ what: String, _ start: Int64, _ size: Int64, _ place: Place, _ claims: inout [Claim]) {
    let here = place.at(offset: start)
    let (end, overflow) = start.addingReportingOverflow(size)
    guard start >= 4, size >= 0, !overflow, end <= Int64(reader.footerStart) else {
      log.fault("The \(what) are stated as \(size) bytes, which lie outside the file's data.", here)
      return
    }
    if size > 0 { claims.append(Claim(range: start..<end, what: what, place: here)) }
  }
}

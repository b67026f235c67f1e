public import ByteBuffers

/// Writes a Parquet file.
///
///     PAR1 | row group: chunk of each leaf | ... | footer | u32 footer length | PAR1
///
/// It holds the encoded pages of one row group at most. A batch that does not fit the schema is refused as a whole and
/// can be corrected; after any other error the file is lost, and further calls fail.
public final class NativeParquetWriter: ParquetFileWriter {
  private enum State {
    case open
    case closed
    case failed
  }

  private static let magic = Array("PAR1".utf8)

  private let sink: any ByteSink
  private let footer: FooterEncoder
  private let checker: BatchChecker
  private let leaves: [LeafWriter]
  private let leafRanges: [Range<Int>]
  private var cut: RowGroupCut
  private var groups: [WrittenRowGroup] = []
  private var state = State.open
  private var rowCount: Int64 = 0
  private var offset: Int64 = 0

  /// Begins a file; nothing is written yet.
  ///
  /// - Parameters:
  ///   - sink: where the bytes go, front to back.
  ///   - schema: fields that the writer is given batches of.
  ///   - properties: encodings, compression, sizes and notes.
  /// - Throws: `unsupported` or `invalidArgument` with every problem of the schema and the properties.
  public init(sink: any ByteSink, schema: ParquetSchema, properties: WriterProperties) throws(ParquetError) {
    let plans = try WriterPlanner.plan(schema, properties)
    self.sink = sink
    footer = FooterEncoder(schema: schema, keyValues: properties.keyValues, createdBy: properties.createdBy)
    checker = BatchChecker(schema: schema)
    leafRanges = schema.leafRanges
    let compressor = Compressor(pool: .shared)
    leaves = plans.map { LeafWriter($0, compressor: compressor, pool: .shared) }
    cut = RowGroupCut(rowLimit: properties.rowGroupRows, byteLimit: properties.rowGroupBytes)
  }

  /// Appends rows.
  ///
  /// - Parameter batch: one column for each top-level field of the schema, in its order.
  /// - Throws: `invalidArgument` naming the field and the row where the batch does not fit the schema.
  public func write(_ batch: ColumnBatch) async throws(ParquetError) {
    try checkIsOpen()
    try checker.check(batch, firstRow: rowCount)
    do {
      var at = 0
      while at < batch.rowCount {
        let rows = min(batch.rowCount - at, cut.rowsToGo)
        for (range, column) in zip(leafRanges, batch.columns) {
          for leaf in leaves[range] { try leaf.append(column, from: at, count: rows) }
        }
        at += rows
        cut.add(rows: rows)
        rowCount += Int64(rows)
        if cut.isComplete(byteCount: { leaves.reduce(0) { $0 + $1.byteCount } }) { try await finishRowGroup() }
      }
    } catch {
      state = .failed
      throw error.located(rowGroup: groups.count)
    }
  }

  /// Writes what is left and the footer.
  ///
  /// - Returns: what was written.
  public func close() async throws(ParquetError) -> WrittenFile {
    try checkIsOpen()
    do {
      if cut.rows > 0 { try await finishRowGroup() }
      try await writeMagicAtStart()
      try await writeFooter()
    } catch {
      state = .failed
      throw error
    }
    state = .closed
    return WrittenFile(
      rowCount: rowCount,
      byteCount: offset,
      uncompressedByteCount: groups.reduce(0) { $0 + $1.group.totalByteSize },
      rowGroupRows: groups.map(\.group.rowCount)
    )
  }

  private func checkIsOpen() throws(ParquetError) {
    switch state {
    case .open: return
    case .closed: throw ParquetError(.invalidArgument, "The file is closed; begin another one.")
    case .failed:
      throw ParquetError(.invalidArgument, "An earlier error has left the file incomplete; begin it anew.")
    }
  }

  private func finishRowGroup() async throws(ParquetError) {
    try await writeMagicAtStart()
    var written = WrittenRowGroup(
      group: RowGroup(columns: [], totalByteSize: 0, rowCount: Int64(cut.rows), sortingColumns: []),
      pageCounts: []
    )
    for leaf in leaves {
      let chunk = try leaf.finishChunk()
      var metadata = chunk.metadata
      metadata.dataPageOffset += offset
      metadata.dictionaryPageOffset? += offset
      written.group.columns.append(metadata)
      written.group.totalByteSize += metadata.uncompressedSize
      written.pageCounts.append(chunk.pageCounts)
      for run in chunk.bytes { try await put(run) }
    }
    groups.append(written)
    cut.startGroup()
  }

  private func writeMagicAtStart() async throws(ParquetError) {
    if offset == 0 { try await put(Bytes(NativeParquetWriter.magic)) }
  }

  private func writeFooter() async throws(ParquetError) {
    let body = footer.encode(groups, rowCount: rowCount)
    guard let length = UInt32(exactly: body.count) else {
      throw ParquetError(.limitExceeded, "The footer would have \(body.count) bytes; write larger row groups.")
    }
    var tail = ByteWriter(capacity: body.count + 8)
    tail.append(body)
    tail.append(integer: length)
    tail.append(NativeParquetWriter.magic)
    try await put(tail.take())
  }

  private func put(_ bytes: Bytes) async throws(ParquetError) {
    do {
      try await sink.write(bytes)
    } catch {
      throw .wrapping(error)
    }
    offset += Int64(bytes.count)
  }
}

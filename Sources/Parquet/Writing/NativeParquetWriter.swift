public import ByteBuffers

/// Writes a Parquet file.
///
///     PAR1 | row group: chunk of each leaf, bloom filters | ... | page indexes | footer | u32 footer length | PAR1
///
/// It holds the encoded pages of one row group at most, without those of its first leaf unless a dictionary may come
/// before them; see ``WriterProperties/memoryBudget`` for less, and
/// ``WriterProperties/threads`` for more. A batch that does not fit the schema is refused as a whole and can be
/// corrected; after any other error, of whichever batch, the file is lost, and further calls fail.
public final class NativeParquetWriter: ParquetFileWriter {
  private enum State {
    case open
    case closed
    case failed
  }

  private let footer: FooterEncoder
  private let checker: BatchChecker
  let encoders: RowGroupEncoders
  let sortingColumns: [SortingColumn]
  let memory: MemoryPlan?
  let scratch: (any ScratchSpace)?
  var output: FileOutput
  var cut: RowGroupCut
  var estimate: SizeEstimate
  /// The encoder of the open row group.
  var open: RowGroupEncoder
  /// Row groups that have all their rows and are being encoded.
  var closing: [ClosingRowGroup] = []
  var groups: [WrittenRowGroup] = []
  var indexes = PendingIndexes()
  /// Where the pages of the first leaf begin that went to the sink before their row group was complete.
  var streamStart: Int64?
  private var state = State.open
  private var rowCount: Int64 = 0

  /// Begins a file; nothing is written yet.
  ///
  /// - Parameters:
  ///   - sink: where the bytes go, front to back.
  ///   - schema: fields that the writer is given batches of.
  ///   - properties: encodings, compression, sizes and notes.
  ///   - scratch: where encoded pages go that a memory budget has no room for; this writer's alone.
  /// - Throws: `unsupported` or `invalidArgument` with every problem of the schema and the properties.
  public init(
    sink: any ByteSink,
    schema: ParquetSchema,
    properties: WriterProperties,
    scratch: (any ScratchSpace)? = nil
  ) throws(ParquetError) {
    let plans = try WriterPlanner.plan(schema, properties)
    output = FileOutput(sink)
    self.scratch = scratch
    sortingColumns = properties.sortingColumns
    footer = FooterEncoder(schema: schema, keyValues: properties.keyValues, createdBy: properties.createdBy)
    checker = BatchChecker(schema: schema)
    memory = properties.memoryBudget.map { MemoryPlan(budget: $0) }
    encoders = RowGroupEncoders(schema, plans, properties, memory)
    open = encoders.take()
    estimate = SizeEstimate(plans)
    cut = RowGroupCut(
      rowLimit: properties.rowGroupRows,
      byteLimit: properties.rowGroupBytes,
      memoryLimit: memory?.limit
    )
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
        let rows = at..<at + min(batch.rowCount - at, cut.rowsToGo, stepRows)
        add(batch, rows)
        at = rows.upperBound
        if try await isRowGroupComplete() { try await finishRowGroup() } else { try await makeRoom() }
      }
      // Rows wait for other threads, and for nothing else.
      if encoders.lanes == nil || open.isCrowded { try await encodeWaiting() }
    } catch {
      state = .failed
      throw error.located(rowGroup: groups.count + closing.count)
    }
  }

  private func add(_ batch: ColumnBatch, _ rows: Range<Int>) {
    open.add(batch, rows)
    cut.add(rows: rows.count)
    rowCount += Int64(rows.count)
    // With a budget, rows are encoded at once and then looked at.
    guard memory == nil else { return }
    for (leaf, field) in encoders.fields.enumerated() { estimate.add(batch.columns[field], rows, leaf: leaf) }
  }

  /// Writes what is left and the footer.
  ///
  /// - Returns: what was written.
  public func close() async throws(ParquetError) -> WrittenFile {
    try checkIsOpen()
    do {
      if cut.rows > 0 { try await finishRowGroup() }
      while !closing.isEmpty { try await putFirstClosing() }
      try await output.putMagicAtStart()
      try await indexes.write(to: &output, groups: &groups)
      try await output.putFooter(footer.encode(groups, rowCount: rowCount))
    } catch {
      state = .failed
      throw error
    }
    state = .closed
    return WrittenFile(
      rowCount: rowCount,
      byteCount: output.offset,
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
}

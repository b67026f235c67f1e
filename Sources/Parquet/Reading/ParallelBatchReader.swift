/// Reads several row groups at the same time and delivers them in their order.
///
///     row group   0        1        2        3
///     task        a        b        a waits until 0 is delivered ...
///     caller      ^ takes batches of 0 while those of 1 are gathered
///
/// Each row group has a reader and a share of the memory of its own: half of the share is for the reader, half for the
/// batches that wait for the caller.
final class ParallelBatchReader: ColumnBatchReader {
  private let reader: NativeParquetReader
  private let selection: RowSelection
  private let file: String
  /// Row groups that nobody reads yet.
  private var waiting: ArraySlice<Int>
  private let tasks: Int
  private let fieldThreads: Int
  private let shareBytes: Int
  private var running: [RowGroupAhead] = []
  /// A batch that had more rows than the caller wanted, and how many of them were delivered.
  private var rest: (batch: ColumnBatch, delivered: Int)?

  init(_ reader: NativeParquetReader, _ selection: RowSelection) throws(ParquetError) {
    let groups = selection.rowGroups ?? Array(reader.metadata.rowGroups.indices)
    let threads = reader.options.threads
    tasks = max(1, min(threads, groups.count))
    fieldThreads = max(1, threads / tasks)
    shareBytes = reader.options.limits.memoryBytes / tasks
    var share = reader
    share.options.limits.memoryBytes = shareBytes / 2
    share.options.readers = tasks
    self.reader = share
    self.selection = selection
    file = reader.source.name
    waiting = groups[...]
    // Errors of the selection come now, as they do without threads.
    _ = try BatchReader(reader, selection, threads: 1)
  }

  deinit {
    for group in running { group.cancel() }
  }

  func next(limit: Int) async throws(ParquetError) -> ColumnBatch? {
    guard limit > 0 else {
      throw ParquetError(.invalidArgument, "A batch needs a limit of at least one row.").located(file: file)
    }
    if let (batch, delivered) = rest { return deliver(batch, from: delivered, limit) }
    start(limit)
    while let group = running.first {
      if let batch = try await group.next() { return deliver(batch, from: 0, limit) }
      running.removeFirst()
      start(limit)
    }
    return nil
  }

  /// Begins row groups until enough are read at the same time.
  private func start(_ limit: Int) {
    while running.count < tasks, let rowGroup = waiting.popFirst() {
      var selection = selection
      selection.rowGroups = [rowGroup]
      running.append(
        RowGroupAhead(reader, selection, limit: limit, aheadBytes: shareBytes / 2, threads: fieldThreads)
      )
    }
  }

  private func deliver(_ batch: ColumnBatch, from start: Int, _ limit: Int) -> ColumnBatch {
    let end = start + min(limit, batch.rowCount - start)
    rest = end < batch.rowCount ? (batch, end) : nil
    return end - start == batch.rowCount ? batch : batch.slice(start..<end)
  }
}

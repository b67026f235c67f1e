/// Reads the selected fields side by side.
final class BatchReader: ColumnBatchReader {
  private let fields: [FieldReader]
  private let file: String
  private let context: ReadingContext
  /// Leaves of the fields.
  private let leaves: [Int]
  private let planner: RowPlanner
  /// Columns that are read at the same time.
  private let threads: Int
  /// The row group that rows are taken from, and which of its rows are left.
  private var current: (plan: RowGroupPlan, walk: RowRangeWalk)?
  /// Rows before those, which a batch turned out to be too small for.
  private var waiting: [RowPart] = []
  private var measured: BatchSize?
  private var isFinished = false

  init(_ reader: NativeParquetReader, _ selection: RowSelection, threads: Int) throws(ParquetError) {
    file = reader.source.name
    self.threads = threads
    let schema = reader.metadata.schema
    let chosen = selection.fields ?? Array(schema.fields.indices)
    leaves = chosen.flatMap { schema.leafRanges[$0] }
    do throws(ParquetError) {
      let predicate = try selection.predicate.map { (predicate) throws(ParquetError) in
        try BoundPredicate(predicate, schema: schema)
      }
      context = ReadingContext(
        reader,
        leaves: leaves.count + (predicate?.leaves.count ?? 0),
        dictionaryLeaves: Set(selection.dictionaryFields.intersection(chosen).flatMap { schema.leafRanges[$0] })
      )
      var readers: [FieldReader] = []
      for field in chosen {
        let keeps = selection.dictionaryFields.contains(field)
        readers.append(try FieldReader(context, field: field, keepsDictionary: keeps))
      }
      fields = readers
      planner = try RowPlanner(context, selection, predicate: predicate, leaves: Set(leaves).sorted())
    } catch {
      throw error.located(file: reader.source.name)
    }
  }

  func next(limit: Int) async throws(ParquetError) -> ColumnBatch? {
    guard limit > 0 else {
      throw ParquetError(.invalidArgument, "A batch needs a limit of at least one row.").located(file: file)
    }
    do throws(ParquetError) {
      var parts = try await nextRows(limit)
      while true {
        let count = RowPart.rows(parts)
        if let columns = try await columns(of: parts) {
          guard count > 0 else {
            try await finish()
            return nil
          }
          let batch = ColumnBatch(rowCount: count, columns: columns)
          measured = BatchSize(batch)
          return batch
        }
        let (first, rest) = RowPart.split(parts, at: count / 2)
        parts = first
        waiting = rest + waiting
      }
    } catch {
      throw error.located(file: file)
    }
  }

  /// The columns of some rows; nil where fewer rows may fit.
  private func columns(of parts: [RowPart]) async throws(ParquetError) -> [Column]? {
    let allowance = context.budget.allowance()
    do throws(ParquetError) {
      if threads > 1, fields.count > 1 { return try await ConcurrentFields(fields).read(parts, allowance, threads) }
      var columns: [Column] = []
      for field in fields { columns.append(try await field.read(parts, allowance)) }
      return columns
    } catch {
      guard allowance.isExceeded, RowPart.rows(parts) > 1 else { throw error }
      for field in fields { field.rewind() }
      return nil
    }
  }

  /// The next rows, of one row group or several: as many as asked for, unless the limits or the file have fewer.
  private func nextRows(_ limit: Int) async throws(ParquetError) -> [RowPart] {
    if !waiting.isEmpty {
      let (first, rest) = RowPart.split(waiting, at: min(limit, measuredRows))
      waiting = rest
      return first
    }
    var parts: [RowPart] = []
    var left = limit
    // The part of a batch that is left; row groups have rows of different sizes.
    var share = 1.0
    while left > 0 {
      if current?.walk.isAtEnd ?? true {
        guard let plan = try await planner.next() else { return parts }
        current = (plan, RowRangeWalk(plan.rows))
      }
      guard let plan = current?.plan else { return parts }
      let fitting = mostRows(of: plan)
      let most = share == 1 ? fitting : Int((max(0, share) * Double(fitting)).rounded(.down))
      guard most > 0 || parts.isEmpty else { return parts }
      let rows = current?.walk.take(min(left, max(1, most))) ?? []
      parts.append(RowPart(plan: plan, rows: rows))
      let count = RowRanges.count(rows)
      left -= count
      share -= Double(count) / Double(fitting)
    }
    return parts
  }

  /// Rows of a row group that a batch can have of it, by the limits.
  private func mostRows(of plan: RowGroupPlan) -> Int {
    let limits = context.options.limits
    var most = min(measuredRows, context.rows(in: context.budget.batchBytes, of: plan.rowGroup, leaves: leaves))
    for leaf in leaves {
      most = min(most, context.rows(in: limits.batchBytes, of: plan.rowGroup, leaves: [leaf]))
    }
    return most
  }

  /// Rows that fit where they are as large as those of the last batch.
  private var measuredRows: Int {
    measured?.rows(inAll: context.budget.batchBytes, inOne: context.options.limits.batchBytes) ?? .max
  }

  /// Checks once that the columns have no rows behind those that their row groups state.
  private func finish() async throws(ParquetError) {
    guard !isFinished else { return }
    for field in fields { try await field.finish() }
    isFinished = true
  }
}

/// How large the rows of a batch were.
private struct BatchSize {
  private let inAll: Double
  private let inOne: Double

  init(_ batch: ColumnBatch) {
    // A dictionary is as large for one row as for all.
    let bytes = batch.columns.map(\.slotByteCount)
    let rows = Double(max(1, batch.rowCount))
    inAll = Double(bytes.reduce(0, +)) / rows
    inOne = Double(bytes.max() ?? 0) / rows
  }

  /// Rows of this size that fit; 1 at least.
  func rows(inAll all: Int, inOne one: Int) -> Int {
    let most = min(Double(all) / max(inAll, .leastNonzeroMagnitude), Double(one) / max(inOne, .leastNonzeroMagnitude))
    return max(1, Int(exactly: most.rounded(.down)) ?? .max)
  }
}

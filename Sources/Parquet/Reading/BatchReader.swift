/// Reads the selected fields side by side.
final class BatchReader: ColumnBatchReader {
  private let fields: [FieldReader]
  private let file: String
  private let context: ReadingContext
  /// Leaves of the fields.
  private let leaves: [Int]
  private let planner: RowPlanner
  /// The row group that rows are taken from, and which of its rows are left.
  private var current: (plan: RowGroupPlan, walk: RowRangeWalk)?
  private var isFinished = false

  init(_ reader: NativeParquetReader, _ selection: RowSelection) throws(ParquetError) {
    file = reader.source.name
    let schema = reader.metadata.schema
    let chosen = selection.fields ?? Array(schema.fields.indices)
    leaves = chosen.flatMap { schema.leafRanges[$0] }
    do throws(ParquetError) {
      let predicate = try selection.predicate.map { (predicate) throws(ParquetError) in
        try BoundPredicate(predicate, schema: schema)
      }
      context = ReadingContext(reader, leaves: leaves.count + (predicate?.leaves.count ?? 0))
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
      let parts = try await nextRows(limit)
      let count = RowPart.rows(parts)
      var columns: [Column] = []
      for field in fields { columns.append(try await field.read(parts)) }
      guard count > 0 else {
        try await finish()
        return nil
      }
      return ColumnBatch(rowCount: count, columns: columns)
    } catch {
      throw error.located(file: file)
    }
  }

  /// The next rows, of one row group or several: as many as asked for, unless the budget or the file has fewer.
  private func nextRows(_ limit: Int) async throws(ParquetError) -> [RowPart] {
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

  /// Rows of a row group that a batch can have of it, by the budget and by the limit of one column.
  private func mostRows(of plan: RowGroupPlan) -> Int {
    var most = Int.max
    for leaf in leaves {
      most = min(most, context.rows(in: context.options.limits.batchBytes, of: plan.rowGroup, leaves: [leaf]))
    }
    if let budget = context.budget {
      most = min(most, context.rows(in: budget.batchBytes, of: plan.rowGroup, leaves: leaves))
    }
    return most
  }

  /// Checks once that the columns have no rows behind those that their row groups state.
  private func finish() async throws(ParquetError) {
    guard !isFinished else { return }
    for field in fields { try await field.finish() }
    isFinished = true
  }
}

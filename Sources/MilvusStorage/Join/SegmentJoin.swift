internal import ByteBuffers
public import Parquet

/// Rows of one field in physical order, as much at a time as the caller wants.
public protocol FieldRows: AnyObject {
  /// Reads the next rows.
  ///
  /// - Parameter limit: the most rows wanted, at least 1.
  /// - Returns: exactly `limit` rows until the last of them, then nil.
  func next(limit: Int) async throws(BackfillError) -> Column?
}

/// Takes joined rows.
public protocol JoinOutput: AnyObject {
  /// Appends rows.
  ///
  /// - Parameter columns: one for each target, all with the same number of rows.
  func write(_ columns: [Column]) async throws(BackfillError)
}

/// How a field's nulls are written.
public enum NullRule: Sendable, Hashable {
  /// As nulls.
  case allowed
  /// A null ends the run.
  case refused
  /// As this cell: the field's default, or zero.
  case replaced(by: [UInt8])
}

/// Joins the new values with runs of rows of segments: the gather strategy.
///
/// For each batch of keys: probe the table, choose for every field and row where its value comes from, and gather the
/// cells straight into the columns that the writers get. Nothing is held but one batch.
public struct SegmentJoin: Sendable {
  /// The new values.
  public let newValues: NewValues
  /// What happens to matched and unmatched rows.
  public let mode: JoinMode
  /// How nulls are written, by target.
  public let nullRules: [NullRule]
  /// Rows of a batch.
  public let batchSize: Int

  /// Creates a join.
  ///
  /// - Parameters:
  ///   - newValues: the new values.
  ///   - mode: what happens to matched and unmatched rows.
  ///   - nullRules: how nulls are written, by target; all allowed when nil.
  ///   - batchSize: rows of a batch; it changes memory, never the bytes written.
  public init(_ newValues: NewValues, mode: JoinMode, nullRules: [NullRule]? = nil, batchSize: Int = 1024) {
    self.newValues = newValues
    self.mode = mode
    self.nullRules = nullRules ?? newValues.targets.map { _ in .allowed }
    self.batchSize = max(1, batchSize)
  }

  /// Joins one run of rows.
  ///
  /// - Parameters:
  ///   - keys: key of every row, in physical order.
  ///   - existing: existing values by target, each with as many rows as there are keys; nil where there are none. Not
  ///     read in mode replace.
  ///   - firstRow: number of the first row in its segment, for messages.
  ///   - output: gets every row; it is not closed.
  /// - Returns: what was counted.
  /// - Throws: ``BackfillError/Code/segmentProcessing`` when a null would be written where it is refused, with the first
  ///   rows.
  public func join(
    keys: any FieldRows,
    existing: [(any FieldRows)?],
    firstRow: Int64 = 0,
    into output: any JoinOutput
  ) async throws(BackfillError) -> JoinCounts {
    guard mode == .replace || existing.count == newValues.targets.count else {
      throw BackfillError(.segmentProcessing, "\(existing.count) fields of \(newValues.targets.count) were given.")
    }
    var counts = JoinCounts(fields: newValues.targets.count)
    let scratch = JoinScratch(capacity: batchSize)
    var problems = ProblemList()
    while let keyColumn = try await keys.next(limit: batchSize) {
      if Task.isCancelled { throw BackfillError.wrapping(CancellationError(), as: .cancelled) }
      guard keyColumn.count <= batchSize else {
        throw BackfillError(.segmentProcessing, "\(keyColumn.count) keys came where \(batchSize) were asked for.")
      }
      newValues.probe(keyColumn, scratch: scratch.integers, into: scratch.rows)
      counts.add(rows: keyColumn.count, matched: scratch.matches(keyColumn.count))
      var columns: [Column] = []
      for index in newValues.targets.indices {
        let old = mode.readsExisting ? try await existing[index]?.next(limit: keyColumn.count) : nil
        if let old { try check(old, index, rows: keyColumn.count) }
        let column = try merge(
          index,
          existing: old,
          count: keyColumn.count,
          row: firstRow + counts.rows - Int64(keyColumn.count),
          scratch: scratch,
          counts: &counts,
          problems: &problems
        )
        columns.append(column)
      }
      if problems.isEmpty { try await output.write(columns) }
    }
    try problems.check(.segmentProcessing)
    return counts
  }

  /// Existing values must have the rows of the keys and the layout of the field's cells.
  private func check(_ existing: Column, _ index: Int, rows: Int) throws(BackfillError) {
    let name = newValues.targets[index].name
    guard existing.count == rows else {
      throw BackfillError(.segmentProcessing, "Field '\(name)' has other rows than the key field.", field: name)
    }
    switch (existing.storage, newValues.stores[index].layout) {
    case (.fixed(_, let width), .fixed(let wanted)) where width == wanted: return
    case (.variable, .variable): return
    default:
      throw BackfillError(
        .segmentProcessing,
        "Existing values of field '\(name)' have another layout than its new values.",
        field: name
      )
    }
  }

  private func merge(
    _ index: Int,
    existing: Column?,
    count: Int,
    row: Int64,
    scratch: JoinScratch,
    counts: inout JoinCounts,
    problems: inout ProblemList
  ) throws(BackfillError) -> Column {
    let store = newValues.stores[index]
    scratch.choose(mode, store: store, existing: existing, count: count, field: index, counts: &counts)
    var column = try gather(store, existing: existing, count: count, scratch: scratch)
    guard column.nullCount > 0 else { return column }
    switch nullRules[index] {
    case .allowed: break
    case .refused:
      let name = newValues.targets[index].name
      for at in 0..<count where !column.isValid(at) {
        problems.add(
          "Row \(row + Int64(at)) would get a null in field '\(name)', which cannot hold one. "
            + "Give the row a value, or ask for the default on null."
        )
      }
    case .replaced(let cell): column = column.replacingNulls(by: cell)
    }
    return column
  }

  private func gather(
    _ store: CellStore,
    existing: Column?,
    count: Int,
    scratch: JoinScratch
  ) throws(BackfillError) -> Column {
    let validity = scratch.validity(count)
    switch store.layout {
    case .fixed(let width):
      let block = BufferPool.shared.take(count * width)
      var old: UnsafeRawPointer?
      if case .fixed(let values, width) = existing?.storage { old = values.base }
      gatherFixed(
        scratch.sources,
        rows: scratch.rows,
        count: count,
        width: width,
        new: store.fixedCells,
        existing: old,
        into: block.base
      )
      let cells = Bytes(block, count: count * width)
      return Column(count: count, validity: validity, storage: .fixed(cells, width: width))
    case .variable:
      return try gatherCells(store, existing: existing, count: count, scratch: scratch, validity: validity)
    }
  }

  private func gatherCells(
    _ store: CellStore,
    existing: Column?,
    count: Int,
    scratch: JoinScratch,
    validity: Validity?
  ) throws(BackfillError) -> Column {
    var old: (offsets: UnsafePointer<Int32>, data: UnsafeRawPointer)?
    if case .variable(let offsets, let data) = existing?.storage {
      old = (offsets.base.assumingMemoryBound(to: Int32.self), data.base)
    }
    let total = variableBytes(
      scratch.sources,
      rows: scratch.rows,
      count: count,
      lengths: store.cellLengths,
      existing: old?.offsets
    )
    guard total <= Int(Int32.max) else {
      throw BackfillError(
        .segmentProcessing,
        "\(count) rows of a field have \(total) bytes, more than fit a batch. Choose a smaller batchSize."
      )
    }
    let offsets = BufferPool.shared.take((count + 1) * 4)
    let data = BufferPool.shared.take(total)
    gatherVariable(
      scratch.sources,
      rows: scratch.rows,
      count: count,
      new: store,
      existing: old,
      offsets: offsets.base.assumingMemoryBound(to: Int32.self),
      into: data.base
    )
    return Column(
      count: count,
      validity: validity,
      storage: .variable(offsets: Bytes(offsets, count: (count + 1) * 4), data: Bytes(data, count: total))
    )
  }
}

/// Decides which rows of each row group are read, one row group at a time.
final class RowPlanner {
  private let context: ReadingContext
  /// Leaves that are delivered.
  private let leaves: [Int]
  private let predicate: BoundPredicate?
  private let stages: [PredicateStage]
  /// Row groups that were not planned yet, with the wanted rows of each; nil for all rows.
  private var rowGroups: ArraySlice<(index: Int, rows: [Range<Int>]?)>

  init(
    _ context: ReadingContext,
    _ selection: RowSelection,
    predicate: BoundPredicate?,
    leaves: [Int]
  ) throws(ParquetError) {
    self.context = context
    self.leaves = leaves
    self.predicate = predicate
    stages =
      try predicate.map { (predicate) throws(ParquetError) in
        try PredicateStage.stages(predicate, context)
      } ?? []
    let groups = context.reader.metadata.rowGroups
    let wanted = selection.rowGroups ?? Array(groups.indices)
    guard let rows = selection.rows else {
      rowGroups = wanted.map { ($0, nil) }[...]
      return
    }
    let starts = try RowPlanner.starts(groups)
    try RowPlanner.check(rows, end: starts[groups.count])
    rowGroups = wanted.map { ($0, RowPlanner.rows(rows, within: starts[$0]..<starts[$0 + 1])) }[...]
  }

  /// The first row of each row group, and the end of the last.
  private static func starts(_ groups: [RowGroup]) throws(ParquetError) -> [Int64] {
    var starts: [Int64] = [0]
    for group in groups {
      let (end, overflow) = starts[starts.count - 1].addingReportingOverflow(max(0, group.rowCount))
      guard !overflow else { throw .corrupt("The row groups have more than 2^63 rows.") }
      starts.append(end)
    }
    return starts
  }

  private static func check(_ rows: [Range<Int64>], end: Int64) throws(ParquetError) {
    var reached: Int64 = 0
    for range in rows {
      guard range.lowerBound >= reached, range.upperBound <= end else {
        throw ParquetError(
          .invalidArgument,
          "The selection names rows \(range) behind row \(reached) of \(end); ranges have to ascend, apart, in the file."
        )
      }
      reached = range.upperBound
    }
  }

  private static func rows(_ rows: [Range<Int64>], within group: Range<Int64>) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for range in rows {
      let part = range.clamped(to: group)
      guard !part.isEmpty else { continue }
      RowRanges.append(
        Int(clamping: part.lowerBound - group.lowerBound)..<Int(clamping: part.upperBound - group.lowerBound),
        to: &result
      )
    }
    return result
  }

  /// The next row group with rows to read; nil at the end.
  ///
  /// Without a predicate and without ranges every row group comes, even one without rows, so that it is checked.
  func next() async throws(ParquetError) -> RowGroupPlan? {
    while let (index, rows) = rowGroups.popFirst() {
      do throws(ParquetError) {
        let count = Int(clamping: max(0, context.reader.metadata.rowGroups[index].rowCount))
        let all = count > 0 ? [0..<count] : []
        if rows == nil, predicate == nil { return RowGroupPlan(rowGroup: index, rowCount: count, rows: all) }
        if let plan = try await plan(index, count, rows ?? all) { return plan }
      } catch {
        throw error.located(rowGroup: index)
      }
    }
    return nil
  }

  private func plan(_ rowGroup: Int, _ count: Int, _ wanted: [Range<Int>]) async throws(ParquetError) -> RowGroupPlan? {
    var rows = wanted
    guard !rows.isEmpty else { return nil }
    var maps: [Int: PageMap] = [:]
    if let predicate {
      guard try await mayMatch(predicate, rowGroup) else { return nil }
      if context.options.usesPageIndex {
        let pages = try await IndexLoader(context: context).pages(predicate.leaves, rowGroup: rowGroup, rowCount: count)
        maps = pages.mapValues(\.map)
        rows = RowRanges.intersection(rows, PagePruning(rowCount: count, pages: pages).rows(predicate))
      }
      for stage in stages where !rows.isEmpty {
        try await loadMaps(stage.leaves, rowGroup, count, rows, into: &maps)
        rows = try await stage.rows(of: RowGroupPlan(rowGroup: rowGroup, rowCount: count, rows: rows, pages: maps))
      }
    }
    guard !rows.isEmpty else { return nil }
    try await loadMaps(leaves, rowGroup, count, rows, into: &maps)
    return RowGroupPlan(rowGroup: rowGroup, rowCount: count, rows: rows, pages: maps)
  }

  private func mayMatch(_ predicate: BoundPredicate, _ rowGroup: Int) async throws(ParquetError) -> Bool {
    let metadata = context.reader.metadata
    let pruning = RowGroupPruning(metadata: metadata)
    if context.options.usesStatistics, !pruning.mayMatch(predicate, rowGroup: rowGroup) { return false }
    guard context.options.usesBloomFilters else { return true }
    return try await BloomLoader(context: context).mayMatch(predicate, rowGroup: rowGroup) { test in
      !self.context.options.usesStatistics || test.mayBeTrue(pruning.bounds(of: test.leaf, rowGroup: rowGroup))
    }
  }

  /// Fetches the places of pages where only some rows are read; all rows are read front to back without them.
  private func loadMaps(
    _ leaves: [Int],
    _ rowGroup: Int,
    _ count: Int,
    _ rows: [Range<Int>],
    into maps: inout [Int: PageMap]
  ) async throws(ParquetError) {
    guard rows != [0..<count] else {
      maps = [:]
      return
    }
    let missing = leaves.filter { maps[$0] == nil }
    guard context.options.usesPageIndex, !missing.isEmpty else { return }
    let found = try await IndexLoader(context: context).pageMaps(missing, rowGroup: rowGroup, rowCount: count)
    maps.merge(found) { known, _ in known }
  }
}

/// A part of a predicate with the leaves that it tests.
///
/// The parts of a conjunction are evaluated one after the other, each only on the rows that those before it left.
final class PredicateStage {
  /// Most rows that are decoded at a time.
  private static let window = 16 << 10

  let predicate: BoundPredicate
  let leaves: [Int]
  private let context: ReadingContext
  private let readers: [LeafReader]

  init(_ predicate: BoundPredicate, _ context: ReadingContext) throws(ParquetError) {
    self.predicate = predicate
    self.context = context
    leaves = predicate.leaves
    var readers: [LeafReader] = []
    for leaf in leaves {
      readers.append(
        try LeafReader(
          LeafCursor(context, leaf: context.reader.metadata.schema.leaves[leaf]),
          slotLevel: 0,
          entryLevels: [0],
          keepsLevels: false,
          keepsDictionary: false,
          limits: context.options.limits
        )
      )
    }
    self.readers = readers
  }

  /// The stages of a predicate: parts of a conjunction that test the same leaves are one.
  static func stages(_ predicate: BoundPredicate, _ context: ReadingContext) throws(ParquetError) -> [PredicateStage] {
    guard case .all(let parts) = predicate else { return [try PredicateStage(predicate, context)] }
    var groups: [(leaves: [Int], parts: [BoundPredicate])] = []
    for part in parts {
      let leaves = part.leaves
      if let known = groups.firstIndex(where: { $0.leaves == leaves }) {
        groups[known].parts.append(part)
      } else {
        groups.append((leaves, [part]))
      }
    }
    var stages: [PredicateStage] = []
    for group in groups { stages.append(try PredicateStage(.all(group.parts), context)) }
    return stages
  }

  /// The rows of a plan for which the predicate is true.
  func rows(of plan: RowGroupPlan) async throws(ParquetError) -> [Range<Int>] {
    var most = context.rows(in: context.budget.batchBytes, of: plan.rowGroup, leaves: leaves)
    most = min(most, PredicateStage.window)
    var result: [Range<Int>] = []
    var walk = RowRangeWalk(plan.rows)
    while !walk.isAtEnd {
      var ahead = walk
      let rows = ahead.take(most)
      guard let columns = try await columns(of: RowPart(plan: plan, rows: rows)) else {
        most = RowRanges.count(rows) / 2
        continue
      }
      walk = ahead
      let flags = PredicateEvaluator(columns: columns, count: RowRanges.count(rows)).rows(predicate)
      PredicateEvaluator.append(flags, of: rows, to: &result)
    }
    for reader in readers { try await reader.finish() }
    return result
  }

  /// The columns of some rows by leaf; nil where fewer rows may fit.
  private func columns(of part: RowPart) async throws(ParquetError) -> [Int: Column]? {
    let allowance = context.budget.allowance()
    var columns: [Int: Column] = [:]
    do throws(ParquetError) {
      for (leaf, reader) in zip(leaves, readers) {
        columns[leaf] = try await reader.read([part], allowance).column
      }
      return columns
    } catch {
      guard allowance.isExceeded, RowRanges.count(part.rows) > 1 else { throw error }
      for reader in readers { reader.rewind() }
      return nil
    }
  }
}

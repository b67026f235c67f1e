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
    var most = PredicateStage.window
    if let budget = context.budget {
      most = min(most, context.rows(in: budget.batchBytes, of: plan.rowGroup, leaves: leaves))
    }
    var result: [Range<Int>] = []
    var walk = RowRangeWalk(plan.rows)
    while !walk.isAtEnd {
      let rows = walk.take(most)
      var columns: [Int: Column] = [:]
      for (leaf, reader) in zip(leaves, readers) {
        columns[leaf] = try await reader.read([RowPart(plan: plan, rows: rows)]).column
      }
      let flags = PredicateEvaluator(columns: columns, count: RowRanges.count(rows)).rows(predicate)
      PredicateEvaluator.append(flags, of: rows, to: &result)
    }
    for reader in readers { try await reader.finish() }
    return result
  }
}

/// The rows that are read of one row group, and where the pages of its leaves are known to begin.
final class RowGroupPlan {
  let rowGroup: Int
  /// Rows that the row group states.
  let rowCount: Int
  /// The rows wanted, ascending and apart from each other.
  let rows: [Range<Int>]
  /// Pages by leaf; only of leaves whose index was fetched and makes sense.
  let pages: [Int: PageMap]

  init(rowGroup: Int, rowCount: Int, rows: [Range<Int>], pages: [Int: PageMap] = [:]) {
    self.rowGroup = rowGroup
    self.rowCount = rowCount
    self.rows = rows
    self.pages = pages
  }
}

/// Some of the rows that a plan wants, to be read next.
struct RowPart {
  let plan: RowGroupPlan
  /// Rows behind those that were read before.
  let rows: [Range<Int>]

  /// The first `count` rows of some parts, and the others.
  static func split(_ parts: [RowPart], at count: Int) -> (first: [RowPart], rest: [RowPart]) {
    var first: [RowPart] = []
    var rest: [RowPart] = []
    var left = count
    for part in parts {
      var walk = RowRangeWalk(part.rows)
      let taken = walk.take(left)
      left -= RowRanges.count(taken)
      if !taken.isEmpty { first.append(RowPart(plan: part.plan, rows: taken)) }
      let other = walk.take(.max)
      if !other.isEmpty { rest.append(RowPart(plan: part.plan, rows: other)) }
    }
    return (first, rest)
  }

  /// Rows of some parts in all.
  static func rows(_ parts: [RowPart]) -> Int {
    parts.reduce(0) { $0 + RowRanges.count($1.rows) }
  }
}

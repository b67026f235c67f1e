internal import ByteBuffers

/// Leaves out rows whose pages hold no value that can satisfy a predicate, by the column indexes.
///
/// Pages of different columns do not begin at the same rows: every test gives the rows of its pages, and these are put
/// together as the tests are.
struct PagePruning {
  /// The indexes of a leaf, when both were read and agree.
  struct Pages: Sendable {
    let map: PageMap
    let bounds: [ValueBounds]

    init?(_ map: PageMap, _ index: ColumnIndex, _ leaf: LeafColumn, _ trust: BoundsTrust) {
      guard index.pageCount == map.pages.count, index.minValues.count == index.pageCount,
        index.maxValues.count == index.pageCount
      else {
        return nil
      }
      self.map = map
      let isKnown = trust.isOrderKnown && ValueDomain(leaf) != .decimalBytes
      bounds = (0..<index.pageCount).map { page in
        var result = ValueBounds()
        result.nulls = PagePruning.nulls(index, page, leaf)
        if isKnown, !index.nullPages[page] {
          result.least = index.minValues[page]
          result.greatest = index.maxValues[page]
        }
        if let counts = index.nanCounts, counts.count == index.pageCount { result.mayHaveNaN = counts[page] != 0 }
        return result
      }
    }
  }

  let rowCount: Int
  /// What is known, by leaf.
  let pages: [Int: Pages]

  /// The rows that may satisfy the predicate; those left out certainly do not.
  func rows(_ predicate: BoundPredicate) -> [Range<Int>] {
    let all = rowCount > 0 ? [0..<rowCount] : []
    switch predicate {
    case .test(let test):
      guard let known = pages[test.leaf.index] else { return all }
      var result: [Range<Int>] = []
      for (page, bounds) in known.bounds.enumerated() where test.mayBeTrue(bounds) {
        RowRanges.append(known.map.rows(page), to: &result)
      }
      return result
    case .all(let parts):
      return parts.reduce(all) { RowRanges.intersection($0, rows($1)) }
    case .any(let parts):
      return parts.reduce([]) { RowRanges.union($0, rows($1)) }
    }
  }

  private static func nulls(_ index: ColumnIndex, _ page: Int, _ leaf: LeafColumn) -> ValueBounds.Nulls {
    if leaf.maxDefinitionLevel == 0 { return .none }
    if index.nullPages[page] { return .all }
    guard let counts = index.nullCounts, counts.count == index.pageCount else { return .unknown }
    return counts[page] == 0 ? .none : .some
  }
}

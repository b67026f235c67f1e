/// Checks of properties that concern single features: encodings, bloom filters, sorting columns, memory.
enum FeatureChecks {
  /// Problems of the properties of a whole file.
  static func file(_ properties: WriterProperties, leafCount: Int) -> [String] {
    var problems: [String] = []
    var seen: Set<Int32> = []
    for column in properties.sortingColumns {
      if column.leaf < 0 || Int(column.leaf) >= leafCount {
        problems.append("A sorting column is leaf \(column.leaf); the schema has \(leafCount) leaves.")
      } else if !seen.insert(column.leaf).inserted {
        problems.append("Leaf \(column.leaf) is a sorting column twice.")
      }
    }
    return problems
  }

  /// Problems of one leaf's properties.
  static func leaf(_ leaf: LeafColumn, _ column: WriterProperties.ColumnProperties) -> [String] {
    var problems: [String] = []
    if !column.encoding.types.contains(leaf.type) {
      let encoding = column.encoding.encoding
      problems.append("Field '\(leaf.dottedPath)' is \(leaf.type.name), which cannot be encoded as \(encoding).")
    }
    if let filter = column.writesBloomFilter {
      if leaf.type == .boolean {
        problems.append("Field '\(leaf.dottedPath)' is BOOLEAN, which has no bloom filters.")
      }
      if !(filter.falsePositiveRate > 0 && filter.falsePositiveRate < 1) {
        problems.append(
          "Field '\(leaf.dottedPath)' has a false-positive rate of \(filter.falsePositiveRate); it has to be between 0 and 1."
        )
      }
      if let distinct = filter.distinctValues, distinct < 1 {
        problems.append("Field '\(leaf.dottedPath)' is to have \(distinct) distinct values; it has to be at least 1.")
      }
    }
    return problems
  }

  /// Memory that a leaf takes before it holds a value: the least sizes of its buffers.
  private static let leastLeafBytes = 64 << 10

  /// Whether a budget is large enough for a file without rows.
  static func memory(_ properties: WriterProperties, _ plans: [LeafPlan]) -> [String] {
    guard let budget = properties.memoryBudget else { return [] }
    let least = plans.reduce(1 << 20) { sum, plan in
      // A filter is copied when it is written.
      sum + leastLeafBytes + 4 * (LeafWriter.emptyFilter(plan)?.byteCount ?? 0)
    }
    guard budget < least else { return [] }
    return ["memoryBudget is \(budget); \(plans.count) leaves need \(least) at least."]
  }
}

internal import ByteBuffers

/// Checks a batch against the plans before any of it is written: what passes cannot make an encoder read outside a
/// buffer, and a batch that fails leaves the writer as it was.
struct BatchChecker {
  let plans: [LeafPlan]

  /// Checks every column.
  ///
  /// - Parameters:
  ///   - batch: the rows.
  ///   - firstRow: rows of the file before it; messages count rows from the start of the file.
  func check(_ batch: ColumnBatch, firstRow: Int64) throws(ParquetError) {
    guard batch.columns.count == plans.count else {
      throw ParquetError(
        .invalidArgument,
        "The batch has \(batch.columns.count) columns; the schema has \(plans.count) fields."
      )
    }
    guard batch.rowCount >= 0 else {
      throw ParquetError(.invalidArgument, "The batch claims \(batch.rowCount) rows.")
    }
    for (plan, column) in zip(plans, batch.columns) {
      let problem: Problem?
      if column.count != batch.rowCount {
        problem = Problem("has \(column.count) rows; the batch has \(batch.rowCount)")
      } else if column.count == 0 {
        problem = nil
      } else if plan.shape == .flat {
        problem = BatchChecker.values(column, plan, isNullable: plan.hasNullableValues)
      } else {
        problem = BatchChecker.list(column, plan)
      }
      if let problem {
        let place = problem.row.map { " at row \(firstRow + Int64($0))" } ?? ""
        throw ParquetError(.invalidArgument, "Field '\(plan.field)' \(problem.text)\(place).", column: plan.field)
      }
    }
  }

  private struct Problem {
    var text: String
    var row: Int?

    init(_ text: String, row: Int? = nil) {
      self.text = text
      self.row = row
    }
  }

  /// Checks the slots of a flat column, or the elements of a list, where a row of the problem is an element.
  private static func values(_ column: Column, _ plan: LeafPlan, isNullable: Bool) -> Problem? {
    if let problem = nulls(column, isNullable: isNullable) { return problem }
    switch (plan.layout, column.storage) {
    case (.fixed(let wanted), .fixed(let bytes, let width)):
      guard width == wanted else {
        return Problem("has slots of \(width) bytes; \(plan.leaf.type.name) takes \(wanted)")
      }
      guard column.count <= bytes.count / width else {
        return Problem("has \(bytes.count) bytes, too few for \(column.count) slots of \(width)")
      }
      return nil
    case (.variable, .variable(let offsets, let data)):
      return ranges(offsets, column.count, end: data.count, longest: WriterPlanner.longestValue, "bytes")
    case (.fixed(let wanted), _): return Problem("is not given in slots of \(wanted) bytes")
    case (.variable, _): return Problem("is not given as offsets and bytes")
    }
  }

  private static func list(_ column: Column, _ plan: LeafPlan) -> Problem? {
    guard case .list(listDefinition: let listDefinition) = plan.shape,
      case .list(let offsets, let elements) = column.storage
    else { return Problem("is not given as a list column") }
    if let problem = nulls(column, isNullable: listDefinition == 1) { return problem }
    guard elements.count >= 0 else { return Problem("claims \(elements.count) elements") }
    let elementBytes: Int
    if case .fixed(let width) = plan.layout { elementBytes = width } else { elementBytes = PlainEncoder.lengthBytes }
    let longest = WriterPlanner.longestValue / elementBytes
    if let problem = ranges(offsets, column.count, end: elements.count, longest: longest, "elements") {
      return problem
    }
    guard elements.count > 0 else { return nil }
    if var problem = values(elements, plan, isNullable: plan.hasNullableValues) {
      problem.text += problem.row == nil ? " in its elements" : " in an element"
      problem.row = problem.row.flatMap { element in
        (0..<column.count).first { PlainEncoder.offset(offsets.base, $0 + 1) > element }
      }
      return problem
    }
    guard case .variable(let bounds, _) = elements.storage else { return nil }
    for row in 0..<column.count {
      let start = PlainEncoder.offset(offsets.base, row)
      let end = PlainEncoder.offset(offsets.base, row + 1)
      let size = PlainEncoder.offset(bounds.base, end) - PlainEncoder.offset(bounds.base, start)
      if size + (end - start) * elementBytes > WriterPlanner.longestValue {
        return Problem("has a list of \(size) bytes; the most is \(WriterPlanner.longestValue)", row: row)
      }
    }
    return nil
  }

  private static func nulls(_ column: Column, isNullable: Bool) -> Problem? {
    guard let bits = column.validity?.bits else { return nil }
    guard column.count <= bits.count * 8 else {
      return Problem("has \(bits.count * 8) validity bits for \(column.count) slots")
    }
    guard !isNullable, let row = ValidityWords.firstZero(bits.base, column.count) else { return nil }
    return Problem("is REQUIRED and has a null", row: row)
  }

  /// Checks that offsets ascend within `0...end` by at most `longest`.
  private static func ranges(_ offsets: Bytes, _ count: Int, end: Int, longest: Int, _ unit: String) -> Problem? {
    guard count < offsets.count / 4 else {
      return Problem("has \(offsets.count / 4) offsets; \(count) slots take one more than there are slots")
    }
    // One pass without branches: a negative offset shows in the sign of `all`, a descending or too long step as a large
    // unsigned difference.
    var all: Int32 = 0
    var largestStep: UInt32 = 0
    var previous = Int32(truncatingIfNeeded: PlainEncoder.offset(offsets.base, 0))
    all |= previous
    for index in 1...count {
      let next = Int32(truncatingIfNeeded: PlainEncoder.offset(offsets.base, index))
      all |= next
      largestStep = max(largestStep, UInt32(bitPattern: next &- previous))
      previous = next
    }
    guard all < 0 || Int(largestStep) > longest || Int(previous) > end else { return nil }
    for row in 0..<count {
      let (low, high) = (PlainEncoder.offset(offsets.base, row), PlainEncoder.offset(offsets.base, row + 1))
      if low < 0 || high < low || high > end {
        return Problem("has the offsets \(low) and \(high), which do not ascend within 0 to \(end),", row: row)
      }
      if high - low > longest {
        return Problem("has a value of \(high - low) \(unit); the most is \(longest)", row: row)
      }
    }
    return nil
  }
}

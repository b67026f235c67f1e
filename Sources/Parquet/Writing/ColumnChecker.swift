internal import ByteBuffers

/// Checks a column of one field or element, and what is below it.
struct ColumnChecker {
  private let shape: FieldShape
  /// Which slots are looked at: not those below a null, which may hold anything, nor those behind the end; nil for all.
  private let isLive: [Bool]?

  init(_ shape: FieldShape, isLive: [Bool]?) {
    self.shape = shape
    self.isLive = isLive
  }

  private func isLooked(at slot: Int) -> Bool {
    guard let isLive else { return true }
    return slot < isLive.count && isLive[slot]
  }

  private func problem(_ text: String, row: Int? = nil) -> ColumnProblem {
    ColumnProblem(text, path: [shape.name], row: row)
  }

  func check(_ column: Column) -> ColumnProblem? {
    guard column.count >= 0 else { return problem("claims \(column.count) slots") }
    guard column.count > 0 else { return nil }
    if let problem = nulls(column) { return problem }
    switch (shape.kind, column.storage) {
    case (.values(let leaf), _): return values(column, leaf)
    case (.structure(let fields), .structure(let columns)): return structure(column, fields, columns)
    case (.list(let element), .list(let offsets, let elements)): return list(column, offsets, elements, element, nil)
    case (.map(let key, let value), .list(let offsets, let elements)):
      return list(column, offsets, elements, key, value)
    case (.structure, _): return problem("is not given as a structure column")
    case (.list, _): return problem("is not given as a list column")
    case (.map, _): return problem("is not given as a list of structures of key and value")
    }
  }

  private func nulls(_ column: Column) -> ColumnProblem? {
    guard let bits = column.validity?.bits else { return nil }
    guard column.count <= bits.count * 8 else {
      return problem("has \(bits.count * 8) validity bits for \(column.count) slots")
    }
    guard !shape.isNullable else { return nil }
    let row: Int?
    if let isLive {
      row = isLive.indices.first { isLive[$0] && !ValidityWords.isSet(bits.base, $0) }
    } else {
      row = ValidityWords.firstZero(bits.base, column.count)
    }
    return row.map { problem("is REQUIRED and has a null", row: $0) }
  }

  // MARK: - Values

  private func values(_ column: Column, _ leaf: LeafColumn) -> ColumnProblem? {
    switch (leaf.layout, column.storage) {
    case (_, .dictionary(let indices, let values)): return dictionary(column, leaf, indices, values)
    case (.fixed(let wanted), .fixed(let bytes, let width)):
      guard width == wanted else { return problem("has slots of \(width) bytes; \(leaf.type.name) takes \(wanted)") }
      guard column.count <= bytes.count / width else {
        return problem("has \(bytes.count) bytes, too few for \(column.count) slots of \(width)")
      }
      return nil
    case (.variable, .variable(let offsets, let data)):
      return ranges(offsets, column.count, end: data.count, longest: WriterPlanner.longestValue, "bytes")
    case (.fixed(let wanted), _): return problem("is not given in slots of \(wanted) bytes")
    case (.variable, _): return problem("is not given as offsets and bytes")
    }
  }

  private func dictionary(_ column: Column, _ leaf: LeafColumn, _ indices: Bytes, _ values: Column) -> ColumnProblem? {
    guard column.count <= indices.count / 4 else {
      return problem("has \(indices.count / 4) indices, too few for \(column.count) slots")
    }
    if case .dictionary = values.storage { return problem("has a dictionary of dictionaries") }
    guard values.nullCount == 0 else { return problem("has nulls in its dictionary") }
    if values.count > 0, let found = self.values(values, leaf) { return found }
    let numbers = indices.base.assumingMemoryBound(to: UInt32.self)
    for slot in 0..<column.count where column.isValid(slot) && Int(numbers[slot]) >= values.count {
      return problem("has the index \(numbers[slot]) of a dictionary of \(values.count) values", row: slot)
    }
    return nil
  }

  // MARK: - Structures

  private func structure(_ column: Column, _ fields: [FieldShape], _ columns: [Column]) -> ColumnProblem? {
    guard fields.count == columns.count else {
      return problem("has \(columns.count) columns; the schema has \(fields.count) fields")
    }
    let below = liveBelow(column)
    for (field, child) in zip(fields, columns) {
      guard child.count == column.count else {
        return ColumnProblem(
          "has \(child.count) slots; its structure has \(column.count)",
          path: [shape.name, field.name]
        )
      }
      if var problem = ColumnChecker(field, isLive: below).check(child) {
        problem.path.insert(shape.name, at: 0)
        return problem
      }
    }
    return nil
  }

  /// The slots that are looked at and are not null.
  private func liveBelow(_ column: Column) -> [Bool]? {
    guard column.nullCount > 0 else { return isLive }
    return (0..<column.count).map { isLooked(at: $0) && column.isValid($0) }
  }

  // MARK: - Lists

  private func list(
    _ column: Column,
    _ offsets: Bytes,
    _ elements: Column,
    _ element: FieldShape,
    _ value: FieldShape?
  ) -> ColumnProblem? {
    guard elements.count >= 0 else { return problem("claims \(elements.count) elements") }
    let longest = WriterPlanner.longestValue / max(1, elementBytes(element))
    if let problem = ranges(offsets, column.count, end: elements.count, longest: longest, "elements") {
      return problem
    }
    guard elements.count > 0 else { return nil }
    let below = liveElements(column, offsets, elements.count)
    var found: ColumnProblem?
    if let value {
      guard case .structure(let columns) = elements.storage, columns.count == 2 else {
        return problem("is not given as a list of structures of key and value")
      }
      for (shape, child) in zip([element, value], columns) where found == nil {
        found =
          child.count == elements.count
          ? ColumnChecker(shape, isLive: below).check(child)
          : ColumnProblem("has \(child.count) slots; its map has \(elements.count)", path: [shape.name])
      }
    } else {
      found = ColumnChecker(element, isLive: below).check(elements)
    }
    if var problem = found {
      problem.text += problem.row == nil ? " in its elements" : " in an element"
      problem.row = problem.row.flatMap { slot in
        (0..<column.count).first { PlainEncoder.offset(offsets.base, $0 + 1) > slot }
      }
      // The name of an element says nothing; that of a key or value does.
      problem.path.replaceSubrange(0..<(value == nil ? 1 : 0), with: [shape.name])
      return problem
    }
    return value == nil ? tooLong(column, offsets, elements) : nil
  }

  private func elementBytes(_ element: FieldShape) -> Int {
    guard case .values(let leaf) = element.kind else { return 1 }
    return leaf.type == .byteArray ? PlainEncoder.lengthBytes : leaf.slotWidth
  }

  /// The elements of lists that are looked at; nil when these are all elements.
  private func liveElements(_ column: Column, _ offsets: Bytes, _ count: Int) -> [Bool]? {
    let first = PlainEncoder.offset(offsets.base, 0)
    let last = PlainEncoder.offset(offsets.base, column.count)
    guard column.nullCount > 0 || isLive != nil || first > 0 || last < count else { return nil }
    var result = [Bool](repeating: false, count: last)
    for slot in 0..<column.count where column.isValid(slot) && isLooked(at: slot) {
      for element in PlainEncoder.offset(offsets.base, slot)..<PlainEncoder.offset(offsets.base, slot + 1) {
        result[element] = true
      }
    }
    return result
  }

  /// A list of strings is one row of a page, whose size has 32 bits.
  private func tooLong(_ column: Column, _ offsets: Bytes, _ elements: Column) -> ColumnProblem? {
    guard case .variable(let bounds, _) = elements.storage else { return nil }
    for row in 0..<column.count {
      let start = PlainEncoder.offset(offsets.base, row)
      let end = PlainEncoder.offset(offsets.base, row + 1)
      let size = PlainEncoder.offset(bounds.base, end) - PlainEncoder.offset(bounds.base, start)
      if size + (end - start) * PlainEncoder.lengthBytes > WriterPlanner.longestValue {
        return problem("has a list of \(size) bytes; the most is \(WriterPlanner.longestValue)", row: row)
      }
    }
    return nil
  }

  /// Checks that offsets ascend within `0...end` by at most `longest`.
  private func ranges(_ offsets: Bytes, _ count: Int, end: Int, longest: Int, _ unit: String) -> ColumnProblem? {
    guard count < offsets.count / 4 else {
      return problem("has \(offsets.count / 4) offsets; \(count) slots take one more than there are slots")
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
        return problem("has the offsets \(low) and \(high), which do not ascend within 0 to \(end),", row: row)
      }
      if high - low > longest {
        return problem("has a value of \(high - low) \(unit); the most is \(longest)", row: row)
      }
    }
    return nil
  }
}

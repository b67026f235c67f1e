internal import ByteBuffers
internal import Glibc
internal import Parquet

extension CellConverter {
  /// Converts a column and appends its cells; problems name the rows, counted from `firstRow`.
  func convert(_ column: Column, firstRow: Int64, into store: CellStore, problems: inout ProblemList) {
    if column.nullCount > 0, !target.isNullable {
      let row = (0..<column.count).first { !column.isValid($0) } ?? 0
      problems.add(
        "Column '\(source)' has \(column.nullCount) nulls, the first in row \(firstRow + Int64(row)); "
          + "field '\(target.name)' is not nullable."
      )
    }
    switch conversion {
    case .copy, .integer, .floatToDouble: convertNumbers(column, firstRow, store, &problems)
    case .text, .json, .bytes, .sparseBytes: convertText(column, firstRow, store, &problems)
    case .floatVector(let dim, let number): convertFloatList(column, dim, number, firstRow, store, &problems)
    case .byteVector(let width, let integers, let range):
      convertByteList(column, width, integers, range, firstRow, store, &problems)
    case .vectorBytes(let width, let isFloat): convertVectorBytes(column, width, isFloat, firstRow, store, &problems)
    case .array(let element): convertArrays(column, element, firstRow, store, &problems)
    }
  }

  private func convertNumbers(
    _ column: Column,
    _ firstRow: Int64,
    _ store: CellStore,
    _ problems: inout ProblemList
  ) {
    guard case .fixed(let values, _) = column.storage else { return }
    let cells = store.nextCell
    switch conversion {
    case .copy(let width): memcpy(cells, values.base, column.count * width)
    case .floatToDouble:
      let from = values.base.assumingMemoryBound(to: Float.self)
      let to = cells.assumingMemoryBound(to: Double.self)
      for row in 0..<column.count { to[row] = Double(from[row]) }
    case .integer(let integers, .int64):
      let to = cells.assumingMemoryBound(to: Int64.self)
      for row in 0..<column.count { to[row] = integers.load(values.base, row) }
    case .integer(let integers, .int32(let range)):
      let to = cells.assumingMemoryBound(to: Int32.self)
      for row in 0..<column.count {
        let value = integers.load(values.base, row)
        if !range.contains(value) {
          problems.add(
            "Column '\(source)', row \(firstRow + Int64(row)): \(value) is outside \(target.dataType)."
          )
        }
        to[row] = Int32(truncatingIfNeeded: value)
      }
    default: break
    }
    store.advance(column)
  }

  private func convertText(_ column: Column, _ firstRow: Int64, _ store: CellStore, _ problems: inout ProblemList) {
    guard case .variable(let offsets, let data) = column.storage else { return }
    let bounds = offsets.base.assumingMemoryBound(to: Int32.self)
    for row in 0..<column.count where column.isValid(row) {
      let start = data.base + Int(bounds[row])
      let length = Int(bounds[row + 1] - bounds[row])
      if let problem = textProblem(start, length) {
        problems.add("Column '\(source)', row \(firstRow + Int64(row)): \(problem).")
      }
    }
    store.append(offsets: bounds, in: data, column: column)
  }

  private func textProblem(_ start: UnsafeRawPointer, _ length: Int) -> String? {
    switch conversion {
    case .text(let maxLength):
      if let maxLength, length > maxLength {
        return "the text has \(length) bytes; max_length of field '\(target.name)' is \(maxLength)"
      }
      return isUTF8(start, length) ? nil : "the text is not UTF-8"
    case .json:
      guard isUTF8(start, length) else { return "the text is not UTF-8" }
      return JSONSyntax.isValid(start, length) ? nil : "the text is not JSON"
    case .sparseBytes: return sparseProblem(start, length)
    default: return nil
    }
  }

  /// (u32 index, f32 value) pairs, strictly ascending, values finite and not negative.
  private func sparseProblem(_ start: UnsafeRawPointer, _ length: Int) -> String? {
    guard length % 8 == 0 else { return "a sparse vector of \(length) bytes is not made of 8-byte pairs" }
    var previous: UInt32?
    for pair in 0..<length / 8 {
      let index = (start + pair * 8).loadUnaligned(as: UInt32.self)
      let value = (start + pair * 8 + 4).loadUnaligned(as: Float.self)
      if let previous, index <= previous { return "the indices of a sparse vector do not ascend" }
      guard index < UInt32.max, value.isFinite, value >= 0 else { return "a sparse vector has a wrong index or value" }
      previous = index
    }
    return nil
  }

  private func convertVectorBytes(
    _ column: Column,
    _ width: Int,
    _ isFloat: Bool,
    _ firstRow: Int64,
    _ store: CellStore,
    _ problems: inout ProblemList
  ) {
    let cells = store.nextCell
    switch column.storage {
    case .fixed(let values, _): memcpy(cells, values.base, column.count * width)
    case .variable(let offsets, let data):
      let bounds = offsets.base.assumingMemoryBound(to: Int32.self)
      for row in 0..<column.count {
        let length = Int(bounds[row + 1] - bounds[row])
        if length == width {
          memcpy(cells + row * width, data.base + Int(bounds[row]), width)
        } else {
          memset(cells + row * width, 0, width)
          if column.isValid(row) { problems.add(dimensionProblem(firstRow, row, "\(length) bytes", "\(width) bytes")) }
        }
      }
    case .list, .structure, .dictionary: return
    }
    if isFloat {
      let floats = cells.assumingMemoryBound(to: Float.self)
      let perRow = width / 4
      for index in 0..<column.count * perRow where !floats[index].isFinite {
        problems.add(notFinite(firstRow, index / perRow))
      }
    }
    store.advance(column)
  }

  private func convertFloatList(
    _ column: Column,
    _ dim: Int,
    _ number: NumberSource,
    _ firstRow: Int64,
    _ store: CellStore,
    _ problems: inout ProblemList
  ) {
    guard case .list(let offsets, let elements) = column.storage, case .fixed(let values, _) = elements.storage else {
      return
    }
    let bounds = offsets.base.assumingMemoryBound(to: Int32.self)
    let cells = store.nextCell.assumingMemoryBound(to: Float.self)
    for row in 0..<column.count {
      let cell = cells + row * dim
      let first = Int(bounds[row])
      let length = Int(bounds[row + 1]) - first
      guard length == dim else {
        cell.update(repeating: 0, count: dim)
        if column.isValid(row) { problems.add(dimensionProblem(firstRow, row, "\(length) numbers", "\(dim)")) }
        continue
      }
      number.load(values.base, first, count: dim, into: cell)
      var isFinite = true
      for index in 0..<dim { isFinite = isFinite && cell[index].isFinite }
      if !isFinite { problems.add(notFinite(firstRow, row)) }
      if hasNull(elements, first..<first + dim) { problems.add(nullElement(firstRow, row)) }
    }
    store.advance(column)
  }

  private func convertByteList(
    _ column: Column,
    _ width: Int,
    _ integers: IntegerSource,
    _ range: ClosedRange<Int64>,
    _ firstRow: Int64,
    _ store: CellStore,
    _ problems: inout ProblemList
  ) {
    guard case .list(let offsets, let elements) = column.storage, case .fixed(let values, _) = elements.storage else {
      return
    }
    let bounds = offsets.base.assumingMemoryBound(to: Int32.self)
    let cells = store.nextCell.assumingMemoryBound(to: UInt8.self)
    for row in 0..<column.count {
      let cell = cells + row * width
      let first = Int(bounds[row])
      let length = Int(bounds[row + 1]) - first
      guard length == width else {
        cell.update(repeating: 0, count: width)
        if column.isValid(row) { problems.add(dimensionProblem(firstRow, row, "\(length) bytes", "\(width)")) }
        continue
      }
      for index in 0..<width {
        let value = integers.load(values.base, first + index)
        if !range.contains(value) {
          problems.add("Column '\(source)', row \(firstRow + Int64(row)): \(value) is not a byte of a vector.")
        }
        cell[index] = UInt8(truncatingIfNeeded: value)
      }
      if hasNull(elements, first..<first + width) { problems.add(nullElement(firstRow, row)) }
    }
    store.advance(column)
  }

  func hasNull(_ elements: Column, _ range: Range<Int>) -> Bool {
    guard elements.nullCount > 0 else { return false }
    return range.contains { !elements.isValid($0) }
  }

  private func dimensionProblem(_ firstRow: Int64, _ row: Int, _ found: String, _ expected: String) -> String {
    "Column '\(source)', row \(firstRow + Int64(row)): the vector has \(found); field '\(target.name)' of dimension "
      + "\(target.dimension ?? 0) needs \(expected)."
  }

  private func notFinite(_ firstRow: Int64, _ row: Int) -> String {
    "Column '\(source)', row \(firstRow + Int64(row)): the vector has a number that is not finite."
  }

  func nullElement(_ firstRow: Int64, _ row: Int) -> String {
    "Column '\(source)', row \(firstRow + Int64(row)): an element is null."
  }
}

extension CellConverter.IntegerSource {
  @inline(__always)
  func load(_ values: UnsafeRawPointer, _ index: Int) -> Int64 {
    switch self {
    case .signed32: Int64((values + index * 4).load(as: Int32.self))
    case .unsigned32: Int64((values + index * 4).load(as: UInt32.self))
    case .signed64: (values + index * 8).load(as: Int64.self)
    }
  }
}

extension CellConverter.NumberSource {
  /// Loads numbers as floats; one too large for a float becomes infinite, which the caller refuses.
  func load(_ values: UnsafeRawPointer, _ first: Int, count: Int, into cell: UnsafeMutablePointer<Float>) {
    switch self {
    case .float: memcpy(cell, values + first * 4, count * 4)
    case .double:
      for index in 0..<count { cell[index] = Float((values + (first + index) * 8).load(as: Double.self)) }
    case .integer(let integers):
      for index in 0..<count { cell[index] = Float(integers.load(values, first + index)) }
    }
  }
}

internal import ByteBuffers
internal import Parquet

extension CellConverter {
  /// Serializes each list as a ScalarField message, the cell form of Array fields.
  func convertArrays(
    _ column: Column,
    _ element: ArrayElement,
    _ firstRow: Int64,
    _ store: CellStore,
    _ problems: inout ProblemList
  ) {
    guard case .list(let offsets, let elements) = column.storage else { return }
    let bounds = offsets.base.assumingMemoryBound(to: Int32.self)
    let ends = BufferPool.shared.take((column.count + 1) * 4)
    let out = ends.base.assumingMemoryBound(to: Int32.self)
    out[0] = 0
    var cells = ByteWriter(capacity: elements.byteCount + 8 * column.count)
    let encoder = ArrayCellEncoder(element, elements)
    for row in 0..<column.count {
      let range = Int(bounds[row])..<Int(bounds[row + 1])
      if column.isValid(row) {
        if let problem = encoder?.problem(range) {
          problems.add("Column '\(source)', row \(firstRow + Int64(row)): \(problem) (field '\(target.name)').")
        }
        encoder?.append(range, to: &cells)
      }
      out[row + 1] = Int32(truncatingIfNeeded: cells.count)
    }
    store.append(offsets: out, in: cells.take(), column: column)
  }
}

/// Serializes ranges of an element column.
///
///     ScalarField   { oneof: bool_data 1, int_data 2, long_data 3, float_data 4, double_data 5, string_data 6 }
///     each of them  { repeated data = 1 }   numbers packed into one length-delimited run
///
/// Source: reference "Milvus storage formats", 0.5.
private struct ArrayCellEncoder {
  private enum Form {
    case bool
    case varint(CellConverter.IntegerSource)
    case float
    case double(fromFloat: Bool)
    case text
  }

  private let element: CellConverter.ArrayElement
  private let elements: Column
  private let form: Form
  private let member: UInt8

  init?(_ element: CellConverter.ArrayElement, _ elements: Column) {
    self.element = element
    self.elements = elements
    let integers = CellConverter.integerSource(element.source)?.source ?? .signed32
    switch element.type {
    case .bool: (form, member) = (.bool, 1)
    case .int8, .int16, .int32: (form, member) = (.varint(integers), 2)
    case .int64: (form, member) = (.varint(integers), 3)
    case .float: (form, member) = (.float, 4)
    case .double: (form, member) = (.double(fromFloat: CellConverter.isLeaf(element.source, .float)), 5)
    case .varChar, .string: (form, member) = (.text, 6)
    default: return nil
    }
  }

  /// What is wrong with a list, or nil.
  func problem(_ range: Range<Int>) -> String? {
    if let capacity = element.maxCapacity, range.count > capacity {
      return "the array has \(range.count) elements; max_capacity is \(capacity)"
    }
    if elements.nullCount > 0, range.contains(where: { !elements.isValid($0) }) { return "an element is null" }
    switch form {
    case .text: return textProblem(range)
    case .varint(let integers): return integerProblem(range, integers)
    default: return nil
    }
  }

  private func textProblem(_ range: Range<Int>) -> String? {
    guard case .variable(let offsets, let data) = elements.storage else { return nil }
    let bounds = offsets.base.assumingMemoryBound(to: Int32.self)
    for index in range {
      let length = Int(bounds[index + 1] - bounds[index])
      if let limit = element.maxLength, length > limit {
        return "an element has \(length) bytes; max_length is \(limit)"
      }
      if !isUTF8(data.base + Int(bounds[index]), length) { return "an element is not UTF-8" }
    }
    return nil
  }

  private func integerProblem(_ range: Range<Int>, _ integers: CellConverter.IntegerSource) -> String? {
    guard case .fixed(let values, _) = elements.storage else { return nil }
    let allowed: ClosedRange<Int64>
    switch element.type {
    case .int8: allowed = -128...127
    case .int16: allowed = -32768...32767
    case .int32: allowed = Int64(Int32.min)...Int64(Int32.max)
    default: return nil
    }
    for index in range {
      let value = integers.load(values.base, index)
      if !allowed.contains(value) { return "element \(value) is outside \(element.type)" }
    }
    return nil
  }

  func append(_ range: Range<Int>, to cells: inout ByteWriter) {
    let packed = packedLength(range)
    // A list of numbers is one field of `packed` bytes; a list of texts has a tag and a length for each.
    let inner: Int
    if case .text = form {
      inner = packed
    } else {
      inner = range.isEmpty ? 0 : 1 + varintLength(UInt64(packed)) + packed
    }
    cells.append(member << 3 | 2)
    cells.append(varint: UInt64(inner))
    guard !range.isEmpty else { return }
    if case .text = form {
      for index in range {
        let text = elements.bytes(at: index)
        cells.append(0x0a)
        cells.append(varint: UInt64(text.count))
        cells.append(text)
      }
      return
    }
    cells.append(0x0a)
    cells.append(varint: UInt64(packed))
    appendNumbers(range, to: &cells)
  }

  private func appendNumbers(_ range: Range<Int>, to cells: inout ByteWriter) {
    guard case .fixed(let values, _) = elements.storage else { return }
    switch form {
    case .bool: cells.append(UnsafeRawBufferPointer(start: values.base + range.lowerBound, count: range.count))
    case .varint(let integers):
      for index in range { cells.append(varint: UInt64(bitPattern: integers.load(values.base, index))) }
    case .float: cells.append(UnsafeRawBufferPointer(start: values.base + range.lowerBound * 4, count: range.count * 4))
    case .double(fromFloat: false):
      cells.append(UnsafeRawBufferPointer(start: values.base + range.lowerBound * 8, count: range.count * 8))
    case .double(fromFloat: true):
      for index in range {
        let value = Double((values.base + index * 4).load(as: Float.self))
        cells.append(integer: value.bitPattern)
      }
    case .text: break
    }
  }

  private func packedLength(_ range: Range<Int>) -> Int {
    switch form {
    case .bool: return range.count
    case .float: return range.count * 4
    case .double: return range.count * 8
    case .varint(let integers):
      guard case .fixed(let values, _) = elements.storage else { return 0 }
      return range.reduce(0) { $0 + varintLength(UInt64(bitPattern: integers.load(values.base, $1))) }
    case .text:
      return range.reduce(0) { total, index in
        let length = elements.bytes(at: index).count
        return total + 1 + varintLength(UInt64(length)) + length
      }
    }
  }

  private func varintLength(_ value: UInt64) -> Int {
    max(1, (64 - value.leadingZeroBitCount + 6) / 7)
  }
}

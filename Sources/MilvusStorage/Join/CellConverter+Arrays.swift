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
    for row in 0..<column.count {
      if column.isValid(row) {
        let range = Int(bounds[row])..<Int(bounds[row + 1])
        do throws(BackfillError) {
          if let problem = element.problem(elements, range) { throw BackfillError(.dataRead, problem) }
          try ScalarFieldCodec.encode(elements, range, as: element.type, to: &cells)
        } catch {
          problems.add("Column '\(source)', row \(firstRow + Int64(row)) (field '\(target.name)'): \(error.message)")
        }
      }
      out[row + 1] = Int32(truncatingIfNeeded: cells.count)
    }
    // The pointer alone does not hold the block.
    withExtendedLifetime(ends) {
      store.append(offsets: out, in: cells.take(), column: column)
    }
  }
}

extension CellConverter.ArrayElement {
  /// What is wrong with a list, or nil; its nulls are left to the encoder.
  fileprivate func problem(_ elements: Column, _ range: Range<Int>) -> String? {
    if let maxCapacity, range.count > maxCapacity {
      return "the array has \(range.count) elements; max_capacity is \(maxCapacity)."
    }
    switch elements.storage {
    case .variable(let offsets, let data):
      return textProblem(offsets.base.assumingMemoryBound(to: Int32.self), data.base, range)
    case .fixed(let values, _): return allowedIntegers.flatMap { integerProblem(values.base, $0, range) }
    case .list, .structure, .dictionary: return nil
    }
  }

  private func textProblem(
    _ bounds: UnsafePointer<Int32>,
    _ data: UnsafeRawPointer,
    _ range: Range<Int>
  ) -> String? {
    for index in range {
      let length = Int(bounds[index + 1] - bounds[index])
      if let maxLength, length > maxLength { return "an element has \(length) bytes; max_length is \(maxLength)." }
      if !isUTF8(data + Int(bounds[index]), length) { return "an element is not UTF-8." }
    }
    return nil
  }

  /// Values that elements may have, where the input's type could hold others.
  private var allowedIntegers: ClosedRange<Int64>? {
    switch type {
    case .int8: -128...127
    case .int16: -32768...32767
    default: nil
    }
  }

  private func integerProblem(
    _ values: UnsafeRawPointer,
    _ allowed: ClosedRange<Int64>,
    _ range: Range<Int>
  ) -> String? {
    guard let integers = CellConverter.integerSource(source)?.source else { return nil }
    for index in range {
      let value = integers.load(values, index)
      if !allowed.contains(value) { return "element \(value) is outside \(type)." }
    }
    return nil
  }
}

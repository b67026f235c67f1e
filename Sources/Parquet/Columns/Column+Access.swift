public import ByteBuffers

extension Column {
  /// Calls `body` with the slots of a fixed-width column as numbers.
  ///
  /// - Parameters:
  ///   - type: a type of exactly the column's width.
  ///   - body: must not let the pointer escape.
  /// - Returns: what `body` returns, or nil when the column has another layout or width.
  public func withValues<T: BitwiseCopyable, R, E: Error>(
    of type: T.Type,
    _ body: (UnsafeBufferPointer<T>) throws(E) -> R
  ) throws(E) -> R? {
    guard case .fixed(let bytes, let width) = storage, width == MemoryLayout<T>.size else { return nil }
    return try body(UnsafeBufferPointer(start: bytes.base.assumingMemoryBound(to: T.self), count: count))
  }

  /// The bytes of one slot, sharing the column's memory; empty for lists and structures.
  ///
  /// - Parameter row: the slot.
  /// - Returns: its bytes.
  public func bytes(at row: Int) -> Bytes {
    switch storage {
    case .fixed(let values, let width): return values[row * width..<(row + 1) * width]
    case .variable(let offsets, let data): return data[Column.range(offsets, row)]
    case .dictionary(let indices, let values):
      let index = indices.base.assumingMemoryBound(to: UInt32.self)[row]
      return isValid(row) ? values.bytes(at: Int(index)) : .empty
    case .list, .structure: return .empty
    }
  }

  /// The elements of a list column; nil for other layouts.
  public var elements: Column? {
    if case .list(_, let elements) = storage { return elements }
    return nil
  }

  /// Whether the slots are indices of a dictionary.
  public var isDictionary: Bool {
    if case .dictionary = storage { return true }
    return false
  }

  /// The fields of a structure column; empty for other layouts.
  public var fields: [Column] {
    if case .structure(let fields) = storage { return fields }
    return []
  }

  /// The elements of one slot of a list column.
  ///
  /// - Parameter row: the slot.
  /// - Returns: the range of its elements; empty for other layouts.
  public func elementRange(at row: Int) -> Range<Int> {
    guard case .list(let offsets, _) = storage else { return 0..<0 }
    return Column.range(offsets, row)
  }

  private static func range(_ offsets: Bytes, _ row: Int) -> Range<Int> {
    let bounds = offsets.base.assumingMemoryBound(to: Int32.self)
    return Int(bounds[row])..<Int(bounds[row + 1])
  }
}

internal import ByteBuffers

extension ColumnBatch {
  /// Some of the rows, in the same memory but for offsets and validity.
  func slice(_ rows: Range<Int>) -> ColumnBatch {
    ColumnBatch(rowCount: rows.count, columns: columns.map { $0.slice(rows) })
  }
}

extension Column {
  /// Some of the slots, in the same memory but for offsets and validity.
  func slice(_ slots: Range<Int>) -> Column {
    let part: Storage
    switch storage {
    case .fixed(let values, let width):
      part = .fixed(values[slots.lowerBound * width..<slots.upperBound * width], width: width)
    case .variable(let offsets, let data):
      let (moved, range) = Column.slice(offsets, slots)
      part = .variable(offsets: moved, data: data[range])
    case .list(let offsets, let elements):
      let (moved, range) = Column.slice(offsets, slots)
      part = .list(offsets: moved, elements: elements.slice(range))
    case .structure(let fields): part = .structure(fields.map { $0.slice(slots) })
    case .dictionary(let indices, let values):
      part = .dictionary(indices: indices[slots.lowerBound * 4..<slots.upperBound * 4], values: values)
    }
    return Column(count: slots.count, validity: validity?.slice(slots), storage: part)
  }

  /// Offsets that begin with 0, and what they stand for.
  private static func slice(_ offsets: Bytes, _ slots: Range<Int>) -> (Bytes, Range<Int>) {
    let bounds = offsets.base.assumingMemoryBound(to: Int32.self)
    let size = (slots.count + 1) * 4
    let block = BufferPool.shared.take(size)
    let moved = block.base.assumingMemoryBound(to: Int32.self)
    let first = bounds[slots.lowerBound]
    for index in 0...slots.count { moved[index] = bounds[slots.lowerBound &+ index] &- first }
    return (Bytes(block, count: size), Int(first)..<Int(bounds[slots.upperBound]))
  }
}

extension Validity {
  /// The bits of some rows; nil when all of them hold a value.
  fileprivate func slice(_ rows: Range<Int>) -> Validity? {
    let size = (rows.count + 7) / 8
    let block = BufferPool.shared.take(size + 16)
    block.base.initializeMemory(as: UInt8.self, repeating: 0, count: block.capacity)
    let ones = copyBits(bits.base, sourceBit: rows.lowerBound, to: block.base, targetBit: 0, count: rows.count)
    return ones == rows.count ? nil : Validity(bits: Bytes(block, count: size), nullCount: rows.count - ones)
  }
}

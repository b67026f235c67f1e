internal import ByteBuffers
internal import Glibc

/// Makes values of dictionary slots.
enum DictionaryExpansion {
  /// The slots of a range as a column of values; null slots are zero or empty.
  ///
  /// - Parameters:
  ///   - column: a checked column of dictionary slots.
  ///   - range: which of its slots.
  /// - Throws: `limitExceeded` when the values have more than 2 GiB.
  static func expand(_ column: Column, _ range: Range<Int>) throws(ParquetError) -> Column {
    guard case .dictionary(let indices, let values) = column.storage else { return column }
    let from = indices.base.assumingMemoryBound(to: UInt32.self) + range.lowerBound
    let storage: Column.Storage
    switch values.storage {
    case .fixed(let source, let width):
      let target = BufferPool.shared.take(range.count * width)
      for slot in 0..<range.count {
        let place = target.base + slot * width
        if column.isValid(range.lowerBound + slot) {
          memcpy(place, source.base + Int(from[slot]) * width, width)
        } else {
          memset(place, 0, width)
        }
      }
      storage = .fixed(Bytes(target, count: range.count * width), width: width)
    case .variable(let offsets, let data):
      storage = try expand(column, range, from, offsets.base, data.base)
    case .list, .structure, .dictionary:
      throw ParquetError(.invalidArgument, "A dictionary holds single values.")
    }
    return Column(count: range.count, validity: validity(column, range), storage: storage)
  }

  private static func expand(
    _ column: Column,
    _ range: Range<Int>,
    _ indices: UnsafePointer<UInt32>,
    _ offsets: UnsafeRawPointer,
    _ data: UnsafeRawPointer
  ) throws(ParquetError) -> Column.Storage {
    let bounds = BufferPool.shared.take((range.count + 1) * 4)
    let ends = bounds.base.assumingMemoryBound(to: Int32.self)
    var total = 0
    ends[0] = 0
    for slot in 0..<range.count {
      if column.isValid(range.lowerBound + slot) {
        let index = Int(indices[slot])
        total += PlainEncoder.offset(offsets, index + 1) - PlainEncoder.offset(offsets, index)
      }
      guard let end = Int32(exactly: total) else {
        throw ParquetError(.limitExceeded, "The values of \(range.count) slots have more than 2 GiB. Write fewer rows.")
      }
      ends[slot + 1] = end
    }
    let bytes = BufferPool.shared.take(total)
    for slot in 0..<range.count where ends[slot + 1] > ends[slot] {
      let start = PlainEncoder.offset(offsets, Int(indices[slot]))
      memcpy(bytes.base + Int(ends[slot]), data + start, Int(ends[slot + 1] - ends[slot]))
    }
    return .variable(offsets: Bytes(bounds, count: (range.count + 1) * 4), data: Bytes(bytes, count: total))
  }

  private static func validity(_ column: Column, _ range: Range<Int>) -> Validity? {
    guard let bits = column.validity?.bits else { return nil }
    let block = AlignedBuffer(capacity: (range.count + 7) / 8 + 8)
    memset(block.base, 0, block.capacity)
    let ones = copyBits(bits.base, sourceBit: range.lowerBound, to: block.base, targetBit: 0, count: range.count)
    guard ones < range.count else { return nil }
    return Validity(bits: Bytes(block, count: (range.count + 7) / 8), nullCount: range.count - ones)
  }
}

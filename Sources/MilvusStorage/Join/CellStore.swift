internal import ByteBuffers
internal import Parquet

/// Cells of one target field for all rows of the new values, ready to be gathered in any order.
///
/// Fixed width: `row * width` in one block. Variable width: an address and a length for each row, into blocks that are
/// kept; cells that need no conversion stay in the buffers they were decoded into.
final class CellStore: @unchecked Sendable {
  // Sendable: filled by the loading task, read-only afterwards.

  enum Layout: Equatable {
    case fixed(width: Int)
    case variable
  }

  let layout: Layout
  private(set) var count = 0
  private(set) var nullCount = 0
  private(set) var byteCount = 0
  private var cells: AlignedBuffer
  private var lengths: AlignedBuffer
  private var bits: AlignedBuffer?
  private var blocks: [Bytes] = []
  private let capacity: Int

  init(_ layout: Layout, capacity: Int) {
    self.layout = layout
    self.capacity = capacity
    switch layout {
    case .fixed(let width):
      cells = AlignedBuffer(capacity: capacity * width)
      lengths = AlignedBuffer(capacity: 0)
    case .variable:
      cells = AlignedBuffer(capacity: capacity * MemoryLayout<UnsafeRawPointer>.size)
      lengths = AlignedBuffer(capacity: capacity * MemoryLayout<UInt32>.size)
    }
  }

  /// Where the next fixed-width cells go; there is room for `capacity` in all.
  var nextCell: UnsafeMutableRawPointer {
    guard case .fixed(let width) = layout else { return cells.base }
    return cells.base + count * width
  }

  /// Start of the fixed-width cells.
  var fixedCells: UnsafeRawPointer { UnsafeRawPointer(cells.base) }

  /// Addresses of variable-width cells, by row.
  var addresses: UnsafeMutablePointer<UnsafeRawPointer> {
    cells.base.assumingMemoryBound(to: UnsafeRawPointer.self)
  }

  /// Lengths of variable-width cells, by row.
  var cellLengths: UnsafeMutablePointer<UInt32> {
    lengths.base.assumingMemoryBound(to: UInt32.self)
  }

  /// Validity bits; nil when there is no null.
  var validity: UnsafeRawPointer? { bits.map { UnsafeRawPointer($0.base) } }

  /// Counts fixed-width cells that were stored at ``nextCell``.
  func advance(_ column: Column) {
    if case .fixed(let width) = layout { byteCount += column.count * width }
    append(validityOf: column)
    count += column.count
  }

  /// Appends variable-width cells, given as offsets into a block that is kept.
  func append(offsets: UnsafePointer<Int32>, in block: Bytes, column: Column) {
    let base = block.base
    for row in 0..<column.count {
      let start = Int(offsets[row])
      addresses[count + row] = base + start
      cellLengths[count + row] = UInt32(truncatingIfNeeded: Int(offsets[row + 1]) - start)
    }
    blocks.append(block)
    byteCount += block.count
    append(validityOf: column)
    count += column.count
  }

  private func append(validityOf column: Column) {
    nullCount += column.nullCount
    guard bits != nil || column.nullCount > 0 else { return }
    let target = bits ?? makeBits()
    bits = target
    let bytes = target.base.assumingMemoryBound(to: UInt8.self)
    for row in 0..<column.count where column.isValid(row) {
      let bit = count + row
      bytes[bit >> 3] |= 1 << UInt8(bit & 7)
    }
  }

  /// Bits for all rows, with those of the rows so far set.
  private func makeBits() -> AlignedBuffer {
    let block = AlignedBuffer(capacity: (capacity + 7) / 8)
    block.base.initializeMemory(as: UInt8.self, repeating: 0, count: block.capacity)
    let bytes = block.base.assumingMemoryBound(to: UInt8.self)
    for row in 0..<count { bytes[row >> 3] |= 1 << UInt8(row & 7) }
    return block
  }

  /// Whether a row has a value.
  func isValid(_ row: Int) -> Bool {
    guard let validity else { return true }
    return (validity + (row >> 3)).load(as: UInt8.self) >> UInt8(row & 7) & 1 == 1
  }
}

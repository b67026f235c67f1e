internal import ByteBuffers

/// Gathers validity bits; takes no memory until the first null.
struct ValidityBuilder {
  private var block: AlignedBuffer?
  private var nullCount = 0

  /// The bits so far; nil while there is no null.
  var bits: UnsafeMutableRawPointer? { block?.base }

  mutating func appendValid(_ added: Int, at count: Int) {
    guard block != nil else { return }
    let target = room(count + added, used: count)
    setBits(target, from: count, count: added)
  }

  /// Appends what `body` writes as bits behind the given offset; `body` returns how many are 1.
  mutating func append(
    _ added: Int,
    at count: Int,
    _ body: (UnsafeMutableRawPointer, Int) throws(ParquetError) -> Int
  ) throws(ParquetError) -> Int {
    let ones = try body(room(count + added, used: count), count)
    nullCount += added - ones
    return ones
  }

  /// Appends bytes of 0 or 1 as bits; `valid` of them are 1.
  mutating func append(_ flags: UnsafePointer<UInt8>, count added: Int, valid: Int, at count: Int) {
    packFlags(flags, count: added, to: room(count + added, used: count), targetBit: count)
    nullCount += added - valid
  }

  /// Makes room for `total` bits, clears the new ones, and sets the first `used` when there were no bits before.
  private mutating func room(_ total: Int, used: Int) -> UnsafeMutableRawPointer {
    let wanted = (total + 7) / 8 + 8
    if let block, block.capacity >= wanted { return block.base }
    let larger = BufferPool.shared.take(max(wanted, 2 * (block?.capacity ?? 0)))
    larger.base.initializeMemory(as: UInt8.self, repeating: 0, count: larger.capacity)
    if let block {
      larger.base.copyMemory(from: block.base, byteCount: (used + 7) / 8)
    } else {
      setBits(larger.base, from: 0, count: used)
    }
    block = larger
    return larger.base
  }

  func finish(_ count: Int) -> Validity? {
    guard let block, nullCount > 0 else { return nil }
    return Validity(bits: Bytes(block, count: (count + 7) / 8), nullCount: nullCount)
  }
}

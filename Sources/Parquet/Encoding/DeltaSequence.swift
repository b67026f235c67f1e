internal import ByteBuffers

/// Decodes one sequence of integers in DELTA_BINARY_PACKED, in batches of any size.
///
///     header     varint values of a block, varint miniblocks of a block, varint count, zigzag first value
///     block      zigzag least delta, one byte of bit width a miniblock, the miniblocks
///     miniblock  (values of a block / miniblocks) deltas above the least, `width` bits each, least significant bit first
///
/// Miniblocks behind the last value have a width byte, of any value, and no data. Sums wrap at the type's size, so
/// 32-bit integers are summed in 32 bits whatever the widths.
/// The caller keeps the bytes alive; up to `AlignedBuffer.spareBytes` behind them may be loaded.
/// Source: Parquet specification, Encodings.md, "Delta Encoding".
struct DeltaSequence {
  /// Values of a scratch buffer for what is only stepped over.
  private static let scratchValues = 1024

  /// Where the next block, or the next miniblock's data, begins.
  private var at: UnsafeRawPointer
  private let end: UnsafeRawPointer
  private let miniblocks: Int
  private let deltasPerMiniblock: Int

  /// Values that were not decoded yet.
  private(set) var left: Int
  /// The first value stands in the header.
  private var isAtFirst = true
  private var last: UInt64

  private var least: UInt64 = 0
  /// Width bytes of the current block's miniblocks that were not begun.
  private var widths: UnsafeRawPointer
  private var miniblocksLeft = 0
  private var packed: UnsafeRawPointer
  private var width = 0
  /// Deltas of the current miniblock that were decoded.
  private var taken: Int

  /// Reads the header.
  ///
  /// - Parameters:
  ///   - bytes: the sequence and whatever follows it; none at all are a sequence without values.
  ///   - most: values that the page can have.
  init(_ bytes: UnsafeRawBufferPointer, most: Int) throws(ParquetError) {
    guard let start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 8) else { throw DeltaSequence.cutOff() }
    end = start + bytes.count
    at = start
    widths = start
    packed = start
    guard bytes.count > 0 else {
      (miniblocks, deltasPerMiniblock, left, last, taken) = (1, 32, 0, 0, 32)
      return
    }
    var header = VarintReader(at: start, end: end)
    let block = try header.varint()
    let parts = try header.varint()
    let count = try header.varint()
    guard block > 0, block % 128 == 0, block <= UInt64(Int32.max) else {
      throw .corrupt("A delta block of \(block) values is not a multiple of 128 below 2^31.")
    }
    guard parts > 0, block % parts == 0, (block / parts) % 32 == 0 else {
      throw .corrupt("A delta block of \(block) values cannot have \(parts) miniblocks.")
    }
    guard count <= UInt64(most) else {
      throw .corrupt("A delta sequence states \(count) values; its page has \(most).")
    }
    miniblocks = Int(parts)
    deltasPerMiniblock = Int(block / parts)
    taken = deltasPerMiniblock
    left = Int(count)
    // Some writers leave out the first value of no values.
    last = count == 0 && header.at == end ? 0 : try header.zigzag()
    at = header.at
  }

  /// Where the sequence ends, found without unpacking it.
  func findEnd() throws(ParquetError) -> UnsafeRawPointer {
    var walker = self
    try walker.step(over: left)
    return walker.at
  }

  /// Steps over values without summing them up, so that only the place behind them is right.
  private mutating func step(over count: Int) throws(ParquetError) {
    guard count > 0 else { return }
    var deltas = count &- (isAtFirst ? 1 : 0)
    isAtFirst = false
    while deltas > 0 {
      if taken == deltasPerMiniblock { try nextMiniblock() }
      let take = min(deltas, deltasPerMiniblock &- taken)
      taken &+= take
      deltas &-= take
    }
  }

  private mutating func nextMiniblock() throws(ParquetError) {
    if miniblocksLeft == 0 {
      var header = VarintReader(at: at, end: end)
      least = try header.zigzag()
      guard end - header.at >= miniblocks else { throw DeltaSequence.cutOff() }
      widths = header.at
      miniblocksLeft = miniblocks
      at = header.at + miniblocks
    }
    width = Int(widths.load(as: UInt8.self))
    widths += 1
    miniblocksLeft &-= 1
    guard width <= 64 else { throw .corrupt("Deltas of \(width) bits are wider than 64.") }
    // Below 2^31 deltas of at most 64 bits: no overflow.
    let size = deltasPerMiniblock / 8 * width
    guard size <= end - at else { throw DeltaSequence.cutOff() }
    packed = at
    at += size
    taken = 0
  }

  /// Decodes the next `count` values, wrapped to the size of `T`.
  mutating func decode<T: DeltaInteger>(into target: UnsafeMutablePointer<T>, count: Int) throws(ParquetError) {
    guard count <= left else { throw ValueDecoder.tooFew(count &- left) }
    guard count > 0 else { return }
    var done = 0
    var sum = T(truncatingIfNeeded: last)
    if isAtFirst {
      isAtFirst = false
      target[0] = sum
      done = 1
    }
    while done < count {
      if taken == deltasPerMiniblock { try nextMiniblock() }
      let take = min(count &- done, deltasPerMiniblock &- taken)
      sum = sumDeltas(
        packed,
        firstDelta: taken,
        width: width,
        least: T(truncatingIfNeeded: least),
        after: sum,
        into: target + done,
        count: take
      )
      taken &+= take
      done &+= take
    }
    last = UInt64(truncatingIfNeeded: sum)
    left &-= count
  }

  /// Steps over `count` values.
  ///
  /// Every value depends on those before it, so they are summed up, but nowhere stored for long.
  mutating func skip(_ count: Int) throws(ParquetError) {
    guard count <= left else { throw ValueDecoder.tooFew(count &- left) }
    if count == left {
      // Nothing will be asked of the sums behind.
      try step(over: count)
      left = 0
      return
    }
    let scratch = BufferPool.shared.take(DeltaSequence.scratchValues * 8)
    var rest = count
    while rest > 0 {
      let take = min(rest, DeltaSequence.scratchValues)
      try withExtendedLifetime(scratch) { () throws(ParquetError) in
        try decode(into: scratch.base.assumingMemoryBound(to: UInt64.self), count: take)
      }
      rest &-= take
    }
  }

  private static func cutOff() -> ParquetError {
    .corrupt("A sequence of deltas is cut off.")
  }
}

/// Reads variable-length integers from bytes that the caller keeps alive.
private struct VarintReader {
  var at: UnsafeRawPointer
  let end: UnsafeRawPointer

  /// Reads an unsigned LEB128 integer.
  mutating func varint() throws(ParquetError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while at < end {
      let byte = at.load(as: UInt8.self)
      at += 1
      guard shift < 63 || byte <= 1 else { break }
      result |= UInt64(byte & 0x7f) &<< shift
      if byte < 0x80 { return result }
      shift += 7
    }
    throw .corrupt("A number in a sequence of deltas is cut off or longer than 64 bits.")
  }

  /// Reads a zigzag-coded integer, as bits.
  mutating func zigzag() throws(ParquetError) -> UInt64 {
    let raw = try varint()
    return raw &>> 1 ^ (0 &- (raw & 1))
  }
}

internal import ByteBuffers
internal import Glibc

/// Gathers the slots of one column; decoders write straight into its buffers.
final class ColumnBuilder {
  /// How the slots lie in memory.
  enum Layout {
    case fixed(width: Int)
    case variable
  }

  let layout: Layout
  /// Slots so far.
  private(set) var count = 0
  /// The slots of a fixed layout, or the `count + 1` offsets of a variable one.
  private var slots: AlignedBuffer
  private var data: AlignedBuffer
  private(set) var dataCount = 0
  /// Slots of a fixed layout that stay free before the next values: as many as there are nulls among these.
  private var gap = 0
  private var validity = ValidityBuilder()
  private let byteLimit: Int
  private let slotWidth: Int
  private let allowance: BatchAllowance?
  private let expected: Expectation
  /// The slots, where they are a part of a page that holds them just so.
  private var adopted: Bytes?

  /// How much is going to be gathered, so that buffers need not grow; it may be more or less.
  struct Expectation {
    var slots = 0
    /// Bytes of a variable layout.
    var dataBytes = 0
  }

  /// - Parameters:
  ///   - layout: how the slots lie in memory.
  ///   - capacity: slots to make room for at once.
  ///   - expected: what is going to be gathered.
  ///   - byteLimit: the most bytes of slots, and of what variable ones hold.
  ///   - allowance: what the columns of a batch share.
  init(
    _ layout: Layout,
    capacity: Int,
    expected: Expectation = Expectation(),
    byteLimit: Int,
    allowance: BatchAllowance? = nil
  ) throws(ParquetError) {
    self.layout = layout
    self.expected = expected
    self.allowance = allowance
    // Offsets have 32 bits.
    self.byteLimit = min(byteLimit, Int(Int32.max))
    switch layout {
    case .fixed(let width):
      slotWidth = width
      data = ColumnBuilder.nothing
    case .variable:
      slotWidth = 4
      data = BufferPool.shared.take(4096)
    }
    slots = ColumnBuilder.nothing
    try reserve(capacity)
    if case .variable = layout { slots.base.storeBytes(of: 0, as: Int32.self) }
  }

  private static let nothing = AlignedBuffer(capacity: 0)

  /// Makes room for `extra` slots.
  func reserve(_ extra: Int) throws(ParquetError) {
    let (slotCount, overflow) = (count + 1).addingReportingOverflow(extra)
    let (wanted, tooMany) = slotCount.multipliedReportingOverflow(by: max(slotWidth, 1))
    guard !overflow, !tooMany, wanted <= byteLimit + 64 else { throw limitError() }
    guard wanted > slots.capacity || adopted != nil else { return }
    let most = slotWidth > 0 ? min(expected.slots, byteLimit / slotWidth) + 1 : 0
    // What is expected is made room for once; what turns out to be more doubles.
    let roomy = slots.capacity == 0 ? wanted : max(wanted, 2 * slots.capacity, most * slotWidth)
    let larger = try taken(roomy, insteadOf: slots)
    let used = usedSlotBytes
    larger.base.copyMemory(
      from: adopted?.base ?? UnsafeRawPointer(slots.base),
      byteCount: adopted?.count ?? min(used, slots.capacity)
    )
    slots = larger
    adopted = nil
  }

  private var usedSlotBytes: Int {
    if case .variable = layout { return (count + 1) * 4 }
    return count * slotWidth
  }

  private func taken(_ bytes: Int, insteadOf old: AlignedBuffer) throws(ParquetError) -> AlignedBuffer {
    try allowance?.grow(from: old.capacity, to: bytes)
    return BufferPool.shared.take(bytes)
  }

  private func limitError() -> ParquetError {
    allowance?.columnExceeded()
    return ParquetError(
      .limitExceeded,
      "One column of a batch would exceed the limit batchBytes of \(byteLimit). Read fewer rows at a time."
    )
  }

  /// Where the next values of a fixed layout go, after ``reserve(_:)``.
  var nextSlot: UnsafeMutableRawPointer { slots.base + (count + gap) * slotWidth }

  /// The block that the slots of a fixed layout lie in, and where in it the next values go, after ``reserve(_:)``.
  var place: (block: AlignedBuffer, offset: Int) { (slots, (count + gap) * slotWidth) }

  /// Whether the next `added` slots are all that is expected, so that they can be adopted.
  func isWhole(_ added: Int) -> Bool {
    if case .variable = layout { return false }
    return count == 0 && added == expected.slots && added > 0
  }

  /// Makes `bytes` the slots, all of them valid.
  func adopt(_ bytes: Bytes) throws(ParquetError) {
    try allowance?.grow(from: 0, to: bytes.count)
    adopted = bytes
    count = expected.slots
  }

  /// The offsets of a variable layout; entry `count` is the end of the last slot.
  var offsets: UnsafeMutablePointer<Int32> { slots.base.assumingMemoryBound(to: Int32.self) }

  /// Whether there is room for so many more bytes of a variable layout, or going to be for as many as are expected.
  ///
  /// Where there is not, it pays to ask for no more than is used.
  func hasRoom(forData extra: Int) -> Bool {
    guard extra <= byteLimit - dataCount else { return false }
    return extra <= (dataCount == 0 ? max(expected.dataBytes, data.capacity) : data.capacity - dataCount)
  }

  /// Makes room for bytes of a variable layout and returns where they go.
  func reserveData(_ extra: Int) throws(ParquetError) -> UnsafeMutableRawPointer {
    let (wanted, overflow) = dataCount.addingReportingOverflow(extra)
    guard !overflow, wanted <= byteLimit else { throw limitError() }
    if wanted > data.capacity {
      // A little more than is expected is no reason to double.
      let enough = expected.dataBytes + expected.dataBytes / 4
      let roomy = dataCount == 0 ? expected.dataBytes : wanted <= enough ? enough : 2 * data.capacity
      let larger = try taken(max(wanted, min(roomy, byteLimit)), insteadOf: data)
      larger.base.copyMemory(from: data.base, byteCount: dataCount)
      data = larger
    }
    return data.base + dataCount
  }

  /// Counts bytes stored at the place that ``reserveData(_:)`` gave.
  func advanceData(_ written: Int) {
    dataCount += written
  }

  /// Counts `added` slots that all hold values and were written densely.
  func advanceValid(_ added: Int) {
    validity.appendValid(added, at: count)
    count += added
  }

  /// Decodes validity bits of `added` slots and returns how many hold values; call ``spread(_:valid:)`` next.
  func decodeValidity(_ added: Int, from levels: inout LevelDecoder) throws(ParquetError) -> Int {
    if try levels.skipRuns(of: 1, count: added) {
      validity.appendValid(added, at: count)
      return added
    }
    let valid = try validity.append(added, at: count) { (target, bit) throws(ParquetError) in
      try levels.decodeBits(into: target, bitOffset: bit, count: added)
    }
    gap = added - valid
    return valid
  }

  /// Appends validity bits from bytes of 0 or 1, of which `valid` are 1; call ``spread(_:valid:)`` next.
  func appendValidity(_ flags: UnsafePointer<UInt8>, count added: Int, valid: Int) {
    if valid == added {
      validity.appendValid(added, at: count)
    } else {
      validity.append(flags, count: added, valid: valid, at: count)
    }
    gap = added - valid
  }

  /// Moves `valid` values that were written densely apart so that nulls take their slots, and counts all `added` slots.
  ///
  /// Values of a fixed layout lie at the end of their slots, offsets at the beginning of theirs.
  func spread(_ added: Int, valid: Int) {
    defer {
      count += added
      gap = 0
    }
    guard valid < added, let bits = validity.bits else { return }
    if case .variable = layout {
      spreadOffsets(offsets + count, bits: bits, firstBit: count, count: added, valid: valid)
    } else {
      let first = slots.base + count * slotWidth
      spreadSlots(first, width: slotWidth, bits: bits, firstBit: count, count: added, valid: valid)
    }
  }

  /// Appends the values of a column of the builder's layout, which has no nulls.
  func append(values column: Column) throws(ParquetError) {
    try reserve(column.count)
    switch column.storage {
    case .fixed(let values, let width): memcpy(nextSlot, values.base, column.count * width)
    case .variable(let bounds, let bytes):
      let target = try reserveData(bytes.count)
      memcpy(target, bytes.base, bytes.count)
      let from = bounds.base.assumingMemoryBound(to: Int32.self)
      let to = offsets + count
      let start = to[0]
      for index in 1..<column.count + 1 { to[index] = start &+ from[index] }
      advanceData(bytes.count)
    case .list, .structure, .dictionary:
      throw ParquetError(.unsupported, "Values of a leaf are neither lists nor structures.")
    }
    advanceValid(column.count)
  }

  /// The finished column; the builder must not be used any more.
  func finish() -> Column {
    let storage: Column.Storage
    switch layout {
    case .fixed(let width): storage = .fixed(adopted ?? Bytes(slots, count: count * width), width: width)
    case .variable:
      storage = .variable(offsets: Bytes(slots, count: (count + 1) * 4), data: Bytes(data, count: dataCount))
    }
    return Column(count: count, validity: validity.finish(count), storage: storage)
  }
}

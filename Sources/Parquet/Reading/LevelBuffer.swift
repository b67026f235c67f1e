internal import ByteBuffers

/// Levels of some entries of a leaf: one byte each, or for lists of one level in which every entry holds a value, only
/// where the lists begin.
final class LevelBuffer {
  private var definitionBlock: AlignedBuffer
  private var repetitionBlock: AlignedBuffer?
  private(set) var count = 0
  /// Where lists begin, as 32-bit integers, while there is nothing else to tell.
  private var startBlock: AlignedBuffer?
  private(set) var startCount = 0
  private var isDense = false
  private let highest: UInt8
  private let allowance: BatchAllowance?

  /// - Parameters:
  ///   - hasRepetitions: whether the leaf is in a list.
  ///   - highest: the definition level of an entry that holds a value.
  ///   - allowance: what the columns of a batch share.
  init(hasRepetitions: Bool, highest: UInt8 = 0, allowance: BatchAllowance? = nil) {
    self.highest = highest
    self.allowance = allowance
    definitionBlock = BufferPool.shared.take(4096)
    repetitionBlock = hasRepetitions ? BufferPool.shared.take(4096) : nil
  }

  var definitions: UnsafeMutablePointer<UInt8> { definitionBlock.base.assumingMemoryBound(to: UInt8.self) }
  /// Nil for a leaf that is in no list.
  var repetitions: UnsafeMutablePointer<UInt8>? { repetitionBlock?.base.assumingMemoryBound(to: UInt8.self) }

  func removeAll() {
    count = 0
  }

  /// Makes room for more entries; what is there stays.
  func reserve(_ extra: Int, limit: Int) throws(ParquetError) {
    if isDense { try spellOut(limit: limit) }
    let (wanted, overflow) = count.addingReportingOverflow(extra)
    guard !overflow, wanted <= limit else { throw limitError(limit) }
    guard wanted > definitionBlock.capacity else { return }
    definitionBlock = try grown(definitionBlock, wanted)
    if let block = repetitionBlock { repetitionBlock = try grown(block, wanted) }
  }

  private func limitError(_ limit: Int) -> ParquetError {
    allowance?.columnExceeded()
    return ParquetError(
      .limitExceeded,
      "The lists of one column of a batch would exceed the limit batchBytes of \(limit). Read fewer rows at a time."
    )
  }

  private func grown(_ block: AlignedBuffer, _ wanted: Int) throws(ParquetError) -> AlignedBuffer {
    let bytes = max(wanted, 2 * block.capacity)
    try allowance?.grow(from: block.capacity, to: bytes)
    let larger = BufferPool.shared.take(bytes)
    larger.base.copyMemory(from: block.base, byteCount: count)
    return larger
  }

  /// Counts entries that were stored behind the ones before.
  func advance(_ added: Int) {
    count += added
  }

  /// Where lists begin, in entries, when every entry holds a value; nil where the levels tell.
  var starts: UnsafeMutablePointer<Int32>? {
    isDense ? startBlock?.base.assumingMemoryBound(to: Int32.self) : nil
  }

  /// Makes room for the starts of lists of which every entry holds a value, and returns where they go.
  func reserveDense(starts extra: Int) throws(ParquetError) -> UnsafeMutablePointer<Int32> {
    let wanted = (startCount + extra + 1) * 4
    if let block = startBlock, block.capacity >= wanted {
      return block.base.assumingMemoryBound(to: Int32.self) + startCount
    }
    let bytes = max(wanted, 2 * (startBlock?.capacity ?? 2048))
    try allowance?.grow(from: startBlock?.capacity ?? 0, to: bytes)
    let larger = BufferPool.shared.take(bytes)
    if let block = startBlock { larger.base.copyMemory(from: block.base, byteCount: startCount * 4) }
    startBlock = larger
    return larger.base.assumingMemoryBound(to: Int32.self) + startCount
  }

  /// Counts entries that all hold a value, and the lists that they begin, whose starts were stored.
  func advanceDense(starts added: Int, entries: Int, limit: Int) throws(ParquetError) {
    if count == 0 { isDense = true }
    if isDense {
      guard entries <= min(limit, Int(Int32.max)) - count else { throw limitError(limit) }
      startCount += added
      count += entries
      return
    }
    try reserve(entries, limit: limit)
    spell(entries, starts: added)
  }

  /// Turns starts of lists into levels, since what follows has some that starts cannot tell.
  private func spellOut(limit: Int) throws(ParquetError) {
    let (entries, added) = (count, startCount)
    (isDense, count, startCount) = (false, 0, 0)
    try reserve(entries, limit: limit)
    spell(entries, starts: added)
  }

  /// Appends the levels of entries that all hold a value; room was made.
  private func spell(_ entries: Int, starts added: Int) {
    (definitions + count).initialize(repeating: highest, count: entries)
    if let repetitions, let starts = startBlock?.base.assumingMemoryBound(to: Int32.self) {
      (repetitions + count).initialize(repeating: 1, count: entries)
      for index in 0..<added { repetitions[Int(starts[index])] = 0 }
    }
    count += entries
  }

  /// Appends some entries of another buffer; room was made.
  func append(_ other: LevelBuffer, _ range: Range<Int>) {
    (definitions + count).update(from: other.definitions + range.lowerBound, count: range.count)
    if let from = other.repetitions, let to = repetitions {
      (to + count).update(from: from + range.lowerBound, count: range.count)
    }
    count += range.count
  }
}

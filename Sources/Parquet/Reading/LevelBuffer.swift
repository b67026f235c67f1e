internal import ByteBuffers

/// Levels of some entries of a leaf, one byte each.
final class LevelBuffer {
  private var definitionBlock: AlignedBuffer
  private var repetitionBlock: AlignedBuffer?
  private(set) var count = 0
  private let allowance: BatchAllowance?

  init(hasRepetitions: Bool, allowance: BatchAllowance? = nil) {
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
    let (wanted, overflow) = count.addingReportingOverflow(extra)
    guard !overflow, wanted <= limit else {
      allowance?.columnExceeded()
      throw ParquetError(
        .limitExceeded,
        "The lists of one column of a batch would exceed the limit batchBytes of \(limit). Read fewer rows at a time."
      )
    }
    guard wanted > definitionBlock.capacity else { return }
    definitionBlock = try grown(definitionBlock, wanted)
    if let block = repetitionBlock { repetitionBlock = try grown(block, wanted) }
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

  /// Appends some entries of another buffer; room was made.
  func append(_ other: LevelBuffer, _ range: Range<Int>) {
    (definitions + count).update(from: other.definitions + range.lowerBound, count: range.count)
    if let from = other.repetitions, let to = repetitions {
      (to + count).update(from: from + range.lowerBound, count: range.count)
    }
    count += range.count
  }
}

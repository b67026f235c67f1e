internal import ByteBuffers
internal import Synchronization

/// How much memory one reader of rows takes: ``ReaderLimits/memoryBytes``.
///
/// An eighth is for what is fetched at a time, which pages still hold when the next is fetched, and an eighth for blocks
/// that wait to be used again. Three eighths are for pages and dictionaries that are being decoded. The rest is for two
/// batches, since the one before is still held: they are planned to take two eighths, and may take three.
///
/// Leaves that are read at the same time share it.
final class MemoryBudget: Sendable {
  private let total: Int
  /// Bytes of open pages and of dictionaries.
  private let pageBytes = Mutex(0)
  private let retention: BufferPool.RetentionBound

  /// - Parameters:
  ///   - total: bytes that the reader takes.
  ///   - readers: readers that have as much each and share the blocks that wait.
  init(_ total: Int, readers: Int = 1) {
    self.total = max(0, total)
    retention = BufferPool.shared.boundRetention(max(0, total) / 8 * readers)
  }

  /// Bytes that a batch is planned to take.
  var batchBytes: Int { total / 8 }

  /// What a batch may take.
  func allowance() -> BatchAllowance {
    BatchAllowance(bytes: total / 16 * 3, of: total)
  }

  /// Bytes that each of some leaves fetches at a time.
  func fetchBytes(leaves: Int) -> Int { max(4096, total / 8 / max(1, leaves)) }

  /// Counts the bytes of a page or a dictionary before they are allocated.
  func reserve(_ bytes: Int) throws(ParquetError) {
    let most = total / 8 * 3
    let left = pageBytes.withLock { taken in
      let left = most - taken
      if bytes <= left { taken += bytes }
      return left
    }
    guard bytes <= left else {
      throw ParquetError(
        .limitExceeded,
        "A page takes \(bytes) bytes; the limit memoryBytes of \(total) leaves \(max(0, left)) for it."
      )
    }
  }

  func release(_ bytes: Int) {
    if bytes > 0 { pageBytes.withLock { $0 -= bytes } }
  }
}

/// What the leaves of one reader of rows share.
final class ReadingContext {
  let reader: NativeParquetReader
  let options: ReaderOptions
  let budget: MemoryBudget
  /// Whether the file is on this machine.
  let isLocal: Bool
  private static let cachedBytes = 1 << 20
  /// Leaves that are delivered as indices of a dictionary.
  private let dictionaryLeaves: Set<Int>

  init(_ reader: NativeParquetReader, leaves: Int, dictionaryLeaves: Set<Int>) {
    self.reader = reader
    self.dictionaryLeaves = dictionaryLeaves
    var options = reader.options
    budget = MemoryBudget(options.limits.memoryBytes, readers: options.readers)
    options.fetchBytes = min(options.fetchBytes, budget.fetchBytes(leaves: leaves))
    isLocal = reader.source.isLocal
    // Without a round trip to save, what stays in the processor's cache until it is decoded is best.
    if isLocal { options.fetchBytes = min(options.fetchBytes, ReadingContext.cachedBytes) }
    self.options = options
  }

  /// Most rows of a row group, of some leaves, that fit in so many bytes; 1 at least.
  ///
  /// The bytes a row takes are estimated from what the footer says of the chunks.
  func rows(in bytes: Int, of rowGroup: Int, leaves: [Int]) -> Int {
    let perRow = leaves.reduce(0.0) { $0 + bytesPerRow($1, rowGroup) }
    guard perRow > 0 else { return .max }
    return max(1, Int(exactly: (Double(max(0, bytes)) / perRow).rounded(.down)) ?? .max)
  }

  func bytesPerRow(_ leaf: Int, _ rowGroup: Int) -> Double {
    let group = reader.metadata.rowGroups[rowGroup]
    let column = reader.metadata.schema.leaves[leaf]
    let chunk = group.columns[leaf]
    let values = Double(max(0, chunk.valueCount))
    let slots: Double
    if dictionaryLeaves.contains(leaf) {
      slots = values * 4
    } else if column.type == .byteArray {
      slots = max(Double(max(0, chunk.uncompressedSize)), unencodedBytes(chunk), values * 4)
    } else {
      slots = values * Double(column.slotWidth)
    }
    // Bytes and lists grow by doubling while they are gathered.
    let growth: Double = column.type == .byteArray || column.maxRepetitionLevel > 0 ? 2 : 1
    let levels = column.maxRepetitionLevel > 0 || column.maxDefinitionLevel > 1 ? 2 * values : values / 8
    return (slots * growth + levels) / Double(max(1, group.rowCount))
  }

  private func unencodedBytes(_ chunk: ColumnChunk) -> Double {
    Double(max(0, chunk.sizeStatistics?.unencodedByteArrayBytes ?? 0))
  }

  /// What so many rows of a row group are going to hold of a leaf, as far as the footer tells.
  ///
  /// Footers may claim anything, so no more is believed than what a file of that size usually holds.
  func expectation(of rows: Int, _ leaf: LeafColumn, _ rowGroup: Int) -> ColumnBuilder.Expectation {
    let group = reader.metadata.rowGroups[rowGroup]
    let chunk = group.columns[leaf.index]
    let share = Double(rows) / Double(max(1, group.rowCount))
    let stored = Double(max(0, chunk.uncompressedSize))
    let values = Double(max(0, chunk.valueCount))
    var expected = ColumnBuilder.Expectation()
    expected.slots = rows
    if leaf.maxRepetitionLevel > 0 {
      let most = 4 * stored / Double(max(1, leaf.slotWidth))
      expected.slots = Int(exactly: (min(values, most) * share).rounded(.up)) ?? rows
    }
    if leaf.type == .byteArray {
      let stated = chunk.sizeStatistics?.unencodedByteArrayBytes
      let lengths = 4 * max(0, values - Double(chunk.statistics?.nullCount ?? 0))
      let bytes = stated == nil ? max(0, stored - lengths) : min(unencodedBytes(chunk), 4 * stored)
      expected.dataBytes = Int(exactly: (bytes * share * ReadingContext.slack).rounded(.up)) ?? 0
    }
    return expected
  }

  /// Room for rows that are a little larger than the average.
  private static let slack = 1.0625
}

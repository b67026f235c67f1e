internal import ByteBuffers
internal import Parquet

/// Per-batch buffers of a join: row numbers and sources, reused for every batch and field.
final class JoinScratch {
  private let block: AlignedBuffer
  let integers: UnsafeMutablePointer<Int64>
  let rows: UnsafeMutablePointer<UInt32>
  let sources: UnsafeMutablePointer<UInt8>
  private var nulls = 0

  init(capacity: Int) {
    block = AlignedBuffer(capacity: capacity * 13 + 64)
    integers = block.base.assumingMemoryBound(to: Int64.self)
    rows = (block.base + capacity * 8).assumingMemoryBound(to: UInt32.self)
    sources = (block.base + capacity * 12).assumingMemoryBound(to: UInt8.self)
  }

  /// Rows of the batch whose key was found.
  func matches(_ count: Int) -> Int {
    var found = 0
    for row in 0..<count where rows[row] != KeyTable.absent { found += 1 }
    return found
  }

  /// Decides for each row where the value comes from and counts it.
  func choose(
    _ mode: JoinMode,
    store: CellStore,
    existing: Column?,
    count: Int,
    field: Int,
    counts: inout JoinCounts
  ) {
    var usedNew = 0
    var usedExisting = 0
    var matched = 0
    for row in 0..<count {
      let isMatched = rows[row] != KeyTable.absent
      let hasNew = isMatched && store.isValid(Int(rows[row]))
      let hasExisting = existing?.isValid(row) ?? false
      matched += isMatched ? 1 : 0
      let source: CellSource
      switch mode {
      case .replace: source = hasNew ? .newValue : .null
      case .overwrite: source = isMatched ? (hasNew ? .newValue : .null) : (hasExisting ? .existing : .null)
      case .coalesce: source = hasExisting ? .existing : (hasNew ? .newValue : .null)
      }
      sources[row] = source.rawValue
      usedNew += source == .newValue ? 1 : 0
      usedExisting += source == .existing ? 1 : 0
    }
    nulls = count - usedNew - usedExisting
    counts.nulls[field] += Int64(nulls)
    switch mode {
    case .replace: break
    case .overwrite:
      counts.usedExisting[field] += Int64(count - matched)
      counts.usedNew[field] += Int64(matched)
    case .coalesce:
      counts.usedExisting[field] += Int64(usedExisting)
      counts.usedNew[field] += Int64(usedNew)
    }
  }

  /// Validity of the chosen values; nil when none is null.
  func validity(_ count: Int) -> Validity? {
    guard nulls > 0 else { return nil }
    let bits = BufferPool.shared.take((count + 7) / 8)
    bits.base.initializeMemory(as: UInt8.self, repeating: 0, count: (count + 7) / 8)
    let bytes = bits.base.assumingMemoryBound(to: UInt8.self)
    for row in 0..<count where sources[row] != CellSource.null.rawValue {
      bytes[row >> 3] |= 1 << UInt8(row & 7)
    }
    return Validity(bits: Bytes(bits, count: (count + 7) / 8), nullCount: nulls)
  }
}

/// What a join counted.
public struct JoinCounts: Sendable, Hashable {
  /// Rows joined.
  public internal(set) var rows: Int64 = 0
  /// Rows whose key the new values have.
  public internal(set) var matched: Int64 = 0
  /// By field: rows that kept their value (overwrite: all unmatched rows); zero in mode replace.
  public internal(set) var usedExisting: [Int64]
  /// By field: rows that got a new value (overwrite: all matched rows); zero in mode replace.
  public internal(set) var usedNew: [Int64]
  /// By field: nulls before defaults were put in their place.
  public internal(set) var nulls: [Int64]

  /// Creates counts of zero.
  ///
  /// - Parameter fields: number of fields.
  public init(fields: Int) {
    usedExisting = Array(repeating: 0, count: fields)
    usedNew = usedExisting
    nulls = usedExisting
  }

  mutating func add(rows added: Int, matched found: Int) {
    rows += Int64(added)
    matched += Int64(found)
  }

  /// Adds the counts of another run of rows.
  ///
  /// - Parameter other: counts of the same fields.
  public mutating func add(_ other: JoinCounts) {
    rows += other.rows
    matched += other.matched
    for field in usedNew.indices {
      usedExisting[field] += other.usedExisting[field]
      usedNew[field] += other.usedNew[field]
      nulls[field] += other.nulls[field]
    }
  }
}

extension Column {
  /// The column with a cell in every null slot.
  func replacingNulls(by cell: [UInt8]) -> Column {
    switch storage {
    case .fixed(let values, let width):
      let block = BufferPool.shared.take(values.count)
      block.base.copyMemory(from: values.base, byteCount: values.count)
      cell.withUnsafeBytes { source in
        guard source.count == width, let start = source.baseAddress else { return }
        for row in 0..<count where !isValid(row) {
          (block.base + row * width).copyMemory(from: start, byteCount: width)
        }
      }
      return Column(count: count, validity: nil, storage: .fixed(Bytes(block, count: values.count), width: width))
    case .variable:
      var data = ByteWriter(capacity: byteCount + nullCount * cell.count)
      let offsets = BufferPool.shared.take((count + 1) * 4)
      let ends = offsets.base.assumingMemoryBound(to: Int32.self)
      ends[0] = 0
      for row in 0..<count {
        if isValid(row) {
          data.append(bytes(at: row))
        } else {
          data.append(cell)
        }
        ends[row + 1] = Int32(truncatingIfNeeded: data.count)
      }
      return Column(
        count: count,
        validity: nil,
        storage: .variable(offsets: Bytes(offsets, count: (count + 1) * 4), data: data.take())
      )
    case .list, .structure, .dictionary: return self
    }
  }
}

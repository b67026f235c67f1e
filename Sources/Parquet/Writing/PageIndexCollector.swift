internal import ByteBuffers

/// What is known of a page when it is complete.
struct PageSummary {
  var rows = 0
  var entries = 0
  var values = 0
  /// Bytes of BYTE_ARRAY values without their lengths.
  var unencodedBytes = 0
  var repetitionHistogram: [Int64] = []
  var definitionHistogram: [Int64] = []
}

/// Gathers the page index of a column chunk, page by page.
struct PageIndexCollector {
  private let order: BoundsOrder
  private let isByteArray: Bool

  /// Places count from the first data page of the chunk, and rows from its first row.
  private(set) var pages: [PageLocation] = []
  private var unencodedBytes: [Int64] = []
  private var index = ColumnIndex(nullPages: [], minValues: [], maxValues: [], boundaryOrder: .unordered)
  private var nullCounts: [Int64] = []
  private var nanCounts: [Int64] = []
  private var repetitionHistograms: [Int64] = []
  private var definitionHistograms: [Int64] = []
  /// Whether every page so far has bounds, or nulls alone.
  private var hasBounds: Bool
  private var rows: Int64 = 0

  init(_ leaf: LeafColumn, order: BoundsOrder) {
    self.order = order
    isByteArray = leaf.type == .byteArray
    hasBounds = order != .none
  }

  /// Notes a page, whose place is told to ``place(offset:size:)``.
  mutating func add(_ page: PageSummary, _ bounds: BoundsCollector) {
    unencodedBytes.append(Int64(page.unencodedBytes))
    rows += Int64(page.rows)
    guard hasBounds else { return }
    var statistics = Statistics()
    if page.values > 0 {
      bounds.finish(into: &statistics)
      guard statistics.minValue != nil, statistics.maxValue != nil else {
        hasBounds = false
        return
      }
    }
    index.nullPages.append(page.values == 0)
    index.minValues.append(statistics.minValue ?? .empty)
    index.maxValues.append(statistics.maxValue ?? .empty)
    nullCounts.append(Int64(page.entries - page.values))
    nanCounts.append(Int64(bounds.nanCount))
    repetitionHistograms += page.repetitionHistogram
    definitionHistograms += page.definitionHistogram
  }

  /// Notes where the next page lies; told before ``add(_:_:)`` counts its rows.
  mutating func place(offset: Int, size: Int) {
    pages.append(PageLocation(offset: Int64(offset), compressedSize: Int32(clamping: size), firstRow: rows))
  }

  /// Places of the pages, in a chunk whose first data page is at `start`.
  func offsetIndex(start: Int64) -> OffsetIndex {
    OffsetIndex(
      pages: pages.map {
        PageLocation(offset: $0.offset + start, compressedSize: $0.compressedSize, firstRow: $0.firstRow)
      },
      unencodedByteArrayBytes: isByteArray ? unencodedBytes : nil
    )
  }

  /// Bounds of the pages; nil when those of any page are not known, which the format does not allow to say.
  func columnIndex() -> ColumnIndex? {
    guard hasBounds, !index.nullPages.isEmpty else { return nil }
    var result = index
    result.boundaryOrder = boundaryOrder
    result.nullCounts = nullCounts
    result.nanCounts = order.hasNaN ? nanCounts : nil
    result.repetitionLevelHistograms = repetitionHistograms.isEmpty ? nil : repetitionHistograms
    result.definitionLevelHistograms = definitionHistograms.isEmpty ? nil : definitionHistograms
    return result
  }

  private var boundaryOrder: BoundaryOrder {
    let bounded = index.nullPages.indices.filter { !index.nullPages[$0] }
    var ascends = true
    var descends = true
    for (page, next) in zip(bounded, bounded.dropFirst()) {
      for values in [index.minValues, index.maxValues] {
        if order.precedes(values[next], values[page]) { ascends = false }
        if order.precedes(values[page], values[next]) { descends = false }
      }
    }
    return ascends ? .ascending : descends ? .descending : .unordered
  }
}

/// Counts how often each level occurs.
enum LevelHistogram {
  /// - Parameters:
  ///   - levels: one byte each, none above `highest`.
  ///   - count: number of levels.
  ///   - highest: the highest level there may be.
  static func of(_ levels: UnsafeRawPointer, count: Int, highest: Int) -> [Int64] {
    var result = [Int64](repeating: 0, count: highest + 1)
    var others = count
    // One pass a level, eight at a time, which for the few levels of real schemas beats one pass through a table.
    for level in 0..<highest {
      let found = occurrences(of: UInt8(truncatingIfNeeded: level), levels, count)
      result[level] = Int64(found)
      others -= found
    }
    result[highest] = Int64(others)
    return result
  }

  @inline(__always)
  private static func occurrences(of level: UInt8, _ levels: UnsafeRawPointer, _ count: Int) -> Int {
    let eight = UInt64(level) &* 0x0101_0101_0101_0101
    let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
    var others = 0
    var index = 0
    while index &+ 8 <= count {
      // The highest bit of a byte is set where the level is another one.
      let difference = levels.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ eight
      others &+= ((((difference & low) &+ low) | difference) & ~low).nonzeroBitCount
      index &+= 8
    }
    while index < count {
      others &+= levels.load(fromByteOffset: index, as: UInt8.self) == level ? 0 : 1
      index &+= 1
    }
    return count &- others
  }
}

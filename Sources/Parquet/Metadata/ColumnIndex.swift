public import ByteBuffers

/// Whether the bounds of a chunk's pages ascend or descend; pages of nulls alone are left out of account.
///
/// Source: parquet.thrift, `enum BoundaryOrder`.
public enum BoundaryOrder: Int32, Sendable, Hashable {
  /// Neither, or the writer did not look.
  case unordered = 0
  /// Lower and upper bounds never become less.
  case ascending = 1
  /// Lower and upper bounds never become greater.
  case descending = 2
}

/// Bounds and counts of each data page of a column chunk.
///
/// Bounds are PLAIN bytes without a length prefix and may be shortened; they obey the column's order as those of
/// ``Statistics`` do. Source: parquet.thrift, `struct ColumnIndex`.
public struct ColumnIndex: Sendable, Hashable {
  /// Whether a page holds nulls alone; its bounds then are empty and mean nothing.
  public var nullPages: [Bool]
  /// Lower bound of each page.
  public var minValues: [Bytes]
  /// Upper bound of each page.
  public var maxValues: [Bytes]
  /// Whether the bounds ascend or descend.
  public var boundaryOrder: BoundaryOrder
  /// Nulls of each page; absent is not zero.
  public var nullCounts: [Int64]?
  /// How often each repetition level occurs: all levels of the first page, then of the second, and so on.
  public var repetitionLevelHistograms: [Int64]?
  /// How often each definition level occurs: all levels of the first page, then of the second, and so on.
  public var definitionLevelHistograms: [Int64]?
  /// NaN values of each page; absent is not zero.
  public var nanCounts: [Int64]?

  /// Creates an index of bounds alone.
  ///
  /// - Parameters:
  ///   - nullPages: whether a page holds nulls alone.
  ///   - minValues: lower bound of each page.
  ///   - maxValues: upper bound of each page.
  ///   - boundaryOrder: whether the bounds ascend or descend.
  public init(nullPages: [Bool], minValues: [Bytes], maxValues: [Bytes], boundaryOrder: BoundaryOrder) {
    self.nullPages = nullPages
    self.minValues = minValues
    self.maxValues = maxValues
    self.boundaryOrder = boundaryOrder
  }

  /// Number of pages.
  public var pageCount: Int { nullPages.count }

  /// Decodes an index; its bounds share the memory of `bytes`, and offsets in errors count from its start.
  ///
  /// - Parameter bytes: the index as the file has it.
  /// - Throws: `corrupt` where the lists contradict each other.
  public init(decoding bytes: Bytes) throws(ParquetError) {
    var reader = CompactReader(bytes.span)
    self.init(nullPages: [], minValues: [], maxValues: [], boundaryOrder: .unordered)
    var seen: Set<Int16> = []
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      seen.insert(field.id)
      switch field.id {
      case 1: nullPages = try reader.booleanList(field)
      case 2: minValues = try reader.binaryList(field, from: bytes)
      case 3: maxValues = try reader.binaryList(field, from: bytes)
      // An order that is not known says nothing, as none does.
      case 4: boundaryOrder = BoundaryOrder(rawValue: try reader.int32(field)) ?? .unordered
      case 5: nullCounts = try reader.int64List(field)
      case 6: repetitionLevelHistograms = try reader.int64List(field)
      case 7: definitionLevelHistograms = try reader.int64List(field)
      case 8: nanCounts = try reader.int64List(field)
      default: try reader.skip(field.type)
      }
    }
    guard seen.isSuperset(of: [1, 2, 3]) else { throw .corrupt("A column index lacks its bounds.", offset: 0) }
    try checkLengths()
  }

  private func checkLengths() throws(ParquetError) {
    let perPage = [minValues.count, maxValues.count, nullCounts?.count ?? pageCount, nanCounts?.count ?? pageCount]
    guard perPage.allSatisfy({ $0 == pageCount }) else {
      throw .corrupt("The lists of a column index of \(pageCount) pages have \(perPage) elements.", offset: 0)
    }
    for histogram in [repetitionLevelHistograms, definitionLevelHistograms] {
      guard let histogram, !histogram.isEmpty else { continue }
      guard pageCount > 0, histogram.count.isMultiple(of: pageCount) else {
        throw .corrupt("A column index of \(pageCount) pages has \(histogram.count) level counts.", offset: 0)
      }
    }
  }

  /// The index as a file has it.
  ///
  /// - Returns: its Thrift form.
  public func encoded() -> Bytes {
    var writer = CompactWriter()
    writer.field(1, nullPages)
    writer.field(2, minValues)
    writer.field(3, maxValues)
    writer.field(4, boundaryOrder.rawValue)
    writer.field(5, nullCounts)
    writer.field(6, repetitionLevelHistograms)
    writer.field(7, definitionLevelHistograms)
    writer.field(8, nanCounts)
    writer.endMessage()
    return writer.take()
  }
}

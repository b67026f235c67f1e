internal import ByteBuffers

/// Leaves out row groups in which no row can satisfy a predicate, by the statistics in the footer.
struct RowGroupPruning {
  let metadata: FileMetadata

  /// Whether a row of the row group may satisfy the predicate; false is certain.
  func mayMatch(_ predicate: BoundPredicate, rowGroup: Int) -> Bool {
    predicate.mayBeTrue { $0.mayBeTrue(bounds(of: $0.leaf, rowGroup: rowGroup)) }
  }

  /// What the statistics of a chunk say for certain.
  func bounds(of leaf: LeafColumn, rowGroup: Int) -> ValueBounds {
    var result = ValueBounds()
    let chunk = metadata.rowGroups[rowGroup].columns[leaf.index]
    if leaf.maxDefinitionLevel == 0 { result.nulls = .none }
    guard let statistics = chunk.statistics else { return result }
    if leaf.maxDefinitionLevel > 0, let nulls = statistics.nullCount, (0...chunk.valueCount).contains(nulls) {
      result.nulls = nulls == 0 ? .none : nulls == chunk.valueCount ? .all : .some
    }
    let trust = BoundsTrust(metadata, leaf)
    (result.least, result.greatest) = trust.bounds(statistics)
    result.mayHaveNaN = statistics.nanCount != 0
    return result
  }
}

/// Which of the bounds that a file states may be believed.
struct BoundsTrust {
  private let metadata: FileMetadata
  private let leaf: LeafColumn

  init(_ metadata: FileMetadata, _ leaf: LeafColumn) {
    self.metadata = metadata
    self.leaf = leaf
  }

  /// Whether bounds are in an order in which this library compares.
  var isOrderKnown: Bool {
    guard metadata.columnOrders.indices.contains(leaf.index), let order = metadata.columnOrders[leaf.index] else {
      return false
    }
    switch leaf.node.logicalType {
    case .interval, .unknown, .null, .geometry, .geography: return false
    default: break
    }
    switch order {
    case .typeDefined: return leaf.type != .int96
    case .ieee754: return ValueDomain(leaf).hasNaN
    case .int96Timestamp: return leaf.type == .int96
    case .unknown: return false
    }
  }

  /// Lower and upper bound of a chunk.
  func bounds(_ statistics: Statistics) -> (Bytes?, Bytes?) {
    guard !areBytesOfOldWriter else { return (nil, nil) }
    if statistics.minValue != nil || statistics.maxValue != nil {
      guard isOrderKnown else { return (nil, nil) }
      // A shortened decimal is another number.
      let areWhole = ValueDomain(leaf) != .decimalBytes
      return (
        areWhole || statistics.isMinValueExact != false ? statistics.minValue : nil,
        areWhole || statistics.isMaxValueExact != false ? statistics.maxValue : nil
      )
    }
    guard let least = statistics.min, let greatest = statistics.max else { return (nil, nil) }
    return isSignedNumber || least == greatest && hasOrder ? (least, greatest) : (nil, nil)
  }

  /// The order that the deprecated bounds were made in is the right one for these types alone.
  private var isSignedNumber: Bool {
    if case .unknown = leaf.node.logicalType { return false }
    switch ValueDomain(leaf) {
    case .signed, .float, .double: return true
    case .boolean, .unsigned, .decimalBytes, .int96, .half, .bytes: return false
    }
  }

  private var hasOrder: Bool {
    switch leaf.node.logicalType {
    case .interval, .unknown, .null, .geometry, .geography: false
    default: leaf.type != .int96
    }
  }

  /// parquet-mr before 1.8.0 mixed up the bounds of byte arrays.
  private var areBytesOfOldWriter: Bool {
    guard leaf.type == .byteArray || leaf.type == .fixedLengthByteArray, let writer = metadata.createdBy,
      writer.hasPrefix("parquet-mr")
    else {
      return false
    }
    let words = writer.split(separator: " ")
    guard let at = words.firstIndex(of: "version"), at + 1 < words.count else { return true }
    let numbers = words[at + 1].split(separator: ".").prefix(2).map { Int($0.prefix { $0.isNumber }) }
    guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else { return true }
    return major < 1 || major == 1 && minor < 8
  }
}

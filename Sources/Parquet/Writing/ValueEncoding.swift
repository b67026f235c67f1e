/// How a writer lays out the values of a page that do not go through a dictionary.
public enum ValueEncoding: Sendable, Hashable {
  /// Values one after the other: any type, and what every reader knows.
  case plain
  /// Differences between neighbours: INT32 and INT64. Small where values are sorted or close together.
  case deltaBinaryPacked
  /// Lengths, then all bytes: BYTE_ARRAY. Fast to decode.
  case deltaLengthByteArray
  /// Without the bytes shared with the value before: BYTE_ARRAY and FIXED_LEN_BYTE_ARRAY. Small where values are sorted.
  case deltaByteArray
  /// First bytes of all values, then second bytes: FLOAT, DOUBLE, INT32, INT64 and FIXED_LEN_BYTE_ARRAY. As large as
  /// PLAIN, but compresses better.
  case byteStreamSplit
  /// Runs of equal values: BOOLEAN.
  case runLength

  /// What the file calls it.
  public var encoding: Encoding {
    switch self {
    case .plain: .plain
    case .deltaBinaryPacked: .deltaBinaryPacked
    case .deltaLengthByteArray: .deltaLengthByteArray
    case .deltaByteArray: .deltaByteArray
    case .byteStreamSplit: .byteStreamSplit
    case .runLength: .rle
    }
  }

  /// Types whose values can be laid out so.
  public var types: Set<PhysicalType> {
    switch self {
    case .plain: Set(PhysicalType.allCases)
    case .deltaBinaryPacked: [.int32, .int64]
    case .deltaLengthByteArray: [.byteArray]
    case .deltaByteArray: [.byteArray, .fixedLengthByteArray]
    case .byteStreamSplit: [.float, .double, .int32, .int64, .fixedLengthByteArray]
    case .runLength: [.boolean]
    }
  }
}

/// How large a column's bloom filters are.
public struct BloomFilterProperties: Sendable, Hashable {
  /// Different values that a row group has; nil when that is not known.
  ///
  /// Without it a filter is begun for as many values as a row group has rows, and shrunk to the values that there were.
  public var distinctValues: Int?
  /// Share of other values that a filter may claim to hold, above 0 and below 1.
  public var falsePositiveRate: Double

  /// Creates properties.
  ///
  /// - Parameters:
  ///   - distinctValues: different values that a row group has.
  ///   - falsePositiveRate: share of other values that a filter may claim to hold.
  public init(distinctValues: Int? = nil, falsePositiveRate: Double = 0.01) {
    self.distinctValues = distinctValues
    self.falsePositiveRate = falsePositiveRate
  }
}

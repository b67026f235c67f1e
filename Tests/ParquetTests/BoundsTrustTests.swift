import ByteBuffers
import Testing

@testable import Parquet

/// Which bounds of a file may leave out rows, case by case from the specification: parquet.thrift, `struct Statistics`
/// and `union ColumnOrder`.
struct BoundsTrustTests {
  private static let low = Bytes([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  private static let high = Bytes([2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])

  private func metadata(_ node: SchemaNode, _ order: ColumnOrder?, createdBy: String? = nil) -> FileMetadata {
    FileMetadata(
      version: 2,
      schema: ParquetSchema([node]),
      rowCount: 0,
      rowGroups: [],
      keyValues: [],
      createdBy: createdBy,
      columnOrders: [order]
    )
  }

  /// Which of both bounds are believed: "both", "lower", "upper" or "none".
  private func believed(
    _ node: SchemaNode,
    _ order: ColumnOrder?,
    createdBy: String? = nil,
    _ statistics: Parquet.Statistics
  ) throws -> String {
    let metadata = metadata(node, order, createdBy: createdBy)
    let (least, greatest) = BoundsTrust(metadata, try #require(metadata.schema.leaves.first)).bounds(statistics)
    #expect(least == nil || least == statistics.minValue ?? statistics.min)
    #expect(greatest == nil || greatest == statistics.maxValue ?? statistics.max)
    switch (least, greatest) {
    case (.some, .some): return "both"
    case (.some, nil): return "lower"
    case (nil, .some): return "upper"
    case (nil, nil): return "none"
    }
  }

  private var current: Parquet.Statistics {
    var statistics = Parquet.Statistics()
    (statistics.minValue, statistics.maxValue) = (Self.low, Self.high)
    return statistics
  }

  private func deprecated(_ least: Bytes?, _ greatest: Bytes?) -> Parquet.Statistics {
    var statistics = Parquet.Statistics()
    (statistics.min, statistics.max) = (least, greatest)
    return statistics
  }

  private static let unsigned32 = SchemaNode("a", .int32, logicalType: .integer(bitWidth: 32, isSigned: false))
  private static let unsigned64 = SchemaNode("a", .int64, logicalType: .integer(bitWidth: 64, isSigned: false))
  private static let half = SchemaNode("a", .fixedLengthByteArray, length: 2, logicalType: .float16)
  private static let text = SchemaNode("a", .byteArray, logicalType: .string)
  private static let bytesDecimal = SchemaNode("a", .byteArray, logicalType: .decimal(scale: 0, precision: 30))
  private static let fixedDecimal = SchemaNode(
    "a",
    .fixedLengthByteArray,
    length: 12,
    logicalType: .decimal(scale: 0, precision: 20)
  )
  private static let interval = SchemaNode("a", .fixedLengthByteArray, length: 12, logicalType: .interval)

  /// The orders under which the bounds in fields 5 and 6 are good, for each kind of leaf.
  private static let orders: [(SchemaNode, Set<ColumnOrder>)] = [
    (SchemaNode("a", .boolean), [.typeDefined]),
    (SchemaNode("a", .int32), [.typeDefined]),
    (SchemaNode("a", .int64, logicalType: .decimal(scale: 2, precision: 18)), [.typeDefined]),
    (unsigned32, [.typeDefined]),
    (unsigned64, [.typeDefined]),
    (SchemaNode("a", .int96), [.int96Timestamp]),
    (SchemaNode("a", .float), [.typeDefined, .ieee754]),
    (SchemaNode("a", .double), [.typeDefined, .ieee754]),
    (half, [.typeDefined, .ieee754]),
    (text, [.typeDefined]),
    (SchemaNode("a", .byteArray), [.typeDefined]),
    (SchemaNode("a", .fixedLengthByteArray, length: 16, logicalType: .uuid), [.typeDefined]),
    (bytesDecimal, [.typeDefined]),
    (fixedDecimal, [.typeDefined]),
    // These have no order, or one that is not known.
    (interval, []),
    (SchemaNode("a", .int32, logicalType: .null), []),
    (SchemaNode("a", .int32, logicalType: .unknown(99)), []),
    (SchemaNode("a", .byteArray, logicalType: .geometry(crs: nil)), []),
    (SchemaNode("a", .byteArray, logicalType: .geography(crs: nil, algorithm: nil)), []),
  ]

  @Test func `bounds count only in an order that the file states and that the type can have`() throws {
    for (node, good) in Self.orders {
      for order in [ColumnOrder?.none, .unknown, .typeDefined, .ieee754, .int96Timestamp] {
        let expected = order.map(good.contains) ?? false
        let place: Comment = "\(node), \(order.map { "\($0)" } ?? "no order")"
        #expect(try believed(node, order, current) == (expected ? "both" : "none"), place)
        let metadata = metadata(node, order)
        #expect(BoundsTrust(metadata, try #require(metadata.schema.leaves.first)).isOrderKnown == expected, place)
      }
    }
  }

  @Test func `a file with fewer orders than leaves states none for the others`() throws {
    var metadata = metadata(SchemaNode("a", .int32), .typeDefined)
    metadata.columnOrders = []
    let leaf = try #require(metadata.schema.leaves.first)
    #expect(BoundsTrust(metadata, leaf).bounds(current).0 == nil)
  }

  @Test func `one bound counts without the other`() throws {
    var statistics = current
    statistics.maxValue = nil
    #expect(try believed(Self.text, .typeDefined, statistics) == "lower")
    statistics = current
    statistics.minValue = nil
    #expect(try believed(Self.text, .typeDefined, statistics) == "upper")
  }

  @Test func `a shortened text is a bound, a shortened decimal is another number`() throws {
    for (isLowerExact, isUpperExact, expected) in [
      (false, false, "none"), (true, false, "lower"), (false, true, "upper"), (true, true, "both"),
    ] {
      var statistics = current
      (statistics.isMinValueExact, statistics.isMaxValueExact) = (isLowerExact, isUpperExact)
      #expect(try believed(Self.text, .typeDefined, statistics) == "both")
      #expect(try believed(Self.bytesDecimal, .typeDefined, statistics) == expected)
      #expect(try believed(Self.fixedDecimal, .typeDefined, statistics) == expected)
    }
  }

  @Test func `the deprecated bounds are good for signed numbers, and where both are the same`() throws {
    // Whether different bounds are good, and whether equal ones are.
    let cases: [(SchemaNode, String, String)] = [
      (SchemaNode("a", .int32), "both", "both"),
      (SchemaNode("a", .int32, logicalType: .date), "both", "both"),
      (SchemaNode("a", .int64, logicalType: .decimal(scale: 2, precision: 18)), "both", "both"),
      (SchemaNode("a", .float), "both", "both"),
      (SchemaNode("a", .double), "both", "both"),
      (SchemaNode("a", .boolean), "none", "both"),
      (Self.unsigned32, "none", "both"),
      (Self.unsigned64, "none", "both"),
      (Self.half, "none", "both"),
      (Self.text, "none", "both"),
      (SchemaNode("a", .fixedLengthByteArray, length: 12), "none", "both"),
      (Self.bytesDecimal, "none", "both"),
      (Self.fixedDecimal, "none", "both"),
      (SchemaNode("a", .int96), "none", "none"),
      (Self.interval, "none", "none"),
      (SchemaNode("a", .int32, logicalType: .unknown(99)), "none", "none"),
      (SchemaNode("a", .byteArray, logicalType: .unknown(99)), "none", "none"),
      (SchemaNode("a", .byteArray, logicalType: .geometry(crs: nil)), "none", "none"),
    ]
    for (node, different, equal) in cases {
      for order in [ColumnOrder?.none, .typeDefined] {
        #expect(try believed(node, order, deprecated(Self.low, Self.high)) == different, "\(node)")
        #expect(try believed(node, order, deprecated(Self.low, Self.low)) == equal, "\(node)")
      }
    }
    #expect(try believed(SchemaNode("a", .int32), nil, deprecated(Self.low, nil)) == "none")
    #expect(try believed(SchemaNode("a", .int32), nil, deprecated(nil, Self.low)) == "none")
  }

  @Test func `the deprecated bounds do not stand in for others that are not good`() throws {
    var statistics = deprecated(Self.low, Self.low)
    (statistics.minValue, statistics.maxValue) = (Self.low, Self.high)
    #expect(try believed(SchemaNode("a", .int32), .unknown, statistics) == "none")
  }

  /// parquet-mr before 1.8.0 wrote wrong bounds of byte arrays (PARQUET-251).
  @Test(arguments: [
    ("parquet-mr version 1.7.0 (build abc)", false), ("parquet-mr version 1.6.0rc3 (build abc)", false),
    ("parquet-mr version 0.9.9", false), ("parquet-mr version 1.8.0 (build abc)", true),
    ("parquet-mr version 1.8.1", true), ("parquet-mr version 1.10.0 (build abc)", true),
    ("parquet-mr version 2.0.0", true), ("parquet-mr", false), ("parquet-mr version", false),
    ("parquet-mr version x.y", false), ("parquet-mr version 1", false), ("parquet-cpp-arrow version 1.5.0", true),
    ("impala version 1.0", true),
  ])
  func `bounds of bytes of old writers count for nothing`(_ writer: String, _ isGood: Bool) throws {
    let expected = isGood ? "both" : "none"
    for node in [Self.text, Self.fixedDecimal, Self.bytesDecimal] {
      #expect(try believed(node, .typeDefined, createdBy: writer, current) == expected, "\(node)")
      #expect(try believed(node, nil, createdBy: writer, deprecated(Self.low, Self.low)) == expected, "\(node)")
    }
    #expect(try believed(SchemaNode("a", .int32), .typeDefined, createdBy: writer, current) == "both")
    #expect(try believed(SchemaNode("a", .int32), nil, createdBy: writer, deprecated(Self.low, Self.high)) == "both")
  }

  @Test func `counts of a chunk are believed where they can be true, and absent ones are not zero`() throws {
    func bounds(_ repetition: Repetition, _ nulls: Int64?, _ nans: Int64?, values: Int64 = 10) throws -> ValueBounds {
      var metadata = metadata(SchemaNode("a", .double, repetition: repetition), .typeDefined)
      var chunk = ColumnChunk(
        type: .double,
        encodings: [],
        codec: .uncompressed,
        valueCount: values,
        uncompressedSize: 0,
        compressedSize: 0,
        dataPageOffset: 4
      )
      var statistics = Parquet.Statistics()
      (statistics.nullCount, statistics.nanCount) = (nulls, nans)
      chunk.statistics = statistics
      metadata.rowGroups = [RowGroup(columns: [chunk], totalByteSize: 0, rowCount: values, sortingColumns: [])]
      return RowGroupPruning(metadata: metadata).bounds(of: try #require(metadata.schema.leaves.first), rowGroup: 0)
    }
    #expect(try bounds(.optional, nil, nil).nulls == .unknown)
    #expect(try bounds(.optional, 0, nil).nulls == .none)
    #expect(try bounds(.optional, 1, nil).nulls == .some)
    #expect(try bounds(.optional, 10, nil).nulls == .all)
    #expect(try bounds(.optional, 11, nil).nulls == .unknown)
    #expect(try bounds(.optional, -1, nil).nulls == .unknown)
    #expect(try bounds(.required, nil, nil).nulls == .none)
    #expect(try bounds(.required, 10, nil).nulls == .none)
    #expect(try bounds(.required, nil, nil).mayHaveNaN)
    #expect(try bounds(.required, nil, 3).mayHaveNaN)
    #expect(try !bounds(.required, nil, 0).mayHaveNaN)
  }
}

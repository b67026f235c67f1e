import ByteBuffers
import Testing

@testable import Parquet

@Suite("Statistics of a chunk are those of all its pages")
struct WritingChunkBoundsTests {
  /// Statistics of one column whose pages have two rows each, which come one by one.
  private func statistics(
    _ type: PhysicalType,
    _ rows: [Datum],
    length: Int = 0,
    _ logical: LogicalType? = nil
  ) async throws -> Parquet.Statistics? {
    let node = SchemaNode("a", type, length: length, repetition: .optional, logicalType: logical)
    var properties = WriterProperties(.uncompressed)
    properties.pageRows = 2
    let table = TestTable(TestField(node: node, rows: rows))
    let file = try await WrittenIndexes(try await table.write(properties, cuts: Array(1..<rows.count)).bytes)
    #expect(try file.offsets(0)?.pages.count == (rows.count + 1) / 2)
    return file.chunk(0).statistics
  }

  /// The bounds when the extremes are in the first, the second and the last of three pages.
  ///
  /// - Parameter values: six of them, ascending.
  private func check(
    _ type: PhysicalType,
    _ values: [Datum],
    length: Int = 0,
    _ logical: LogicalType? = nil,
    line: Int = #line
  ) async throws {
    let location = SourceLocation(fileID: #fileID, filePath: #filePath, line: line, column: 1)
    for order in [
      [0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [2, 3, 0, 5, 1, 4], [0, 5, 1, 2, 3, 4], [1, 2, 3, 4, 5, 0],
    ] {
      let rows = order.map { values[$0] }
      let found = try await statistics(type, rows, length: length, logical)
      #expect(found?.minValue?.array == values[0].bytes, "\(order)", sourceLocation: location)
      #expect(found?.maxValue?.array == values[5].bytes, "\(order)", sourceLocation: location)
      #expect(found?.nullCount == 0, sourceLocation: location)
    }
  }

  @Test("Numbers of each kind, wherever the extremes are, and where all are negative")
  func numbers() async throws {
    try await check(.int32, [-9, -7, -5, -4, -3, -1].map { .int32($0) })
    try await check(.int32, [-9, -7, 0, 4, 5, 1000].map { .int32($0) })
    try await check(.int64, [.min, -7, -5, -4, -3, -2].map { .int64($0) })
    try await check(.float, [-9, -7, -5, -4, -3, -1].map { .float($0) })
    try await check(.double, [-9, -7, -5, -4, -3, -1].map { .double($0) })
    try await check(.double, [1, 2, 3, 4, 5, .infinity].map { .double($0) })
    let unsigned32 = LogicalType.integer(bitWidth: 32, isSigned: false)
    try await check(.int32, [1, 2, .max, .min, -5, -1].map { .int32($0) }, unsigned32)
    let unsigned64 = LogicalType.integer(bitWidth: 64, isSigned: false)
    try await check(.int64, [1, 2, .max, .min, -5, -1].map { .int64($0) }, unsigned64)
    // -2, -1, 0.5, 1, 2 and infinity.
    let halves: [Datum] = [0xc000, 0xbc00, 0x3800, 0x3c00, 0x4000, 0x7c00].map { .value([0, UInt8($0 >> 8)]) }
    try await check(.fixedLengthByteArray, halves, length: 2, .float16)
  }

  @Test("Bytes and decimals, wherever the extremes are")
  func bytes() async throws {
    try await check(.byteArray, ["", "a", "aa", "b", "ä", "€"].map { .text($0) }, .string)
    try await check(.fixedLengthByteArray, [0, 1, 0x7f, 0x80, 0xfe, 0xff].map { .value([$0, 1]) }, length: 2)
    let decimal = LogicalType.decimal(scale: 0, precision: 9)
    // -257, -5, -2, 2, 256 and 65536: longer ones are further from zero, whatever their bytes begin or end with.
    let values: [[UInt8]] = [[0xfe, 0xff], [0xfb], [0xfe], [2], [1, 0], [1, 0, 0]]
    try await check(.byteArray, values.map { .value($0) }, decimal)
    let pairs: [Datum] = [0x80, 0xfe, 0xff, 0, 1, 0x7f].map { .value([$0, 5]) }
    try await check(.fixedLengthByteArray, pairs, length: 2, .decimal(scale: 0, precision: 4))
  }

  @Test("Counts of nulls and of NaN are sums over the pages, and a page without values changes no bound")
  func counts() async throws {
    let nan = Datum.double(.nan)
    let found = try await statistics(.double, [nan, .null, .double(1), nan, .null, .null, nan, nan, .double(-1)])
    #expect(found?.nullCount == 3)
    #expect(found?.nanCount == 4)
    #expect(found?.minValue?.array == Datum.double(-1).bytes)
    #expect(found?.maxValue?.array == Datum.double(1).bytes)
    let text = try await statistics(.byteArray, [.null, .null, .text("b"), .text("a"), .null, .null], .string)
    #expect(text?.nullCount == 4)
    #expect(text?.minValue?.array == Datum.text("a").bytes && text?.maxValue?.array == Datum.text("b").bytes)
  }
}

import ByteBuffers
import Testing

@testable import Parquet

/// Values, points and page bounds behind a selection, worked out by hand.
struct SelectionValuesTests {
  private func leaf(_ node: SchemaNode) throws -> LeafColumn {
    try #require(ParquetSchema([node]).leaves.first)
  }

  private func test(_ node: SchemaNode, _ predicate: RowPredicate) throws -> LeafTest {
    guard case .test(let test) = try BoundPredicate(predicate, schema: ParquetSchema([node])) else {
      throw ParquetError(.corrupt, "no single test")
    }
    return test
  }

  /// Whether a comparison can be true of a single value.
  private func holds<T: BitwiseCopyable>(_ node: SchemaNode, _ predicate: RowPredicate, _ value: T) throws -> Bool {
    let bytes = withUnsafeBytes(of: value) { Bytes(copying: $0) }
    var bounds = ValueBounds(least: bytes, greatest: bytes, nulls: .none)
    bounds.mayHaveNaN = false
    return try test(node, predicate).mayBeTrue(bounds)
  }

  private let a = RowPredicate.column("a")

  @Test func `times before 1970 and negative decimals are rounded down`() throws {
    let stamp = SchemaNode("a", .int64, logicalType: .timestamp(isAdjustedToUTC: true, unit: .milliseconds))
    // -1 ns lies between -1 ms and 0 ms.
    #expect(try holds(stamp, a >= .timestamp(nanoseconds: -1), Int64(0)))
    #expect(try !holds(stamp, a < .timestamp(nanoseconds: -1), Int64(0)))
    #expect(try holds(stamp, a < .timestamp(nanoseconds: -1), Int64(-1)))
    #expect(try !holds(stamp, a >= .timestamp(nanoseconds: -1), Int64(-1)))
    #expect(try holds(stamp, a == .timestamp(nanoseconds: -1_000_000), Int64(-1)))
    let price = SchemaNode("a", .int32, logicalType: .decimal(scale: 1, precision: 9))
    // -0.05 lies between -0.1 and 0.
    #expect(try !holds(price, a <= .decimal(unscaled: -5, scale: 2), Int32(0)))
    #expect(try holds(price, a <= .decimal(unscaled: -5, scale: 2), Int32(-1)))
  }

  @Test func `whole numbers that no double has lie between two of them`() throws {
    let real = SchemaNode("a", .double)
    // From 2^53 on only even numbers are doubles.
    let (below, above) = (9_007_199_254_740_994.0, 9_007_199_254_740_996.0)
    for number: PredicateValue in [9_007_199_254_740_995] {
      #expect(try !holds(real, a == number, below) && !holds(real, a == number, above))
      #expect(try holds(real, a < number, below) && !holds(real, a < number, above))
      #expect(try holds(real, a <= number, below) && !holds(real, a <= number, above))
      #expect(try !holds(real, a > number, below) && holds(real, a > number, above))
      #expect(try !holds(real, a >= number, below) && holds(real, a >= number, above))
    }
    // This one is rounded down instead.
    #expect(try holds(real, a < 9_007_199_254_740_993, 9_007_199_254_740_992.0))
    #expect(try !holds(real, a >= 9_007_199_254_740_993, 9_007_199_254_740_992.0))
    #expect(try holds(real, a >= 9_007_199_254_740_993, below))
  }

  @Test func `half-precision numbers are what IEEE 754 says`() {
    let values: [(UInt16, Double)] = [
      (0x0001, 5.960464477539063e-8), (0x03ff, 6.097555160522461e-5), (0x0400, 6.103515625e-5),
      (0x3555, 0.333251953125), (0x3c00, 1), (0xc000, -2), (0x7bff, 65504), (0x7c00, .infinity), (0xfc00, -.infinity),
      (0x8001, -5.960464477539063e-8),
    ]
    for (bits, value) in values { #expect(halfValue(bits) == value) }
    #expect(halfValue(0x8000) == 0 && halfValue(0x8000).sign == .minus)
    #expect(halfValue(0x7c01).isNaN && halfValue(0xffff).isNaN)
  }

  @Test func `numbers in bytes that are too large become the nearest that are not`() {
    func number(_ bytes: [UInt8]) -> Int128 {
      let bytes = Bytes(bytes)
      return bigEndianInteger(bytes.base, bytes.count)
    }
    let zeros = [UInt8](repeating: 0, count: 15)
    #expect(number([]) == 0)
    #expect(number([0xff]) == -1)
    #expect(number([0x80]) == -128)
    #expect(number([0, 0x80]) == 128)
    #expect(number([0xff, 0x7f]) == -129)
    #expect(number([0x7f] + zeros) == Int128(0x7f) << 120)
    #expect(number([0x80] + zeros) == .min)
    // Leading bytes that only repeat the sign mean nothing; others do not fit, nor does a sign that changes.
    #expect(number([0, 0, 0x7f] + zeros) == Int128(0x7f) << 120)
    #expect(number([0xff, 0xff, 0x80] + zeros) == .min)
    #expect(number([0, 0x80] + zeros) == .max)
    #expect(number([0xff, 0x7f] + zeros) == .min)
    #expect(number([1, 0] + zeros) == .max)
    #expect(number([0xfe, 0xff] + zeros) == .min)
  }

  @Test func `timestamps of 12 bytes count from the Julian day 2440588`() {
    func nanoseconds(_ time: Int64, _ day: Int32) -> Int128 {
      let bytes = Bytes(Datum.int64(time).bytes + Datum.int32(day).bytes)
      return int96Nanoseconds(bytes.base)
    }
    #expect(nanoseconds(0, 2_440_588) == 0)
    #expect(nanoseconds(5, 2_440_589) == 86_400_000_000_005)
    #expect(nanoseconds(999, 2_440_587) == -86_399_999_999_001)
  }

  @Test func `the values that a bloom filter is asked for are the PLAIN bytes of every equal value`() throws {
    func points(_ node: SchemaNode, _ predicate: RowPredicate) throws -> Set<[UInt8]>? {
      try test(node, predicate).plainPoints.map { Set($0.map(\.array)) }
    }
    let (int, long) = (SchemaNode("a", .int32), SchemaNode("a", .int64))
    let unsigned = SchemaNode("a", .int32, logicalType: .integer(bitWidth: 32, isSigned: false))
    let wideUnsigned = SchemaNode("a", .int64, logicalType: .integer(bitWidth: 64, isSigned: false))
    #expect(try points(int, a.isIn([-1, 2])) == [[0xff, 0xff, 0xff, 0xff], [2, 0, 0, 0]])
    #expect(try points(long, a == -1) == [[UInt8](repeating: 0xff, count: 8)])
    #expect(try points(unsigned, a.isIn([0x8000_0000, 1])) == [[0, 0, 0, 0x80], [1, 0, 0, 0]])
    #expect(try points(wideUnsigned, a == .unsigned(1 << 63)) == [[0, 0, 0, 0, 0, 0, 0, 0x80]])
    #expect(try points(SchemaNode("a", .float), a == 0) == [[0, 0, 0, 0], [0, 0, 0, 0x80]])
    #expect(try points(SchemaNode("a", .double), a == .double(-0.0))?.count == 2)
    #expect(try points(SchemaNode("a", .float), a == 1.5) == [[0, 0, 0xc0, 0x3f]])
    // No value of the type is equal: nothing can be there.
    #expect(try points(int, a == .int(1 << 40)) == [])
    #expect(try points(SchemaNode("a", .float), a == .double(0.1)) == [])
    #expect(try points(SchemaNode("a", .fixedLengthByteArray, length: 2), a == .bytes([1])) == [])
    #expect(try points(SchemaNode("a", .byteArray), a.isIn([.bytes([]), .bytes([1])])) == [[], [1]])
    // These cannot be listed, or equal ones have other bytes too.
    #expect(try points(int, a != 5) == nil)
    #expect(try points(int, a > 5) == nil)
    #expect(try points(SchemaNode("a", .int32, repetition: .optional), a.isNull) == nil)
    let decimal = SchemaNode("a", .byteArray, logicalType: .decimal(scale: 0, precision: 9))
    #expect(try points(decimal, a == 5) == nil)
    #expect(try points(SchemaNode("a", .int96), a == .timestamp(nanoseconds: 0)) == nil)
    #expect(try points(SchemaNode("a", .boolean), a == true) == nil)
    let half = SchemaNode("a", .fixedLengthByteArray, length: 2, logicalType: .float16)
    #expect(try points(half, a == 1) == nil)
  }

  @Test func `joined ranges keep the end of the longer one`() {
    let (long, short): (Range<Int>, Range<Int>) = (0..<100, 5..<10)
    let both: [Range<Int>] = [0..<100]
    #expect(RowRanges.union([long], [short]) == both)
    #expect(RowRanges.union([short], [long]) == both)
  }

  // MARK: - Pages

  /// Rows of two pages of ten, 0 to 9 and 10 to 19, that a predicate is tried on.
  private func rows(_ node: SchemaNode, _ predicate: RowPredicate, _ index: ColumnIndex) throws -> [Range<Int>] {
    let chunk = ColumnChunk(
      type: .double,
      encodings: [],
      codec: .uncompressed,
      valueCount: 20,
      uncompressedSize: 200,
      compressedSize: 200,
      dataPageOffset: 4
    )
    let pages = [
      PageMap.Page(offset: 4, size: 100, firstRow: 0), PageMap.Page(offset: 104, size: 100, firstRow: 10),
    ]
    let map = try #require(PageMap(pages, chunk: chunk, rowCount: 20, dataEnd: 1000))
    let metadata = FileMetadata(
      version: 2,
      schema: ParquetSchema([node]),
      rowCount: 20,
      rowGroups: [],
      keyValues: [],
      createdBy: nil,
      columnOrders: [.typeDefined]
    )
    let leaf = try leaf(node)
    let known = try #require(PagePruning.Pages(map, index, leaf, BoundsTrust(metadata, leaf)))
    let bound = try BoundPredicate(predicate, schema: metadata.schema)
    return PagePruning(rowCount: 20, pages: [0: known]).rows(bound)
  }

  private let none: [Range<Int>] = []
  private let first: [Range<Int>] = [0..<10]
  private let second: [Range<Int>] = [10..<20]
  private let all: [Range<Int>] = [0..<20]

  @Test func `counts that a column index lacks are not zero`() throws {
    let node = SchemaNode("a", .double, repetition: .optional)
    let one = Bytes(Datum.double(1).bytes)
    var index = ColumnIndex(
      nullPages: [false, true],
      minValues: [one, .empty],
      maxValues: [one, .empty],
      boundaryOrder: .ascending
    )
    #expect(try rows(node, a.isNull, index) == all)
    #expect(try rows(node, a.isNotNull, index) == first)
    #expect(try rows(node, a != 1, index) == first, "NaN is not 1")
    #expect(try rows(node, a == 2, index) == none)
    index.nullCounts = [0, 10]
    index.nanCounts = [0, 0]
    #expect(try rows(node, a.isNull, index) == second)
    #expect(try rows(node, a != 1, index) == none)
    index.nullCounts = [1, 10]
    index.nanCounts = [1, 0]
    #expect(try rows(node, a.isNull, index) == all)
    #expect(try rows(node, a != 1, index) == first)
  }

  @Test func `page bounds of decimals in bytes are not used, since they may be shortened`() throws {
    let bounds = [Bytes([1]), Bytes([5])]
    let index = ColumnIndex(
      nullPages: [false, false],
      minValues: bounds,
      maxValues: bounds,
      boundaryOrder: .ascending
    )
    let decimal = SchemaNode("a", .byteArray, logicalType: .decimal(scale: 0, precision: 9))
    #expect(try rows(decimal, a == 300, index) == all)
    #expect(try rows(SchemaNode("a", .byteArray), a == .bytes([5]), index) == second)
  }

  @Test func `places of pages that contradict each other or the chunk make no map`() {
    func isGood(_ pages: [(Int, Int, Int)], size: Int64 = 200, dataEnd: Int = 1000, rows: Int = 20) -> Bool {
      let chunk = ColumnChunk(
        type: .int32,
        encodings: [],
        codec: .uncompressed,
        valueCount: 20,
        uncompressedSize: size,
        compressedSize: size,
        dataPageOffset: 4
      )
      let places = pages.map { PageMap.Page(offset: $0.0, size: $0.1, firstRow: $0.2) }
      return PageMap(places, chunk: chunk, rowCount: rows, dataEnd: dataEnd) != nil
    }
    #expect(isGood([(4, 100, 0), (104, 100, 10)]))
    #expect(isGood([(4, 50, 0), (104, 100, 10)]), "there may be gaps")
    #expect(!isGood([]))
    #expect(!isGood([(4, 101, 0), (104, 100, 10)]), "pages share a byte")
    #expect(!isGood([(4, 100, 0), (104, 101, 10)]), "the last page ends behind the chunk")
    #expect(!isGood([(3, 100, 0), (104, 100, 10)]), "the first page begins before the chunk")
    #expect(!isGood([(4, 100, 1), (104, 100, 10)]), "the first row has no page")
    #expect(!isGood([(4, 100, 0), (104, 100, 0)]), "a page without rows")
    #expect(!isGood([(4, 100, 0), (104, 100, 20)]), "a page behind the last row")
    #expect(!isGood([(4, 0, 0), (104, 100, 10)]), "a page without bytes")
    #expect(!isGood([(4, 100, 0), (104, 100, 10)], dataEnd: 203), "the chunk runs into the footer")
    #expect(!isGood([(4, .max, 0), (104, 100, 10)]), "a sum that overflows")
  }
}

import ByteBuffers
import Testing

@testable import Parquet

@Suite("Bounds and null counts")
struct WritingStatisticsTests {
  /// Statistics of a one-column file, read back from its footer.
  private func statistics(
    _ node: SchemaNode,
    _ rows: [Datum],
    dictionary: Bool = false
  ) async throws -> Parquet.Statistics? {
    let table = TestTable(TestField(node: node, rows: rows))
    let bytes = try await table.write(WriterProperties(.uncompressed, dictionary: dictionary)).bytes
    let length = bytes.suffix(8).prefix(4).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    let footer = Bytes(Array(bytes[(bytes.count - 8 - length)..<(bytes.count - 8)]))
    return try FileMetadata(footer: footer, limits: ReaderLimits()).rowGroups[0].columns[0].statistics
  }

  private func bounds(
    _ type: PhysicalType,
    _ rows: [Datum],
    length: Int = 0,
    _ logical: LogicalType? = nil,
    dictionary: Bool = false
  ) async throws -> [[UInt8]?] {
    let node = SchemaNode("a", type, length: length, repetition: .optional, logicalType: logical)
    let found = try await statistics(node, rows, dictionary: dictionary)
    return [found?.minValue?.array, found?.maxValue?.array]
  }

  @Test("Signed numbers compare signed, and unsigned ones unsigned", arguments: [false, true])
  func integers(dictionary: Bool) async throws {
    let rows: [Datum] = Array(repeating: [.int32(-1), .int32(5), .null, .int32(3)], count: 8).flatMap { $0 }
    #expect(
      try await bounds(.int32, rows, dictionary: dictionary) == [Datum.int32(-1).bytes, Datum.int32(5).bytes]
    )
    #expect(
      try await bounds(.int32, rows, .integer(bitWidth: 32, isSigned: false), dictionary: dictionary)
        == [Datum.int32(3).bytes, Datum.int32(-1).bytes]
    )
    let wide: [Datum] = Array(repeating: [.int64(.min), .int64(7)], count: 20).flatMap { $0 }
    #expect(
      try await bounds(.int64, wide, dictionary: dictionary) == [Datum.int64(.min).bytes, Datum.int64(7).bytes]
    )
    #expect(
      try await bounds(.int64, wide, .integer(bitWidth: 64, isSigned: false), dictionary: dictionary)
        == [Datum.int64(7).bytes, Datum.int64(.min).bytes]
    )
  }

  @Test("Booleans have the bounds false and true")
  func booleans() async throws {
    #expect(try await bounds(.boolean, [.value([1]), .null]) == [[1], [1]])
    #expect(try await bounds(.boolean, [.value([1]), .value([0])]) == [[0], [1]])
    #expect(try await bounds(.boolean, [.null]) == [nil, nil])
  }

  @Test("NaN is left out, zeros are widened to both signs, and a chunk of NaN has no bounds")
  func floats() async throws {
    #expect(
      try await bounds(.float, [.float(.nan), .float(2), .float(-1), .float(.nan)])
        == [Datum.float(-1).bytes, Datum.float(2).bytes]
    )
    #expect(try await bounds(.double, [.double(.nan), .null]) == [nil, nil])
    #expect(
      try await bounds(.double, [.double(0), .double(.nan)]) == [Datum.double(-0.0).bytes, Datum.double(0).bytes]
    )
    #expect(try await bounds(.float, [.float(-0.0)]) == [Datum.float(-0.0).bytes, Datum.float(0).bytes])
    #expect(
      try await bounds(.double, [.double(.infinity)])
        == [Datum.double(.infinity).bytes, Datum.double(.infinity).bytes]
    )
  }

  @Test("NaN values are counted, each time they occur", arguments: [false, true])
  func nanCounts(dictionary: Bool) async throws {
    func count(_ type: PhysicalType, _ rows: [Datum], length: Int = 0, _ logical: LogicalType? = nil) async throws
      -> Int64?
    {
      let node = SchemaNode("a", type, length: length, repetition: .optional, logicalType: logical)
      return try await statistics(node, rows, dictionary: dictionary)?.nanCount
    }
    let floats: [Datum] = [.float(.nan), .null, .float(1), .float(.signalingNaN)]
    #expect(try await count(.float, Array(repeating: floats, count: 40).flatMap { $0 }) == 80)
    #expect(try await count(.double, Array(repeating: [.double(.nan), .double(1)], count: 40).flatMap { $0 }) == 40)
    #expect(try await count(.double, [.double(1)]) == 0)
    #expect(try await count(.int32, [.int32(1)]) == nil)
    let halves: [Datum] = [.value([0x01, 0x7c]), .value([0x00, 0x7c]), .value([0xff, 0xff])]
    #expect(try await count(.fixedLengthByteArray, halves, length: 2, .float16) == 2)
  }

  @Test("Half floats compare as numbers, and their zeros are widened too", arguments: [false, true])
  func halfFloats(dictionary: Bool) async throws {
    func halves(_ bits: [UInt16]) async throws -> [[UInt8]?] {
      let rows = bits.map { Datum.value([UInt8($0 & 0xff), UInt8($0 >> 8)]) }
      return try await bounds(
        .fixedLengthByteArray,
        Array(repeating: rows, count: 30).flatMap { $0 },
        length: 2,
        .float16,
        dictionary: dictionary
      )
    }
    // 1.0 is 3c00, -2.0 is c000, infinity 7c00, NaN 7e00, the zeros 0000 and 8000.
    #expect(try await halves([0x3c00, 0xc000, 0x7e00]) == [[0x00, 0xc0], [0x00, 0x3c]])
    #expect(try await halves([0xc000, 0xbc00]) == [[0x00, 0xc0], [0x00, 0xbc]])
    #expect(try await halves([0x0000]) == [[0x00, 0x80], [0x00, 0x00]])
    #expect(try await halves([0x8000, 0xfc00]) == [[0x00, 0xfc], [0x00, 0x00]])
    #expect(try await halves([0x0000, 0x7c00]) == [[0x00, 0x80], [0x00, 0x7c]])
    #expect(try await halves([0x7e00]) == [nil, nil])
  }

  @Test("Decimals in bytes compare as signed numbers of any length", arguments: [false, true])
  func decimals(dictionary: Bool) async throws {
    let type = LogicalType.decimal(scale: 2, precision: 4)
    // 1, -1, -128, -129, 255 and 0, some with more bytes than they need.
    let values: [[UInt8]] = [[1], [0xff], [0x80], [0xff, 0x7f], [0, 0, 0xff], [0]]
    func extremes(_ picked: [Int]) async throws -> [[UInt8]?] {
      let rows = Array(repeating: picked.map { Datum.value(values[$0]) }, count: 30).flatMap { $0 }
      return try await bounds(.byteArray, rows, type, dictionary: dictionary)
    }
    #expect(try await extremes([0, 1, 2, 3, 4, 5]) == [values[3], values[4]])
    #expect(try await extremes([2, 1]) == [values[2], values[1]])
    #expect(try await extremes([0, 5]) == [values[5], values[0]])
    let fixed: [Datum] = [.value([0x00, 0x80]), .value([0xff, 0x00]), .value([0x7f, 0xff]), .value([0x80, 0x00])]
    #expect(
      try await bounds(.fixedLengthByteArray, fixed, length: 2, type, dictionary: dictionary)
        == [[0x80, 0x00], [0x7f, 0xff]]
    )
  }

  @Test("Byte strings compare bytewise and unsigned, a prefix first", arguments: [false, true])
  func byteStrings(dictionary: Bool) async throws {
    let rows: [Datum] = [.value([0xff]), .value([1, 2]), .value([1]), .null, .value([0xff, 0])]
    let many = Array(repeating: rows, count: 20).flatMap { $0 }
    #expect(try await bounds(.byteArray, many, dictionary: dictionary) == [[1], [0xff, 0]])
    #expect(try await bounds(.byteArray, many + [.value([])], dictionary: dictionary) == [[], [0xff, 0]])
    let fixed: [Datum] = [.value([0x80, 0]), .value([0x7f, 9]), .null]
    #expect(try await bounds(.fixedLengthByteArray, fixed, length: 2) == [[0x7f, 9], [0x80, 0]])
  }

  @Test("Types without an agreed order, and wide ones, have a null count only")
  func noBounds() async throws {
    let wide = Datum.value([UInt8](repeating: 1, count: 65))
    #expect(try await bounds(.fixedLengthByteArray, [wide], length: 65) == [nil, nil])
    #expect(
      try await bounds(.fixedLengthByteArray, [.value([UInt8](repeating: 1, count: 64))], length: 64)[0] != nil
    )
    let twelve = Datum.value([UInt8](repeating: 1, count: 12))
    #expect(try await bounds(.int96, [twelve]) == [nil, nil])
    #expect(try await bounds(.fixedLengthByteArray, [twelve], length: 12, .interval) == [nil, nil])
    let long = Datum.value([UInt8](repeating: 1, count: 65))
    #expect(try await bounds(.byteArray, [long], .decimal(scale: 1, precision: 9)) == [nil, nil])
    let node = SchemaNode("a", .int96, repetition: .optional)
    #expect(try await statistics(node, [.null, twelve, .null])?.nullCount == 2)
  }

  @Test("Long text is cut between code points, and the upper bound is raised and stays valid UTF-8")
  func longText() async throws {
    // 62 letters and a character of three bytes across the limit of 64.
    let text = String(repeating: "b", count: 62) + "€" + "zzz"
    let node = SchemaNode("a", .byteArray, logicalType: .string)
    let found = try await statistics(node, [.text(text)])
    #expect(found?.minValue?.array == Array(String(repeating: "b", count: 62).utf8))
    #expect(found?.maxValue?.array == Array((String(repeating: "b", count: 61) + "c").utf8))
    #expect(found?.isMinValueExact == false)
    #expect(found?.isMaxValueExact == false)
    let short = try await statistics(node, [.text(String(repeating: "b", count: 64))])
    #expect(short?.isMinValueExact == true)
    #expect(short?.isMaxValueExact == true)
    #expect(short?.maxValue?.count == 64)
  }

  @Test("The greatest code points of each length cannot be raised and are dropped")
  func greatestCodePoints() {
    func upper(_ text: String) -> String? {
      BoundTruncation.upper(Array(text.utf8), isText: true).map { String(decoding: $0.bytes, as: UTF8.self) }
    }
    let filler = String(repeating: "x", count: 10)
    #expect(upper("a" + String(repeating: "\u{10ffff}", count: 20)) == "b")
    #expect(upper("a" + String(repeating: "\u{7ff}", count: 40)) == "b")
    #expect(upper(String(repeating: "\u{10ffff}", count: 20)) == nil)
    // U+D7FF is followed by U+E000: surrogates lie between them.
    #expect(upper("a\u{d7ff}" + String(repeating: "\u{10ffff}", count: 20)) == "a\u{e000}")
    #expect(upper(String(repeating: "\u{7f}", count: 70)) == nil)
    #expect(upper(String(repeating: filler, count: 7)) == String(repeating: filler, count: 6) + "xxxy")
  }

  @Test("Bytes are raised at the last byte that can be, and text that is not UTF-8 is treated as bytes")
  func longBytes() {
    let all = [UInt8](repeating: 0xff, count: 65)
    #expect(BoundTruncation.upper(all, isText: false) == nil)
    #expect(BoundTruncation.upper([3] + all, isText: false)?.bytes == [4])
    #expect(BoundTruncation.lower([3] + all, isText: false).bytes == [3] + [UInt8](repeating: 0xff, count: 63))
    let continuations = [UInt8](repeating: 0x80, count: 70)
    #expect(BoundTruncation.lower(continuations, isText: true).bytes == [UInt8](repeating: 0x80, count: 64))
    #expect(BoundTruncation.upper(continuations, isText: true)?.bytes == [UInt8](repeating: 0x80, count: 63) + [0x81])
  }

  @Test("The bounds hold for random values, seen in pieces, against an obvious computation", arguments: 0..<8)
  func randomBounds(seed: Int) async throws {
    var random = TestRandom(seed: UInt64(seed + 1))
    let rows = (0..<200).map { _ -> Datum in
      .value((0..<Int.random(in: 0..<12, using: &random)).map { _ in UInt8.random(in: 0...1, using: &random) })
    }
    let sorted = rows.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) }
    let table = TestTable(TestField(node: SchemaNode("a", .byteArray), rows: rows))
    var collector = BoundsCollector(order: .byteArray(isText: false))
    for start in stride(from: 0, to: 200, by: 20) {
      let part = table.fields[0].rows[start..<start + 20].map(\.bytes)
      let plain = Bytes(part.flatMap { [UInt8($0.count), 0, 0, 0] + $0 })
      collector.add(plain: plain.base, byteCount: plain.count, count: part.count)
    }
    var found = Parquet.Statistics()
    collector.finish(into: &found)
    #expect(found.minValue?.array == sorted.first, "seed \(seed)")
    #expect(found.maxValue?.array == sorted.last, "seed \(seed)")
  }
}

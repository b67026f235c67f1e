import ByteBuffers
import Foundation
import Testing

@testable import Parquet

/// Encodings, bloom filters, checksums and sorting columns of written files.
@Suite(.enabled(if: IndependentReaders.areAvailable, IndependentReaders.missing))
struct WritingFeatureTests {
  /// One required and one optional field of a type.
  private func table(_ type: PhysicalType, _ length: Int, _ logical: LogicalType?, distinct: Int) -> TestTable {
    var random = TestRandom(seed: 77)
    return TestTable(
      [Repetition.required, .optional].map { repetition in
        let node = SchemaNode(repetition.name, type, length: length, repetition: repetition, logicalType: logical)
        let rows = (0..<5000).map { row -> Datum in
          repetition == .optional && row % 3 == 1 ? .null : TestData.value(type, length, distinct: distinct, &random)
        }
        return TestField(node: node, rows: rows)
      }
    )
  }

  static let combinations: [(ValueEncoding, PhysicalType, Int, LogicalType?)] = [
    (.deltaBinaryPacked, .int32, 0, nil), (.deltaBinaryPacked, .int64, 0, nil),
    (.deltaLengthByteArray, .byteArray, 0, .string), (.deltaByteArray, .byteArray, 0, .string),
    (.deltaByteArray, .fixedLengthByteArray, 16, .uuid), (.byteStreamSplit, .float, 0, nil),
    (.byteStreamSplit, .double, 0, nil), (.byteStreamSplit, .int32, 0, nil), (.byteStreamSplit, .int64, 0, nil),
    (.byteStreamSplit, .fixedLengthByteArray, 16, .uuid), (.runLength, .boolean, 0, nil),
  ]

  @Test("Every encoding is read back by others, with and without compression, in both page versions")
  func encodings() async throws {
    var cases: [(TestTable, WriterProperties)] = []
    for (index, (encoding, type, length, logical)) in Self.combinations.enumerated() {
      let table = table(type, length, logical, distinct: 1000)
      for codec in [CompressionCodec.uncompressed, .zstd] {
        var properties = WriterProperties(codec, index % 2 == 0 ? .v1 : .v2)
        properties.defaults.encoding = encoding
        properties.pageBytes = 5000
        properties.pageRows = 1000
        cases.append((table, properties))
      }
    }
    let reports = try await IndependentReaders.check(cases)
    for (index, report) in reports.enumerated() {
      let encoding = cases[index].1.defaults.encoding.encoding.description
      for leaf in 0..<2 {
        let chunk = report.chunks(leaf)[0]
        let levels = leaf == 1 ? ["RLE"] : []
        #expect(Set(chunk["encodings"] as? [String] ?? []) == Set([encoding] + levels), "\(encoding)")
        let pages = chunk["pages"] as? [[String: Any]] ?? []
        #expect(pages.count > 1 && pages.allSatisfy { $0["enc"] as? String == encoding }, "\(encoding)")
        #expect(pages.allSatisfy { $0["crc"] as? Bool == true })
      }
    }
  }

  @Test("A dictionary that grows too large is given up for the column's encoding")
  func fallBack() async throws {
    let table = table(.int64, 0, nil, distinct: 400)
    var properties = WriterProperties(.uncompressed, dictionary: true)
    properties.defaults.encoding = .deltaBinaryPacked
    properties.dictionaryBytes = 2500
    properties.pageRows = 500
    let report = try await IndependentReaders.check(table, properties)
    let bytes = try await table.write(properties).bytes
    let chunk = try await WrittenIndexes(bytes).chunk(0)
    #expect(chunk.encodings == [.plain, .deltaBinaryPacked, .rleDictionary])
    let found = report.chunks(0)[0]["pages"] as? [[String: Any]] ?? []
    #expect(Set(found.compactMap { $0["enc"] as? String }) == ["PLAIN", "RLE_DICTIONARY", "DELTA_BINARY_PACKED"])
  }

  @Test("Another reader finds the bloom filters, and every value in them", arguments: [false, true])
  func bloomFilters(dictionary: Bool) async throws {
    let types: [(PhysicalType, LogicalType?)] = [
      (.int32, nil), (.int64, nil), (.double, nil), (.byteArray, .string), (.float, nil),
    ]
    var random = TestRandom(seed: 3)
    let table = TestTable(
      types.map { type, logical in
        let rows = (0..<3000).map { _ in TestData.value(type, 0, distinct: 100_000, &random) }
        return TestField(node: SchemaNode("\(type)", type, logicalType: logical), rows: rows)
      }
    )
    var properties = WriterProperties(.snappy, dictionary: dictionary)
    properties.defaults.writesBloomFilter = BloomFilterProperties(distinctValues: dictionary ? 1500 : nil)
    properties.dictionaryBytes = 9000
    properties.rowGroupRows = 1500
    let bytes = try await table.write(properties).bytes
    let file = try await WrittenIndexes(bytes)
    for (leaf, field) in table.fields.enumerated() {
      for group in 0..<2 {
        let filter = try #require(try file.filter(leaf, group: group))
        #expect(filter.byteCount == 2048)
        let rows = field.rows[group * 1500..<group * 1500 + 1500]
        #expect(rows.allSatisfy { filter.mightContain(hash: BloomFilter.hash(Bytes($0.bytes))) })
        let strangers = (0..<3000).map { Array("stranger \($0)".utf8) }
        #expect(strangers.count { filter.mightContain(hash: BloomFilter.hash(Bytes($0))) } < 60)
      }
    }
    let present = table.fields[1].rows[10].bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let text = String(decoding: table.fields[3].rows[1600].bytes, as: UTF8.self)
    let excluded = try Self.probe(
      bytes,
      [
        ("int64", "\(Int64(bitPattern: present))"), ("byteArray", "'\(text)'"),
        ("int64", "12345"), ("byteArray", "'stranger'"),
      ]
    )
    #expect(excluded[0][0] == false && excluded[1][1] == false)
    #expect(excluded[2] == [true, true] && excluded[3] == [true, true])
  }

  /// What duckdb says of each row group: whether its filter excludes a value.
  private static func probe(_ bytes: [UInt8], _ questions: [(String, String)]) throws -> [[Bool]] {
    let file = FileManager.default.temporaryDirectory.appending(path: "probe-\(UUID().uuidString).parquet")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let script = """
      import duckdb, json, sys
      path, *rest = sys.argv[1:]
      found = []
      for column, value in zip(rest[::2], rest[1::2]):
          rows = duckdb.execute(f"select * from parquet_bloom_probe('{path}', '{column}', {value})").fetchall()
          found.append([row[-1] for row in sorted(rows, key=lambda row: row[1])])
      print(json.dumps(found))
      """
    let arguments = ["-c", script, file.path] + questions.flatMap { [$0.0, $0.1] }
    let output = try Surroundings.run(IndependentReaders.python, arguments)
    return try #require(try JSONSerialization.jsonObject(with: Data(output)) as? [[Bool]])
  }

  @Test("Sorting columns are noted in each row group")
  func sortingColumns() async throws {
    var properties = WriterProperties(.uncompressed)
    properties.sortingColumns = [SortingColumn(leaf: 1, isDescending: true), SortingColumn(leaf: 0, nullsFirst: true)]
    properties.rowGroupRows = 2500
    let bytes = try await table(.int32, 0, nil, distinct: 9).write(properties).bytes
    let groups = try await WrittenIndexes(bytes).metadata.rowGroups
    #expect(groups.map(\.sortingColumns) == [properties.sortingColumns, properties.sortingColumns])
    let dumped = try IndependentReaders.read([bytes])[0].rowGroups[0]["sorting"] as? [[String: Any]]
    #expect(dumped?.count == 2)
  }
}

@Suite("What the properties of features have to be")
struct WritingFeatureChecksTests {
  private func problem(
    _ nodes: [SchemaNode],
    _ change: (inout WriterProperties) -> Void
  ) -> String {
    var properties = WriterProperties()
    change(&properties)
    let error = #expect(throws: ParquetError.self) {
      _ = try NativeParquetWriter(sink: MemorySink(), schema: ParquetSchema(nodes), properties: properties)
    }
    #expect(error?.code == .invalidArgument)
    return error?.message ?? ""
  }

  @Test("Every encoding is refused for every type that it does not fit")
  func encodings() throws {
    let all: [ValueEncoding] = [
      .plain, .deltaBinaryPacked, .deltaLengthByteArray, .deltaByteArray, .byteStreamSplit, .runLength,
    ]
    for encoding in all {
      for type in PhysicalType.allCases {
        let schema = ParquetSchema([SchemaNode("a", type, length: type == .fixedLengthByteArray ? 3 : 0)])
        var properties = WriterProperties()
        properties.defaults.encoding = encoding
        let fits = (try? NativeParquetWriter(sink: MemorySink(), schema: schema, properties: properties)) != nil
        #expect(fits == encoding.types.contains(type), "\(encoding) \(type)")
      }
    }
  }

  @Test("All problems of features are listed together")
  func problems() {
    let said = problem([SchemaNode("b", .boolean), SchemaNode("i", .int32)]) { properties in
      properties.defaults.encoding = .deltaBinaryPacked
      properties.defaults.writesBloomFilter = BloomFilterProperties(distinctValues: 0, falsePositiveRate: 1)
      properties.sortingColumns = [SortingColumn(leaf: 2), SortingColumn(leaf: 0), SortingColumn(leaf: 0)]
      properties.memoryBudget = 1000
    }
    for part in [
      "'b' is BOOLEAN, which cannot be encoded as DELTA_BINARY_PACKED", "'b' is BOOLEAN, which has no bloom filters",
      "rate of 1.0", "0 distinct values", "leaf 2; the schema has 2", "Leaf 0 is a sorting column twice",
      "memoryBudget is 1000; 2 leaves need",
    ] {
      #expect(said.contains(part), "\(said)")
    }
  }
}

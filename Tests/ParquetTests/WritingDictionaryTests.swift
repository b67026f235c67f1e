import Testing

@testable import Parquet

@Suite("Dictionaries", .enabled(if: IndependentReaders.areAvailable, IndependentReaders.missing))
struct WritingDictionaryTests {
  private func numbers(_ rows: [Int64]) -> TestTable {
    TestTable(TestField(node: SchemaNode("a", .int64), rows: rows.map(Datum.int64)))
  }

  private func properties(pageRows: Int, dictionaryBytes: Int) -> WriterProperties {
    var properties = WriterProperties(.snappy, dictionary: true)
    properties.pageRows = pageRows
    properties.dictionaryBytes = dictionaryBytes
    return properties
  }

  @Test("A dictionary of exactly the limit is kept; one entry more gives it up from that page on")
  func limit() async throws {
    // Page 1 has 10 distinct numbers, page 2 the same and 10 more, page 3 one more.
    let first = (0..<100).map { Int64($0 % 10) }
    let second = (0..<100).map { Int64($0 % 20) }
    let third = (0..<100).map { Int64($0 % 21) }
    let table = numbers(first + second + third)
    let reports = try await IndependentReaders.check([
      (table, properties(pageRows: 100, dictionaryBytes: 21 * 8)),
      (table, properties(pageRows: 100, dictionaryBytes: 20 * 8)),
      (table, properties(pageRows: 100, dictionaryBytes: 20 * 8 - 1)),
      (table, properties(pageRows: 100, dictionaryBytes: 10 * 8 - 1)),
    ])
    let indices = "DATA_V1 RLE_DICTIONARY 100"
    let plain = "DATA_V1 PLAIN 100"
    #expect(reports[0].pages(0) == ["DICT PLAIN 21", indices, indices, indices])
    #expect(reports[1].pages(0) == ["DICT PLAIN 20", indices, indices, plain])
    #expect(reports[2].pages(0) == ["DICT PLAIN 10", indices, plain, plain])
    #expect(reports[3].pages(0) == [plain, plain, plain])
    #expect(reports.map { $0.statistics[0]["max"] as? String } == ["20", "20", "20", "20"])
    #expect(reports[1].chunks(0)[0]["encodings"] as? [String] == ["PLAIN", "RLE_DICTIONARY"])
    #expect(reports[3].chunks(0)[0]["encodings"] as? [String] == ["PLAIN"])
  }

  @Test("A dictionary that does not pay on the first page is given up there")
  func distinctValues() async throws {
    let report = try await IndependentReaders.check(
      numbers((0..<300).map { $0 }),
      properties(pageRows: 100, dictionaryBytes: 1 << 20)
    )
    #expect(report.pages(0) == [String](repeating: "DATA_V1 PLAIN 100", count: 3))
  }

  @Test("Every row group begins with a dictionary of its own")
  func rowGroups() async throws {
    var properties = properties(pageRows: 50, dictionaryBytes: 1 << 20)
    properties.rowGroupRows = 100
    let rows = (0..<100).map { Int64($0) } + (0..<100).map { _ in Int64(5) }
    let report = try await IndependentReaders.check(numbers(rows), properties)
    let plain = "DATA_V1 PLAIN 50"
    let indices = "DATA_V1 RLE_DICTIONARY 50"
    #expect(report.pages(0) == [plain, plain, "DICT PLAIN 1", indices, indices])
  }

  @Test("Pages of nulls before and between values neither need nor harm the dictionary")
  func nulls() async throws {
    let rows: [Datum] =
      [Datum](repeating: .null, count: 50) + [Datum](repeating: .text("long enough to pay"), count: 50)
      + [Datum](repeating: .null, count: 50)
    let node = SchemaNode("a", .byteArray, repetition: .optional, logicalType: .string)
    let none = TestTable(TestField(node: node, rows: [Datum](repeating: .null, count: 60)))
    let reports = try await IndependentReaders.check([
      (TestTable(TestField(node: node, rows: rows)), properties(pageRows: 50, dictionaryBytes: 100)),
      (none, properties(pageRows: 50, dictionaryBytes: 100)),
    ])
    let plain = "DATA_V1 PLAIN 50"
    #expect(reports[0].pages(0) == ["DICT PLAIN 1", plain, "DATA_V1 RLE_DICTIONARY 50", plain])
    #expect(reports[1].pages(0) == [plain, "DATA_V1 PLAIN 10"])
  }

  @Test("A dictionary of many entries of every type is read back", arguments: 1...2)
  func manyEntries(seed: Int) async throws {
    let table = TestData.everything(rows: 3000, nulls: 1, distinct: 1000, seed: UInt64(seed))
    var properties = WriterProperties(.uncompressed, dictionary: true, seed % 2 == 0 ? .v1 : .v2)
    properties.pageRows = 2500
    let report = try await IndependentReaders.check(table, properties)
    #expect(report.pages(4).first?.hasPrefix("DICT") == true)
  }
}

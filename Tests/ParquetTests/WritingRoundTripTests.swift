import Testing

@testable import Parquet

@Suite(
  "Written files, read by other implementations",
  .enabled(if: IndependentReaders.areAvailable, IndependentReaders.missing)
)
struct WritingRoundTripTests {
  static let versions: [WriterProperties.PageVersion] = [.v1, .v2]

  @Test("Every type and list form is read back at every small row count", arguments: versions)
  func smallRowCounts(version: WriterProperties.PageVersion) async throws {
    var cases: [(TestTable, WriterProperties)] = []
    for rows in [0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 65] {
      for dictionary in [false, true] {
        let table = TestData.everything(rows: rows, seed: UInt64(rows + 1))
        cases.append((table, WriterProperties(.uncompressed, dictionary: dictionary, version)))
      }
    }
    try await IndependentReaders.check(cases)
  }

  @Test("Every codec is read back, with and without a dictionary, over many pages", arguments: versions)
  func codecs(version: WriterProperties.PageVersion) async throws {
    var cases: [(TestTable, WriterProperties)] = []
    for codec in [CompressionCodec.uncompressed, .snappy, .gzip, .brotli, .lz4Raw, .zstd] {
      for dictionary in [false, true] {
        var properties = WriterProperties(codec, dictionary: dictionary, version)
        properties.pageRows = 333
        properties.pageBytes = 1500
        cases.append((TestData.everything(rows: 1000, seed: 77), properties))
      }
    }
    try await IndependentReaders.check(cases)
  }

  @Test("Pages without nulls, of nulls only, and of both follow each other")
  func nullPatterns() async throws {
    var cases: [(TestTable, WriterProperties)] = []
    for nulls in [0, 1, 7, 8] {
      for version in Self.versions {
        for codec in [CompressionCodec.uncompressed, .zstd] {
          var properties = WriterProperties(codec, dictionary: nulls == 7, version)
          properties.pageRows = 40
          cases.append((TestData.everything(rows: 200, nulls: nulls, seed: UInt64(nulls + 5)), properties))
        }
      }
    }
    try await IndependentReaders.check(cases)
  }

  @Test("Page boundaries fall on, before and behind the last row")
  func pageBoundaries() async throws {
    var cases: [(TestTable, WriterProperties)] = []
    for rows in [15, 16, 17, 32] {
      var properties = WriterProperties(.uncompressed)
      properties.pageRows = 16
      cases.append((TestData.everything(rows: rows, seed: UInt64(rows)), properties))
    }
    let reports = try await IndependentReaders.check(cases)
    #expect(reports.map { $0.pages(2).count } == [1, 1, 2, 2])
  }

  @Test("Large pages are read back, whether their buffer was kept or copied")
  func largePages() async throws {
    var random = TestRandom(seed: 3)
    let rows = 60_000
    let table = TestTable(
      TestField(
        node: SchemaNode("number", .int64, repetition: .optional),
        rows: (0..<rows).map { $0 % 1000 == 0 ? .null : .int64(Int64($0)) }
      ),
      TestField(
        node: SchemaNode("text", .byteArray, logicalType: .string),
        rows: (0..<rows).map { .text(String(repeating: "x\($0)", count: Int.random(in: 0..<12, using: &random))) }
      ),
      TestField(
        node: .list("list", of: SchemaNode("element", .float), repetition: .optional),
        rows: (0..<rows).map { $0 % 17 == 0 ? .null : .list((0..<($0 % 5)).map { .float(Float($0)) }) }
      )
    )
    let cases = [
      (table, WriterProperties(.uncompressed)), (table, WriterProperties(.snappy, .v2)),
      (table, WriterProperties(.zstd, dictionary: true)),
    ]
    try await IndependentReaders.check(cases)
  }

  @Test("Values that compression does not shrink are stored as they are in pages of version 2")
  func incompressible() async throws {
    var random = TestRandom(seed: 9)
    let rows = (0..<500).map { _ in Datum.int64(Int64.random(in: .min ... .max, using: &random)) }
    let noise = TestTable(TestField(node: SchemaNode("noise", .int64, repetition: .optional), rows: rows))
    let same = TestTable(
      TestField(
        node: SchemaNode("noise", .int64, repetition: .optional),
        rows: [Datum](repeating: .int64(1), count: 500)
      )
    )
    let properties = WriterProperties(.zstd, .v2)
    let reports = try await IndependentReaders.check([(noise, properties), (same, properties)])
    let flags = reports.map { ($0.chunks(0)[0]["pages"] as? [[String: Any]])?[0]["is_comp"] as? Bool }
    #expect(flags == [false, true])
  }

  @Test("Lists that are longer than a page, empty, or null are read back")
  func extremeLists() async throws {
    let node = SchemaNode.list(
      "list",
      of: SchemaNode("element", .byteArray, repetition: .optional),
      repetition: .optional
    )
    let long = Datum.list((0..<3000).map { $0 % 3 == 0 ? .null : .value([UInt8](repeating: 7, count: $0 % 20)) })
    let rows: [Datum] = [.list([]), .null, long, .null, .list([]), .list([.null]), .list([.value([])]), long]
    for version in Self.versions {
      var properties = WriterProperties(.snappy, version)
      properties.pageBytes = 100
      let report = try await IndependentReaders.check(TestTable(TestField(node: node, rows: rows)), properties)
      #expect(report.pages(0).count == 2)
    }
  }
}

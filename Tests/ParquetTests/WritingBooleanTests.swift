import Testing

@testable import Parquet

/// Booleans that are written as runs, read by others.
@Suite(.enabled(if: IndependentReaders.areAvailable, IndependentReaders.missing))
struct WritingBooleanTests {
  /// Shapes of runs: each turns the number of a row into its value.
  private static let shapes: [(name: String, value: @Sendable (Int) -> Bool)] = [
    ("false", { _ in false }), ("true", { _ in true }), ("alternating", { $0 % 2 == 0 }),
    // Of whole bytes, shifted by one bit, and just below and at the length from which copies are written.
    ("bytes", { $0 / 64 % 2 == 0 }), ("shifted", { ($0 + 1) / 64 % 2 == 0 }), ("short", { $0 / 56 % 2 == 0 }),
    ("long", { $0 / 333 % 2 == 1 }), ("one", { $0 == 700 }), ("last", { $0 > 990 }),
    ("mixed", { $0 / 200 % 2 == 0 ? $0 % 3 == 0 : true }),
  ]

  private static func table(rows: Int) -> TestTable {
    var fields: [TestField] = []
    for (name, value) in shapes {
      let data = (0..<rows).map { Datum.value([value($0) ? 1 : 0]) }
      fields.append(TestField(node: SchemaNode(name, .boolean), rows: data))
      let nullable = SchemaNode(name + "_nulls", .boolean, repetition: .optional)
      // A page of nulls only among the others.
      let nulls = data.enumerated().map {
        $0.offset % 5 == 1 || (300..<600).contains($0.offset) ? Datum.null : $0.element
      }
      fields.append(TestField(node: nullable, rows: nulls))
      let list = SchemaNode.list(name + "_list", of: SchemaNode("element", .boolean), repetition: .optional)
      let lists = nulls.enumerated().map { row, datum -> Datum in
        datum.isNull ? .null : .list([Datum](repeating: datum, count: row % 21))
      }
      fields.append(TestField(node: list, rows: lists))
    }
    return TestTable(fields)
  }

  @Test(arguments: WritingRoundTripTests.versions)
  func `runs of every shape are read by pyarrow and duckdb`(_ version: WriterProperties.PageVersion) async throws {
    var cases: [(TestTable, WriterProperties)] = []
    let ways = [(1, 100), (7, 3), (1001, 100), (1001, 2000)]
    for (index, (rows, pageRows)) in ways.enumerated() {
      var properties = WriterProperties(index % 2 == 0 ? .uncompressed : .zstd, version)
      properties.defaults.encoding = .runLength
      properties.pageRows = pageRows
      cases.append((Self.table(rows: rows), properties))
    }
    let reports = try await IndependentReaders.check(cases)
    for (report, (table, properties)) in zip(reports, cases) {
      for (leaf, field) in table.fields.enumerated() {
        #expect(report.column(field.node.name, of: "duckdb") != nil, "duckdb was not asked")
        let pages = report.pages(leaf)
        #expect(pages.allSatisfy { $0.hasPrefix(version == .v1 ? "DATA_V1 " : "DATA_V2 ") })
        // Pages without values have nothing to encode: the first list is empty.
        #expect(table.rowCount == 1 || pages.contains { $0.contains(" RLE ") }, "\(field.node.name): \(pages)")
        #expect(pages.count == (table.rowCount + properties.pageRows - 1) / properties.pageRows)
      }
    }
  }

  @Test func `long runs are small`() async throws {
    let rows = (0..<80_000).map { Datum.value([$0 < 40_000 ? 0 : 1]) }
    let table = TestTable(TestField(node: SchemaNode("b", .boolean), rows: rows))
    var properties = WriterProperties(.uncompressed, .v2)
    properties.pageRows = rows.count
    // PLAIN takes a bit a value; runs take a length of four bytes and two runs of four bytes each.
    #expect(try await table.write(properties).bytes.count > 10_000)
    properties.defaults.encoding = .runLength
    #expect(try await table.write(properties).bytes.count < 400)
  }
}

import ByteBuffers
import Testing

@testable import Parquet

@Suite(
  "Compressed pages, read by other implementations",
  .enabled(if: IndependentReaders.areAvailable, IndependentReaders.missing)
)
struct WritingCodecTests {
  /// Rows of values that compress, with some that do not.
  ///
  /// Timestamps are what duckdb is not asked for: it does not read the deprecated LZ4.
  private static func table(_ logicalType: LogicalType?, rows: Int) -> TestTable {
    var random = TestRandom(seed: 99)
    let node = SchemaNode("a", .int64, repetition: .optional, logicalType: logicalType)
    return TestTable(
      TestField(
        node: node,
        rows: (0..<rows).map { row in
          if row % 11 == 0 { return .null }
          return .int64(row % 3 == 0 ? Int64(row / 50) : Int64.random(in: 0...1 << 50, using: &random))
        }
      )
    )
  }

  private static func properties(
    _ codec: CompressionCodec,
    _ level: Int?,
    _ version: WriterProperties.PageVersion
  ) -> WriterProperties {
    var properties = WriterProperties(codec, version)
    properties.defaults.level = level
    properties.pageRows = 700
    return properties
  }

  @Test("Every codec is read back at the ends of its levels", arguments: WritingRoundTripTests.versions)
  func levels(version: WriterProperties.PageVersion) async throws {
    let ways = CompressionTests.ways.filter { $0.codec != .lz4 }
    let table = Self.table(nil, rows: 3000)
    let reports = try await IndependentReaders.check(
      ways.map { (table, Self.properties($0.codec, $0.level, version)) }
    )
    for (way, report) in zip(ways, reports) {
      #expect(report.column("a", of: "duckdb") != nil, "duckdb was not asked")
      #expect(report.chunks(0).count == 1)
      #expect(report.pages(0).count == 5, "\(way)")
    }
  }

  @Test("The deprecated LZ4 is read back by pyarrow", arguments: WritingRoundTripTests.versions)
  func legacyLZ4(version: WriterProperties.PageVersion) async throws {
    let table = Self.table(.timestamp(isAdjustedToUTC: true, unit: .nanoseconds), rows: 3000)
    try await IndependentReaders.check(table, Self.properties(.lz4, nil, version))
  }

  @Test("What is written compressed is read back by this library", arguments: CompressionTests.ways)
  func ownReader(codec: CompressionCodec, level: Int?) async throws {
    let table = Self.table(nil, rows: 3000)
    for version in WritingRoundTripTests.versions {
      let file = try await table.write(Self.properties(codec, level, version)).bytes
      let read = try await readTable(MemorySource(Bytes(file))) { 500 }
      for (found, expected) in zip(read.rows, table.fields[0].rows) {
        let number = expected.bytes.reversed().reduce(Int128(0)) { $0 << 8 | Int128($1) }
        #expect(found == [expected.isNull ? .null : .whole(number)])
      }
      #expect(read.rows.count == 3000)
    }
  }
}

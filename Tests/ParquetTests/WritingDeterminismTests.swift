import Testing

@testable import Parquet

@Suite("Bytes depend on rows and properties alone")
struct WritingDeterminismTests {
  /// Fixed, so that a failure comes back; the failing one is printed.
  @Test("Rows cut into random batches, with other bytes under the nulls, give the same file", arguments: 0..<12)
  func randomCuts(seed: Int) async throws {
    var random = TestRandom(seed: UInt64(seed) &* 7919 &+ 1)
    let rows = Int.random(in: 60...250, using: &random)
    let (table, properties) = TestData.any(seed: seed, rows: rows, &random)

    let whole = try await table.write(properties)
    for attempt in 0..<4 {
      var cuts = (0..<Int.random(in: 1...12, using: &random)).map { _ in Int.random(in: 0...rows, using: &random) }
      if attempt == 0 { cuts = Array(0..<rows) }
      cuts.sort()
      let noise = UInt8.random(in: 1...255, using: &random)
      let pieces = try await table.write(properties, cuts: cuts, noise: noise)
      let same = pieces.bytes == whole.bytes
      #expect(same, "seed \(seed), attempt \(attempt), noise \(noise), cuts \(cuts)")
      #expect(pieces.file == whole.file)
    }
  }

  @Test("A writer that reuses another's buffers and contexts writes the same bytes")
  func reusedMemory() async throws {
    let table = TestData.everything(rows: 3000, seed: 5)
    let first = try await table.write(WriterProperties(.zstd, dictionary: true)).bytes
    for codec in [CompressionCodec.zstd, .snappy, .zstd] {
      let again = try await table.write(WriterProperties(codec, dictionary: true)).bytes
      if codec == .zstd { #expect(again == first) }
    }
  }
}

@Suite("Values that stay in their columns until they are written")
struct WritingBorrowedTests {
  private static let rowCount = 12_000

  /// Wide enough that thousands of rows are not worth copying.
  private static let table = TestTable(
    TestField(node: SchemaNode("id", .int64), rows: (0..<rowCount).map { .int64(Int64($0 * 7919)) }),
    TestField(
      node: SchemaNode("some", .double, repetition: .optional),
      // Without nulls at first, so that only some of the values can stay.
      rows: (0..<rowCount).map { $0 > 5000 && $0 % 9 == 0 ? .null : .double(Double($0) / 3) }
    ),
    TestField(
      node: SchemaNode("vector", .fixedLengthByteArray, length: 20),
      rows: (0..<rowCount).map { row in .value((0..<20).map { UInt8(truncatingIfNeeded: row &* ($0 + 3)) }) }
    )
  )

  @Test(
    "However rows are cut, and so values stay or are copied, the file is the same",
    arguments: [CompressionCodec.uncompressed, .snappy],
    [WriterProperties.PageVersion.v1, .v2]
  )
  func cuts(codec: CompressionCodec, version: WriterProperties.PageVersion) async throws {
    for (pageRows, groupRows) in [(20_000, 1 << 20), (3500, 1 << 20), (5000, 7001)] {
      var properties = WriterProperties(codec, dictionary: false, version)
      properties.pageRows = pageRows
      properties.rowGroupRows = groupRows
      // Batches of 50 rows are always copied.
      let copied = try await Self.table.write(properties, cuts: Array(stride(from: 50, to: Self.rowCount, by: 50)))
      for cuts in [[], [4000, 8000], [4000, 4010, 9000], [10, 20, 6000, 11_990], [7001]] {
        let same = try await Self.table.write(properties, cuts: cuts, noise: UInt8(cuts.count)).bytes == copied.bytes
        #expect(same, "pages of \(pageRows), row groups of \(groupRows), cuts \(cuts)")
      }
    }
  }
}

@Suite("Where row groups end")
struct WritingRowGroupTests {
  @Test("A row group ends after a number of rows")
  func byRows() async throws {
    var properties = WriterProperties(.uncompressed)
    properties.rowGroupRows = 10
    let rows = (0..<35).map { Datum.int64($0) }
    let table = TestTable(TestField(node: SchemaNode("a", .int64), rows: rows))
    #expect(try await table.write(properties).file.rowGroupRows == [10, 10, 10, 5])
    let even = TestTable(TestField(node: SchemaNode("a", .int64), rows: Array(rows[..<20])))
    #expect(try await even.write(properties).file.rowGroupRows == [10, 10])
  }

  @Test("A row group ends soon after its bytes reach the limit, whatever the size of a row", arguments: [8, 100, 5000])
  func byBytes(width: Int) async throws {
    var properties = WriterProperties(.uncompressed)
    properties.rowGroupBytes = 500_000
    properties.pageBytes = 20_000
    let value = Datum.value([UInt8](repeating: 1, count: width))
    let rows = [Datum](repeating: value, count: 2_000_000 / width)
    let table = TestTable(TestField(node: SchemaNode("a", .fixedLengthByteArray, length: width), rows: rows))
    let groups = try await table.write(properties).file.rowGroupRows
    #expect((3...5).contains(groups.count))
    for group in groups.dropLast() {
      #expect((490_000...(502_000 + 16 * width)).contains(Int(group) * width), "\(groups)")
    }
  }

  @Test("The bytes are looked at after rows that follow from the rows before")
  func looks() {
    var cut = RowGroupCut(rowLimit: 1_000_000, byteLimit: 100_000)
    var looks: [Int] = []
    while true {
      cut.add(rows: cut.rowsToGo)
      looks.append(cut.rows)
      guard cut.goesOn(bytes: cut.rows * 100) else { break }
    }
    // Half of what is left each time, then 16 by 16.
    #expect(looks == [16, 508, 754, 877, 938, 969, 985, 1001])
  }
}

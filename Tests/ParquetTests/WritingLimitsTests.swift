import ByteBuffers
import Foundation
import Testing

@testable import Parquet

@Suite("Where pages and row groups end, what they take in memory, and what filters hold")
struct WritingLimitsTests {
  @Test("A row group ends at its bytes even where rows grow from one group to the next")
  func growingRows() {
    var cut = RowGroupCut(rowLimit: .max, byteLimit: 1_000_000)
    for width in [10, 10_000, 10, 200_000] {
      var bytes = 0
      repeat {
        let rows = cut.rowsToGo
        cut.add(rows: rows)
        bytes += rows * width
      } while cut.goesOn(bytes: bytes)
      // Looks are at least 16 rows apart.
      #expect(bytes >= 1_000_000 && bytes <= 1_000_000 + 16 * width, "rows of \(width) bytes")
      cut.startGroup()
    }
  }

  @Test("Rows that are appended in one step take an eighth of what leaves may hold")
  func steps() {
    // Three quarters of 8 MiB are 6,291,456 bytes, of which an eighth are 786,432.
    let plan = MemoryPlan(budget: 8 << 20)
    #expect(plan.step(rows: 0, bytes: 0) == 1)
    #expect(plan.step(rows: 100, bytes: 100_000) == 786)
    #expect(plan.step(rows: 1, bytes: 10_000_000) == 1)
    #expect(plan.step(rows: 1000, bytes: 1) == 786_432)
  }

  private func pageRows(_ node: SchemaNode, _ column: Column, pageBytes: Int) async throws -> [Int64] {
    var properties = WriterProperties(.uncompressed)
    properties.pageBytes = pageBytes
    let sink = MemorySink()
    let writer = try NativeParquetWriter(sink: sink, schema: ParquetSchema([node]), properties: properties)
    try await writer.write(ColumnBatch(rowCount: column.count, columns: [column]))
    _ = try await writer.close()
    let places = try #require(try await WrittenIndexes(await sink.contents.array).offsets(0)).pages.map(\.firstRow)
    return zip(places, places.dropFirst() + [Int64(column.count)]).map { $1 - $0 }
  }

  @Test("Booleans fill a page with eight rows a byte, and empty lists of lists one row a byte")
  func pageRows() async throws {
    let flags = TestTable.column((0..<200).map { .value([UInt8($0 % 2)]) }, SchemaNode("a", .boolean))
    #expect(try await pageRows(SchemaNode("a", .boolean), flags, pageBytes: 10) == [80, 80, 40])
    let numbers = TestTable.column((0..<20).map { .int64(Int64($0)) }, SchemaNode("a", .int64))
    #expect(try await pageRows(SchemaNode("a", .int64), numbers, pageBytes: 50) == [6, 6, 6, 2])
    let node = SchemaNode.list("a", of: .list("element", of: SchemaNode("element", .int32)))
    var data = NestedData(seed: 1)
    let shape = ParquetSchema([node]).shapes[0]
    let empty = data.column([NestedDatum](repeating: .list([]), count: 700), shape)
    #expect(try await pageRows(node, empty, pageBytes: 300) == [300, 300, 100])
  }

  // MARK: - Memory

  private func vectors(_ count: Int) -> [Datum] {
    var random = TestRandom(seed: 4)
    return (0..<count).map { _ in .value((0..<400).map { _ in UInt8.random(in: 0...255, using: &random) }) }
  }

  @Test("A leaf counts the largest page that its buffers have grown to, its dictionary and its filter")
  func workingBytes() async throws {
    let table = TestTable(
      TestField(node: SchemaNode("vector", .fixedLengthByteArray, length: 400), rows: vectors(130))
    )
    var properties = WriterProperties(.uncompressed)
    properties.pageBytes = 50_000
    properties.defaults.writesBloomFilter = BloomFilterProperties(distinctValues: 500)
    let writer = try NativeParquetWriter(sink: MemorySink(), schema: table.schema, properties: properties)
    try await writer.write(table.batch(0..<130))
    // One page of 125 rows is complete; its buffer may be twice as large. 500 values at 1% take 1024 bytes: the formula
    // says 4841 bits, which are 606 bytes.
    #expect(writer.open.leaves[0].workingBytes == 2 * 125 * 400 + 1024)
    properties.defaults = WriterProperties.ColumnProperties(codec: .uncompressed, usesDictionary: true)
    let coded = try NativeParquetWriter(sink: MemorySink(), schema: table.schema, properties: properties)
    try await coded.write(table.batch(0..<100))
    // The values are in the dictionary until the page ends.
    #expect(coded.open.leaves[0].workingBytes >= 2 * 100 * 400 + 100 * 400)
  }

  private func write(
    _ table: TestTable,
    _ properties: WriterProperties,
    _ scratch: (any ScratchSpace)? = nil
  ) async throws -> [UInt8] {
    let sink = MemorySink()
    let writer = try NativeParquetWriter(sink: sink, schema: table.schema, properties: properties, scratch: scratch)
    for start in stride(from: 0, to: table.rowCount, by: 500) {
      try await writer.write(table.batch(start..<min(start + 500, table.rowCount)))
    }
    _ = try await writer.close()
    return await sink.contents.array
  }

  @Test("A first leaf that gives its dictionary up, or has pages of nulls first, is put together right")
  func firstLeaf() async throws {
    let rows = 12_000
    // Few texts, which make a dictionary, then ones that are all different; nulls, then numbers that are.
    let texts = (0..<rows).map { row -> Datum in
      .text(String(repeating: "text \(row < 4000 ? row % 10 : row) ", count: 20))
    }
    let numbers = (0..<rows).map { row -> Datum in row < 8000 ? .null : .int64(Int64(row)) }
    let fields = [
      TestField(node: SchemaNode("text", .byteArray, logicalType: .string), rows: texts),
      TestField(node: SchemaNode("number", .int64, repetition: .optional), rows: numbers),
      TestField(node: SchemaNode("vector", .fixedLengthByteArray, length: 400), rows: vectors(rows)),
    ]
    var properties = WriterProperties(.uncompressed, dictionary: true)
    properties.pageBytes = 20_000
    properties.pageRows = 500
    properties.dictionaryBytes = 20_000
    for table in [TestTable(fields), TestTable([fields[1], fields[2]])] {
      properties.memoryBudget = nil
      let free = try await write(table, properties)
      properties.memoryBudget = 2 << 20
      let folder = FileManager.default.temporaryDirectory.path
      #expect(try await write(table, properties, try TemporaryFileScratch(folder: folder)) == free)
      let alone = try await write(table, properties)
      #expect(try await VerificationTests.verify(alone).findings.isEmpty)
      let source = MemorySource(Bytes(alone))
      let names = table.fields.map(\.node.name)
      let read = try await readTable(source) { 5000 }
      #expect(read.columns == names && read.rows.count == rows)
      let whole = try await readTable(MemorySource(Bytes(free))) { 5000 }
      #expect(read.difference(from: whole) == nil)
    }
  }

  // MARK: - Filters

  @Test("A filter holds the values of dictionary pages and of those behind them, and no others", arguments: [0, 1, 2])
  func filters(kind: Int) async throws {
    // Values that keep their dictionary, that outgrow it, and that never have one.
    let distinct = [30, 300, 100_000][kind]
    let rows = (0..<2000).map { row -> Datum in
      row % 7 == 3 ? .null : .text("value \(row < 500 ? row % 20 : (row * 7919) % distinct)")
    }
    let lists = (0..<2000).map { row -> Datum in .list((0..<row % 3).map { .int32(Int32((row + $0) % distinct)) }) }
    let table = TestTable(
      TestField(node: SchemaNode("text", .byteArray, repetition: .optional, logicalType: .string), rows: rows),
      TestField(node: .list("list", of: SchemaNode("element", .int32)), rows: lists)
    )
    var properties = WriterProperties(.uncompressed, dictionary: kind < 2)
    properties.pageRows = 250
    properties.dictionaryBytes = 1000
    properties.rowGroupRows = 1000
    properties.defaults.writesBloomFilter = BloomFilterProperties(distinctValues: 500)
    let file = try await WrittenIndexes(try await table.write(properties).bytes)
    for group in 0..<2 {
      for (leaf, field) in table.fields.enumerated() {
        let found = try #require(try file.filter(leaf, group: group))
        var expected = BloomFilter(byteCount: found.byteCount)
        for row in field.rows[group * 1000..<(group + 1) * 1000] where !row.isNull {
          for value in leaf == 0 ? [row] : row.elements { expected.insert(hash: BloomFilter.hash(Bytes(value.bytes))) }
        }
        #expect(found == expected, "\(field.node.name), row group \(group)")
      }
    }
    let encodings = Set(file.chunk(0).encodings)
    #expect(encodings.contains(.rleDictionary) == (kind < 2))
    let data = try await file.pages(0).filter { $0.kind != .dictionary }
    #expect(Set(data.map(\.encoding)).count == (kind == 1 ? 2 : 1))
  }
}

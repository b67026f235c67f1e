import ByteBuffers
import Foundation
import Testing

@testable import Parquet

/// A scratch space that keeps count.
private final class CountingScratch: ScratchSpace, @unchecked Sendable {
  // Sendable: one writer uses it, one call after the other.
  private(set) var bytes: [UInt8] = []
  private(set) var most = 0
  private(set) var longestRead = 0

  func append(_ added: Bytes) async throws -> Range<Int> {
    let start = bytes.count
    bytes += added.array
    most = max(most, bytes.count)
    return start..<bytes.count
  }

  func read(_ range: Range<Int>) async throws -> Bytes {
    longestRead = max(longestRead, range.count)
    return Bytes(Array(bytes[range]))
  }

  func removeAll() async throws { bytes = [] }
}

@Suite("Writing within a budget of memory")
struct WritingMemoryTests {
  /// Random bytes, which do not compress, beside numbers, text and lists.
  private func table(rows: Int, first: String = "vector") -> TestTable {
    var random = TestRandom(seed: 11)
    let vectors = (0..<rows).map { _ in Datum.value((0..<400).map { _ in UInt8.random(in: 0...255, using: &random) }) }
    let numbers = (0..<rows).map { Datum.int64(Int64($0)) }
    let texts = (0..<rows).map { $0 % 5 == 0 ? Datum.null : .text("text \($0 % 300)") }
    let lists = (0..<rows).map { row in Datum.list((0..<row % 4).map { .int32(Int32($0)) }) }
    let fields = [
      TestField(node: SchemaNode("vector", .fixedLengthByteArray, length: 400), rows: vectors),
      TestField(node: SchemaNode("number", .int64), rows: numbers),
      TestField(node: SchemaNode("text", .byteArray, repetition: .optional, logicalType: .string), rows: texts),
      TestField(node: .list("list", of: SchemaNode("element", .int32)), rows: lists),
    ]
    return TestTable(fields.sorted { $0.node.name == first && $1.node.name != first })
  }

  private func write(
    _ table: TestTable,
    _ properties: WriterProperties,
    _ scratch: (any ScratchSpace)? = nil,
    batch: Int = 1000
  ) async throws -> (bytes: [UInt8], file: WrittenFile, held: Int) {
    let sink = MemorySink()
    let writer = try NativeParquetWriter(
      sink: sink,
      schema: table.schema,
      properties: properties,
      scratch: scratch
    )
    var held = 0
    for start in stride(from: 0, to: table.rowCount, by: batch) {
      try await writer.write(table.batch(start..<min(start + batch, table.rowCount)))
      held = max(held, writer.open.leaves.reduce(0) { $0 + $1.pages.count + $1.workingBytes })
    }
    let file = try await writer.close()
    return (await sink.contents.array, file, held)
  }

  private func properties(dictionary: Bool = false) -> WriterProperties {
    var properties = WriterProperties(.zstd, dictionary: dictionary)
    properties.pageBytes = 50_000
    properties.dictionaryBytes = 20_000
    return properties
  }

  @Test("Without a scratch space row groups end early, wherever the batches end", arguments: ["number", "vector"])
  func endsEarly(first: String) async throws {
    let table = table(rows: 12_000, first: first)
    var properties = properties(dictionary: true)
    #expect(try await write(table, properties).file.rowGroupRows == [12_000])
    properties.memoryBudget = 2 << 20
    let bounded = try await write(table, properties)
    #expect(bounded.held < 2 << 20)
    // The vectors are 4.8 MB in all; as the first leaf they pass through.
    #expect(first == "vector" ? bounded.file.rowGroupRows == [12_000] : bounded.file.rowGroupRows.count > 3)
    for batch in [1, 777, 12_000] {
      #expect(try await write(table, properties, batch: batch).bytes == bounded.bytes)
    }
  }

  @Test(
    "With a scratch space the file is the same as without a budget",
    arguments: [false, true],
    ["number", "vector"]
  )
  func spills(dictionary: Bool, first: String) async throws {
    let table = table(rows: 12_000, first: first)
    var properties = properties(dictionary: dictionary)
    properties.rowGroupRows = 7000
    properties.defaults.writesBloomFilter = BloomFilterProperties(distinctValues: 500)
    let free = try await write(table, properties)
    properties.memoryBudget = 2 << 20
    let scratch = CountingScratch()
    let bounded = try await write(table, properties, scratch)
    #expect(bounded.bytes == free.bytes)
    #expect(bounded.held < 2 << 20)
    #expect(scratch.bytes.isEmpty && scratch.longestRead <= 1 << 20)
    if first == "number" { #expect(scratch.most > 1 << 20) }
    let folder = FileManager.default.temporaryDirectory.path
    #expect(try await write(table, properties, try TemporaryFileScratch(folder: folder)).bytes == free.bytes)
  }

  @Test("Pages of a single leaf reach the sink before their row group is complete", arguments: [nil, 2 << 20])
  func streams(budget: Int?) async throws {
    let all = table(rows: 12_000)
    let table = TestTable(all.fields[0])
    var properties = properties()
    let free = try await write(table, properties).bytes
    properties.memoryBudget = budget
    let sink = MemorySink()
    let writer = try NativeParquetWriter(sink: sink, schema: table.schema, properties: properties)
    try await writer.write(table.batch(0..<8000))
    #expect(await sink.contents.count > 1 << 20)
    try await writer.write(table.batch(8000..<12_000))
    let file = try await writer.close()
    #expect(file.rowGroupRows == [12_000])
    #expect(await sink.contents.array == free)
  }

  @Test("A scratch space that fails makes the file fail")
  func failingScratch() async throws {
    struct Full: Error {}
    struct FullScratch: ScratchSpace {
      func append(_ bytes: Bytes) async throws -> Range<Int> { throw Full() }
      func read(_ range: Range<Int>) async throws -> Bytes { throw Full() }
      func removeAll() async throws {}
    }
    var properties = properties()
    properties.memoryBudget = 2 << 20
    let table = table(rows: 12_000, first: "number")
    let error = try #require(
      await #expect(throws: ParquetError.self) { _ = try await write(table, properties, FullScratch()) }
    )
    #expect(error.code == .storage && error.underlying is Full)
  }
}

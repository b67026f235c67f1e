import ByteBuffers
import Synchronization
import Testing

@testable import Parquet

@Suite("Columns and row groups that are encoded at the same time")
struct WritingThreadsTests {
  /// Fixed, so that a failure comes back; the failing one is printed.
  @Test("A file is the same with any number of threads", arguments: 0..<9)
  func anyNumber(seed: Int) async throws {
    var random = TestRandom(seed: UInt64(seed) &* 104_729 &+ 3)
    let rows = Int.random(in: 100...300, using: &random)
    let (table, drawn) = TestData.any(seed: seed, rows: rows, &random)
    var properties = drawn
    // Ended by their rows, by their bytes, and by either.
    properties.rowGroupRows = [20, 100_000, 50][seed / 3]
    properties.rowGroupBytes = [1 << 30, 20_000, 60_000][seed / 3]

    let one = try await table.write(properties)
    #expect(one.file.rowGroupRows.count > 2)
    for threads in [2, 3, 8] {
      properties.threads = threads
      let cuts = (0..<5).map { _ in Int.random(in: 0...rows, using: &random) }.sorted()
      let same = try await table.write(properties, cuts: cuts, noise: UInt8(threads))
      let isEqual = same.bytes == one.bytes
      #expect(isEqual, "seed \(seed), \(threads) threads, cuts \(cuts)")
      #expect(same.file == one.file)
    }
  }

  private static let numbers = TestTable(
    TestField(node: SchemaNode("a", .int64), rows: (0..<5000).map { .int64(Int64($0)) })
  )

  @Test("As many row groups wait to be written as there are threads, and no more")
  func waiting() async throws {
    for threads in 1...4 {
      var properties = WriterProperties()
      properties.rowGroupRows = 100
      properties.threads = threads
      let writer = try NativeParquetWriter(sink: MemorySink(), schema: Self.numbers.schema, properties: properties)
      var most = 0
      for row in stride(from: 0, to: 5000, by: 50) {
        try await writer.write(Self.numbers.batch(row..<row + 50))
        most = max(most, writer.closing.count)
      }
      #expect(most == (threads == 1 ? 0 : threads))
      #expect(try await writer.close().rowGroupRows == [Int64](repeating: 100, count: 50))
    }
  }

  @Test("Of batches of single rows no more wait than are worth it")
  func singleRows() async throws {
    var properties = WriterProperties()
    let whole = try await Self.numbers.write(properties).bytes
    properties.threads = 2
    let sink = MemorySink()
    let writer = try NativeParquetWriter(sink: sink, schema: Self.numbers.schema, properties: properties)
    for row in 0..<5000 {
      try await writer.write(Self.numbers.batch(row..<row + 1))
      #expect(!writer.open.isCrowded)
    }
    _ = try await writer.close()
    let isSame = await sink.contents.array == whole
    #expect(isSame)
  }

  @Test("Without threads to wait for, a writer keeps no rows of the batches that it was given")
  func nothingKept() async throws {
    let writer = try NativeParquetWriter(sink: MemorySink(), schema: Self.numbers.schema, properties: .init())
    try await writer.write(Self.numbers.batch(0..<5000))
    #expect(!writer.open.hasRows)
  }

  @Test("A sink that fails while row groups wait ends the file, and says which row group it was")
  func failingSink() async throws {
    struct Full: Error {}
    /// Takes some runs and no more.
    final class SmallSink: ByteSink {
      private let left = Mutex(3)

      func write(_ bytes: Bytes) async throws {
        let isFull = left.withLock { left in
          left -= 1
          return left < 0
        }
        if isFull { throw Full() }
      }
    }
    var properties = WriterProperties()
    properties.rowGroupRows = 100
    properties.threads = 3
    let writer = try NativeParquetWriter(sink: SmallSink(), schema: Self.numbers.schema, properties: properties)
    do {
      try await writer.write(Self.numbers.batch(0..<5000))
      Issue.record("the file was written")
    } catch {
      #expect(error.code == .storage)
      #expect(error.underlying is Full)
      // PAR1, and then a run for each row group: the sink takes those of two.
      #expect(error.rowGroup == 2)
    }
    do {
      _ = try await writer.close()
      Issue.record("closing succeeded")
    } catch {
      #expect(error.code == .invalidArgument)
    }
  }

  @Test("A writer has one thread at least")
  func noThreads() throws {
    var properties = WriterProperties()
    properties.threads = 0
    #expect(throws: ParquetError.self) {
      _ = try NativeParquetWriter(sink: MemorySink(), schema: Self.numbers.schema, properties: properties)
    }
  }
}

@Suite("The most that rows can take in the file")
struct SizeEstimateTests {
  private func load(_ table: TestTable, leaf: Int, _ rows: Range<Int>, noise: UInt8) throws -> SizeEstimate.Load {
    let plan = try WriterPlanner.plan(table.schema, WriterProperties())[leaf]
    let batch = table.batch(0..<table.rowCount, noise: noise)
    return SizeEstimate.load(of: batch.columns[0], rows, plan)
  }

  @Test("Rows weigh what their values do in PLAIN encoding, whatever lies under nulls", arguments: [UInt8(0), 3, 7])
  func loads(noise: UInt8) throws {
    let text = SchemaNode("a", .byteArray, repetition: .optional)
    let texts = TestTable(TestField(node: text, rows: [.text("abc"), .null, .text(""), .text("defgh")]))
    // Lengths of four bytes, also of the null: 7, 4, 4 and 9.
    #expect(try load(texts, leaf: 0, 0..<4, noise: noise) == .init(rows: 4, entries: 4, weight: 24))
    #expect(try load(texts, leaf: 0, 1..<3, noise: noise) == .init(rows: 2, entries: 2, weight: 8))

    let element = SchemaNode("element", .int32, repetition: .optional)
    let list = SchemaNode.list("a", of: element, repetition: .optional)
    let lists = TestTable(
      TestField(node: list, rows: [.list([.int32(1), .null]), .null, .list([]), .list([.int32(2)]), .null])
    )
    // An entry for each list and one for each element, of four bytes.
    #expect(try load(lists, leaf: 0, 0..<5, noise: noise) == .init(rows: 5, entries: 8, weight: 12))
    #expect(try load(lists, leaf: 0, 1..<4, noise: noise) == .init(rows: 3, entries: 4, weight: 4))
  }

  /// Checks that the rows of a table, before and after their last pages end, take no more than was estimated.
  private func check(_ table: TestTable, _ properties: WriterProperties, _ comment: String) async throws {
    let batch = table.batch(0..<table.rowCount)
    var estimate = SizeEstimate(try WriterPlanner.plan(table.schema, properties))
    let fields = table.schema.leafRanges.enumerated().flatMap { field, leaves in leaves.map { _ in field } }
    for (leaf, field) in fields.enumerated() { estimate.add(batch.columns[field], 0..<table.rowCount, leaf: leaf) }
    let writer = try NativeParquetWriter(sink: MemorySink(), schema: table.schema, properties: properties)
    try await writer.write(batch)
    let taken = writer.open.leaves.reduce(0) { $0 + $1.byteCount }
    #expect(taken <= estimate.bytes, "\(comment)")
    let written = try await writer.open.finish(nil).reduce(0) { $0 + Int($1.metadata.compressedSize) }
    #expect(written <= estimate.bytes, "\(comment)")
  }

  @Test("A row group of many kinds never takes more than the estimate", arguments: 0..<6)
  func bound(seed: Int) async throws {
    var random = TestRandom(seed: UInt64(seed) &+ 77)
    let table = TestData.everything(rows: 200, nulls: seed % 4, distinct: [5, 100_000][seed % 2], seed: UInt64(seed))
    for codec in Compressor.codecs {
      var properties = WriterProperties(codec, dictionary: seed % 2 == 0, seed % 3 == 0 ? .v1 : .v2)
      properties.pageRows = Int.random(in: 1...300, using: &random)
      properties.pageBytes = Int.random(in: 1...4000, using: &random)
      properties.dictionaryBytes = Int.random(in: 0...5000, using: &random)
      try await check(table, properties, "seed \(seed), \(codec)")
    }
  }

  @Test("Values that nothing makes smaller take no more than the estimate", arguments: Compressor.codecs)
  func incompressible(codec: CompressionCodec) async throws {
    var random = TestRandom(seed: 5)
    func bytes(_ count: Int) -> Datum { .value((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }) }
    let texts = TestTable(TestField(node: SchemaNode("a", .byteArray), rows: (0..<3000).map { _ in bytes(100) }))
    let vectors = SchemaNode("a", .fixedLengthByteArray, length: 100)
    let fixed = TestTable(TestField(node: vectors, rows: (0..<3000).map { _ in bytes(100) }))
    for table in [texts, fixed] { try await check(table, WriterProperties(codec), "\(codec)") }
  }
}

import ByteBuffers
import Parquet
import Testing

/// What a reader takes from a file is limited, and what is over a limit is named.
struct LimitTests {
  /// 4,000 rows: a number, one of ten texts of 10,000 bytes in a dictionary, and a list of three of them.
  private func makeFile(sizeStatistics: Bool) async throws -> MemorySource {
    let text = SchemaNode("text", .byteArray, repetition: .optional, logicalType: .string)
    let list = SchemaNode.list("list", of: SchemaNode("element", .byteArray, logicalType: .string))
    let table = TestTable(
      TestField(node: SchemaNode("number", .int64), rows: (0..<4000).map { .int64($0) }),
      TestField(node: text, rows: (0..<4000).map { $0 % 7 == 0 ? .null : LimitTests.text($0) }),
      TestField(node: list, rows: (0..<4000).map { row in .list((0..<row % 3).map { LimitTests.text(row + $0) }) })
    )
    var properties = WriterProperties(.snappy, dictionary: true)
    properties.rowGroupRows = 1500
    properties.writesSizeStatistics = sizeStatistics
    let sink = MemorySink()
    let writer = try NativeParquetWriter(sink: sink, schema: table.schema, properties: properties)
    try await writer.write(table.batch(0..<4000))
    _ = try await writer.close()
    return MemorySource(await sink.contents)
  }

  private static func text(_ row: Int) -> Datum {
    .value([UInt8](repeating: UInt8(ascii: "a") + UInt8(row % 10), count: 10_000))
  }

  /// Checks all rows of some file, batch by batch; returns how many batches there were.
  private func check(_ batches: any ColumnBatchReader, first: Int, most: Int) async throws -> Int {
    var row = first
    var count = 0
    while let batch = try await batches.next(limit: 1_000_000) {
      count += 1
      #expect(batch.columns.reduce(0) { $0 + $1.byteCount } <= most)
      for index in 0..<batch.rowCount {
        #expect(batch.columns[0].bytes(at: index).array == Datum.int64(Int64(row)).bytes)
        let text = row % 7 == 0 ? [] : LimitTests.text(row).bytes
        #expect(batch.columns[1].isValid(index) == (row % 7 != 0))
        #expect(batch.columns[1].bytes(at: index).array == text)
        let elements = try #require(batch.columns[2].elements)
        let range = batch.columns[2].elementRange(at: index)
        #expect(range.count == row % 3)
        for (offset, element) in range.enumerated() {
          #expect(elements.bytes(at: element).array == LimitTests.text(row + offset).bytes)
        }
        row += 1
      }
    }
    #expect(row == 4000)
    return count
  }

  @Test(arguments: [true, false])
  func `batches of long texts in dictionaries fit into the memory that is allowed`(sizeStatistics: Bool) async throws {
    let source = try await makeFile(sizeStatistics: sizeStatistics)
    var options = ReaderOptions()
    options.limits.memoryBytes = 16 << 20
    let reader = try await NativeParquetCodec(readerOptions: options).openReader(source)
    let most = 3 << 20
    #expect(try await check(try reader.rows(RowSelection()), first: 0, most: most) > 30)
    let (number, text) = (RowPredicate.column("number"), RowPredicate.column("text"))
    let predicate = number >= 100 && (text >= "" || text.isNull)
    #expect(try await check(try reader.rows(RowSelection(predicate: predicate)), first: 100, most: most) > 30)
  }

  @Test func `a column that is over its limit in one batch is read in several`() async throws {
    let source = try await makeFile(sizeStatistics: false)
    var options = ReaderOptions()
    options.limits.batchBytes = 1 << 20
    let reader = try await NativeParquetCodec(readerOptions: options).openReader(source)
    #expect(try await check(try reader.rows(RowSelection()), first: 0, most: 3 << 20) > 30)
  }

  /// Limits that the file is over, each by its name.
  private static let tooLow: [String: any WritableKeyPath<ReaderLimits, Int> & Sendable] = [
    "footerBytes": \.footerBytes, "columns": \.columns, "schemaElements": \.schemaElements,
    "schemaDepth": \.schemaDepth, "pageBytes": \.pageBytes, "dictionaryBytes": \.dictionaryBytes,
    "valueBytes": \.valueBytes, "batchBytes": \.batchBytes, "memoryBytes": \.memoryBytes,
  ]

  @Test(arguments: [
    ("footerBytes", 100), ("columns", 2), ("schemaElements", 3), ("schemaDepth", 2), ("pageBytes", 5000),
    ("dictionaryBytes", 99_999), ("valueBytes", 9999), ("batchBytes", 9999), ("memoryBytes", 200_000),
  ])
  func `what is over a limit is refused by the name of the limit`(name: String, value: Int) async throws {
    var options = ReaderOptions()
    options.limits[keyPath: try #require(LimitTests.tooLow[name])] = value
    let source = try await makeFile(sizeStatistics: true)
    let error = await readingError(source, options)
    #expect(error?.code == .limitExceeded)
    #expect(error?.message.contains("limit \(name) ") == true, "\(error?.message ?? "no error")")
  }

  private func readingError(_ source: MemorySource, _ options: ReaderOptions) async -> ParquetError? {
    do throws(ParquetError) {
      let reader = try await NativeParquetCodec(readerOptions: options).openReader(source)
      let rows = try reader.rows(RowSelection())
      while try await rows.next(limit: 100) != nil {}
      return nil
    } catch {
      return error
    }
  }
}

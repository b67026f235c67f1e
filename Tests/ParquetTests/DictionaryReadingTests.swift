import ByteBuffers
import Parquet
import Testing

/// Dictionaries are delivered as such where they are asked for.
struct DictionaryReadingTests {
  @Test func `a field whose dictionary is asked for comes as indices, and another as values`() async throws {
    let words = ["pear", "fig", "pear", "fig", "fig", "pear"]
    let rows: [Datum] = words.map { .text($0) } + [.null]
    let table = TestTable(
      TestField(node: SchemaNode("asked", .byteArray, repetition: .optional, logicalType: .string), rows: rows),
      TestField(node: SchemaNode("other", .byteArray, repetition: .optional, logicalType: .string), rows: rows)
    )
    let source = MemorySource(Bytes(try await table.write(WriterProperties(.snappy, dictionary: true)).bytes))
    let reader = try await NativeParquetCodec().openReader(source)
    var selection = RowSelection()
    selection.dictionaryFields = [0]
    let batch = try #require(try await reader.rows(selection).next(limit: 100))
    #expect(batch.columns.map(\.isDictionary) == [true, false])
    guard case .dictionary(let indices, let values) = batch.columns[0].storage else { return }
    #expect(values.count == 2)
    #expect(indices.count == 4 * rows.count)
    for column in batch.columns {
      #expect((0..<6).map { column.bytes(at: $0).array } == words.map { Array($0.utf8) })
      #expect(!column.isValid(6))
    }
  }

  @Test func `a dictionary that is larger than a batch may be does not make batches small`() async throws {
    // Ten texts of 10,000 bytes; a batch is planned to take 50,000.
    let words = (0..<10).map { [UInt8](repeating: UInt8(ascii: "a") + UInt8($0), count: 10_000) }
    let rows = (0..<4000).map { Datum.value(words[$0 % 10]) }
    let table = TestTable(TestField(node: SchemaNode("text", .byteArray, logicalType: .string), rows: rows))
    let source = MemorySource(Bytes(try await table.write(WriterProperties(.snappy, dictionary: true)).bytes))
    var options = ReaderOptions()
    options.limits.memoryBytes = 400_000
    let reader = try await NativeParquetCodec(readerOptions: options).openReader(source)
    var selection = RowSelection()
    selection.dictionaryFields = [0]
    let batches = try reader.rows(selection)
    var counts: [Int] = []
    var row = 0
    while let batch = try await batches.next(limit: 4000) {
      counts.append(batch.rowCount)
      #expect(batch.columns[0].bytes(at: 0).array == words[row % 10])
      row += batch.rowCount
    }
    #expect(row == 4000)
    #expect(counts.count < 20, "\(counts)")
  }
}

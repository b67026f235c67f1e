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
}

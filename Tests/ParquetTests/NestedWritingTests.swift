import ByteBuffers
import Foundation
import Testing

@testable import Parquet

@Suite struct NestedWritingTests {
  /// Writes rows of one field, cut into batches, and returns the file.
  private func write(
    _ node: SchemaNode,
    _ rows: [NestedDatum],
    _ data: inout NestedData,
    _ properties: WriterProperties,
    batch: Int
  ) async throws -> [UInt8] {
    let schema = ParquetSchema([node])
    let sink = MemorySink()
    let writer = try NativeParquetWriter(sink: sink, schema: schema, properties: properties)
    var at = 0
    while at < rows.count {
      let part = Array(rows[at..<min(at + batch, rows.count)])
      try await writer.write(ColumnBatch(rowCount: part.count, columns: [data.column(part, schema.shapes[0])]))
      at += part.count
    }
    _ = try await writer.close()
    return await sink.contents.array
  }

  private func read(_ file: [UInt8], limit: Int, keepsDictionary: Bool = false) async throws -> [NestedDatum] {
    let reader = try await NativeParquetCodec().openReader(MemorySource(Bytes(file)))
    var selection = RowSelection()
    if keepsDictionary { selection.dictionaryFields = [0] }
    let batches = try reader.rows(selection)
    var rows: [NestedDatum] = []
    while let batch = try await batches.next(limit: limit) {
      rows += (0..<batch.rowCount).map { NestedData.slot(batch.columns[0], $0) }
    }
    return rows
  }

  @Test(arguments: 0..<120)
  func `random nested rows come back as they were written, however they are cut`(_ index: Int) async throws {
    let seed = Surroundings.seed &+ UInt64(index)
    var data = NestedData(seed: seed)
    let node = data.field("a", depth: 4)
    let shape = ParquetSchema([node]).shapes[0]
    let rows = (0..<data.number(0...700)).map { _ in data.slot(shape) }
    var properties = WriterProperties()
    properties.pageVersion = data.chance(50) ? .v1 : .v2
    properties.pageRows = data.number(1...200)
    properties.pageBytes = data.number(20...4000)
    properties.rowGroupRows = data.number(50...1000)
    properties.defaults.usesDictionary = data.chance(50)
    properties.defaults.codec = data.chance(50) ? .uncompressed : .zstd
    let file = try await write(node, rows, &data, properties, batch: max(1, rows.count))
    let description = Comment(rawValue: "seed \(seed): \(node)")
    #expect(try await read(file, limit: data.number(1...300)) == rows, description)
    #expect(try await read(file, limit: 1000, keepsDictionary: true) == rows, description)
    let inParts = try await write(node, rows, &data, properties, batch: data.number(1...90))
    #expect(inParts == file, "seed \(seed): the file depends on how rows came in")
  }

  @Test func `the document of the Dremel paper has the levels that the paper gives it`() async throws {
    // Dremel, figures 2 and 3: levels of Name.Language.Code and Name.Language.Country of records r1 and r2.
    let language = SchemaNode(
      "Language",
      group: [SchemaNode("Code", .byteArray), SchemaNode("Country", .byteArray, repetition: .optional)],
      repetition: .repeated
    )
    let name = SchemaNode(
      "Name",
      group: [language, SchemaNode("Url", .byteArray, repetition: .optional)],
      repetition: .repeated
    )
    func text(_ text: String) -> NestedDatum { .value(Array(text.utf8)) }
    let first: NestedDatum = .list([
      .structure([
        .list([.structure([text("en-us"), text("us")]), .structure([text("en"), .null])]), text("http://A"),
      ]),
      .structure([.list([]), text("http://B")]),
      .structure([.list([.structure([text("en-gb"), text("gb")])]), .null]),
    ])
    let second: NestedDatum = .list([.structure([.list([]), text("http://C")])])
    let shape = ParquetSchema([name]).shapes[0]
    var data = NestedData(seed: 1)
    let column = data.column([first, second], shape)
    let levels = ValuePath.all(shape).enumerated().map { index, path in
      var shredder = Shredder()
      let leaf = ParquetSchema([name]).leaves[index]
      _ = shredder.shred(column, rows: 0..<2, path: path, maximum: UInt8(leaf.maxDefinitionLevel))
      return (shredder.repetitions, shredder.definitions)
    }
    #expect(levels[0] == ([0, 2, 1, 1, 0], [2, 2, 1, 2, 1]))
    #expect(levels[1] == ([0, 2, 1, 1, 0], [3, 2, 1, 3, 1]))
    #expect(levels[2] == ([0, 1, 1, 0], [2, 2, 1, 2]))
    var properties = WriterProperties()
    properties.defaults.codec = .uncompressed
    let file = try await write(name, [first, second], &data, properties, batch: 2)
    #expect(try await read(file, limit: 10) == [first, second])
  }

  @Test(
    .enabled(if: Surroundings.corpus != nil, "the corpus is not here"),
    arguments: [
      "nested_structs.rust", "nullable.impala", "nonnullable.impala", "nested_maps.snappy", "nested_lists.snappy",
      "list_columns", "null_list", "old_list_structure", "repeated_no_annotation", "repeated_primitive_no_list",
      "nulls.snappy", "map_no_value", "incorrect_map_schema",
    ]
  )
  func `nested files of other writers can be written again and read the same`(_ file: String) async throws {
    let corpus = try #require(Surroundings.corpus)
    let source = MemorySource(Bytes(try Surroundings.bytes(corpus.appendingPathComponent("data/\(file).parquet"))))
    let reader = try await NativeParquetCodec().openReader(source)
    for version in [WriterProperties.PageVersion.v1, .v2] {
      var properties = WriterProperties()
      properties.pageVersion = version
      properties.pageRows = 2
      let sink = MemorySink()
      let writer = try NativeParquetWriter(sink: sink, schema: reader.metadata.schema, properties: properties)
      let batches = try reader.rows(RowSelection())
      while let batch = try await batches.next(limit: 3) { try await writer.write(batch) }
      _ = try await writer.close()
      let copy = try await readTable(MemorySource(await sink.contents)) { 1000 }
      let difference = copy.difference(from: try await readTable(source) { 1000 })
      #expect(difference == nil)
    }
  }

  @Test func `lists that come as values and lists that come as dictionaries share a page`() async throws {
    let node = SchemaNode.list("a", of: SchemaNode("element", .int64), repetition: .optional)
    let rows: [Datum] = [
      .list([.int64(1), .int64(2)]), .list([.int64(3)]), .null, .list([]), .list([.int64(2), .int64(1), .int64(1)]),
    ]
    let table = TestTable(TestField(node: node, rows: rows))
    func coded(_ part: Range<Int>) -> ColumnBatch {
      let batch = table.batch(part)
      guard case .list(let offsets, let elements) = batch.columns[0].storage else { return batch }
      let numbers = rows[part].flatMap(\.elements).map { $0.bytes[0] }
      let indices = Bytes(numbers.flatMap { [$0 - 1, 0, 0, 0] })
      let values = TestTable.column([.int64(1), .int64(2), .int64(3)], SchemaNode("element", .int64))
      let storage = Column.Storage.dictionary(indices: indices, values: values)
      let dictionary = Column(count: elements.count, validity: nil, storage: storage)
      let column = Column(
        count: part.count,
        validity: batch.columns[0].validity,
        storage: .list(offsets: offsets, elements: dictionary)
      )
      return ColumnBatch(rowCount: part.count, columns: [column])
    }
    let whole = try await table.write(WriterProperties(.uncompressed)).bytes
    for split in 0...rows.count {
      let (values, codes) = (0..<split, split..<rows.count)
      for batches in [[table.batch(values), coded(codes)], [coded(values), table.batch(codes)]] {
        let sink = MemorySink()
        let properties = WriterProperties(.uncompressed)
        let writer = try NativeParquetWriter(sink: sink, schema: table.schema, properties: properties)
        for batch in batches { try await writer.write(batch) }
        _ = try await writer.close()
        #expect(await sink.contents.array == whole, "split at \(split)")
      }
    }
  }

  @Test func `what is wrong with a nested batch is named with its place`() async throws {
    let node = SchemaNode(
      "a",
      group: [.list("b", of: SchemaNode("x", .int64), repetition: .optional), SchemaNode("c", .int32)],
      repetition: .optional
    )
    let schema = ParquetSchema([node])
    var data = NestedData(seed: 3)
    func message(_ rows: [NestedDatum], _ change: (Column) -> Column = { $0 }) async throws -> String {
      let writer = try NativeParquetWriter(sink: MemorySink(), schema: schema, properties: WriterProperties())
      let column = change(data.column(rows, schema.shapes[0]))
      do {
        try await writer.write(ColumnBatch(rowCount: rows.count, columns: [column]))
        return ""
      } catch {
        return error.message
      }
    }
    let number = NestedDatum.value([1, 0, 0, 0])
    let wide = NestedDatum.value([1, 0, 0, 0, 0, 0, 0, 0])
    // Below a null anything may lie; beside one it may not.
    #expect(try await message([.null, .structure([.null, number])]) == "")
    #expect(
      try await message([.null, .structure([.null, .null])]) == "Field 'a.c' is REQUIRED and has a null at row 1."
    )
    #expect(
      try await message([.null, .null, .structure([.list([wide, .null]), number])])
        == "Field 'a.b' is REQUIRED and has a null in an element at row 2."
    )
    let short = try await message([.structure([.null, number])]) { column in
      Column(count: 1, validity: nil, storage: .structure([column.fields[0]]))
    }
    #expect(short == "Field 'a' has 1 columns; the schema has 2 fields.")
    let flat = try await message([.structure([.null, number])]) { $0.fields[1] }
    #expect(flat == "Field 'a' is not given as a structure column.")
  }
}

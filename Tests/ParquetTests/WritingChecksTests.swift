import ByteBuffers
import Testing

@testable import Parquet

@Suite("What a writer refuses")
struct WritingChecksTests {
  private func message(_ schema: [SchemaNode], _ properties: WriterProperties = WriterProperties()) -> ParquetError? {
    do {
      _ = try NativeParquetWriter(sink: MemorySink(), schema: ParquetSchema(schema), properties: properties)
      return nil
    } catch {
      return error
    }
  }

  @Test("All problems of a schema and its properties are reported at once")
  func allProblems() throws {
    var properties = WriterProperties()
    properties.pageRows = 0
    properties.pageBytes = 1 << 40
    properties.rowGroupBytes = -1
    properties.dictionaryBytes = -5
    properties.defaults.level = 99
    properties.columns = [1: WriterProperties.ColumnProperties(codec: .lzo), 9: WriterProperties.ColumnProperties()]
    let hollow = SchemaNode("deep", group: [SchemaNode("x", .int32), SchemaNode("y", group: [])])
    let error = try #require(
      message(
        [
          hollow, SchemaNode("zipped", .int32),
          SchemaNode("text", group: [SchemaNode("x", .int32)], logicalType: .string),
          SchemaNode("short", .fixedLengthByteArray), SchemaNode("wrong", .int32, logicalType: .string),
          SchemaNode("digits", .int32, logicalType: .decimal(scale: 0, precision: 10)),
          SchemaNode("new", .byteArray, logicalType: .unknown(16)),
        ],
        properties
      )
    )
    #expect(error.code == .invalidArgument)
    let parts = [
      "pageRows is 0", "pageBytes is 1099511627776", "rowGroupBytes is -1", "dictionaryBytes is -5", "field 9",
      "level 99", "'deep.y' has no fields", "'text' has the annotation STRING", "LZO",
      "'short' has a value length of 0",
      "'wrong' is INT32, which STRING", "'digits' is INT32, which DECIMAL(10,0)", "LOGICAL_TYPE_16",
    ]
    for part in parts { #expect(error.message.contains(part), "\(part) in: \(error.message)") }
  }

  @Test("What can be read but not written is unsupported; what is wrong is an invalid argument")
  func codes() {
    #expect(message([SchemaNode("a", group: [])])?.code == .unsupported)
    #expect(message([SchemaNode("a", .int32)], WriterProperties(.lzo))?.code == .unsupported)
    let twoFields = SchemaNode("l", group: [SchemaNode("x", .int32), SchemaNode("y", .int32)], logicalType: .list)
    #expect(message([twoFields])?.code == .invalidArgument)
    #expect(message([]) == nil)
    #expect(message([.list("l", of: .list("m", of: SchemaNode("x", .int32)))]) == nil)
    #expect(message([.list("l", of: SchemaNode("x", .int32), repetition: .optional)]) == nil)
  }

  @Test("A level has to be one of its codec's")
  func levels() throws {
    func refusal(_ codec: CompressionCodec, _ level: Int?) -> ParquetError? {
      var properties = WriterProperties()
      properties.columns[0] = WriterProperties.ColumnProperties(codec: codec, level: level)
      return message([SchemaNode("a", .int32)], properties)
    }
    for codec in Compressor.codecs {
      #expect(refusal(codec, nil) == nil)
      guard let levels = Compressor.levels(of: codec) else {
        let error = try #require(refusal(codec, 1))
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains("'a' has the level 1; \(codec) has no levels"))
        continue
      }
      #expect(refusal(codec, levels.lowerBound) == nil)
      #expect(refusal(codec, levels.upperBound) == nil)
      for level in [levels.lowerBound - 1, levels.upperBound + 1] {
        let error = try #require(refusal(codec, level))
        #expect(error.code == .invalidArgument)
        #expect(error.message.contains("'a' has the \(codec) level \(level)"))
      }
    }
  }

  /// Columns that do not fit a field, and what the message has to say.
  static let misfits: [(String, SchemaNode, Column, [String])] = {
    let four = Bytes([UInt8](repeating: 0, count: 4 * 4))
    let bits = Validity(bits: Bytes([0b1011]), nullCount: 0)
    func offsets(_ numbers: Int32...) -> Bytes {
      Bytes(numbers.flatMap { withUnsafeBytes(of: $0.littleEndian) { Array($0) } })
    }
    func texts(_ numbers: Bytes, _ size: Int = 9, _ validity: Validity? = nil) -> Column {
      let data = Bytes([UInt8](repeating: 65, count: size))
      return Column(count: 4, validity: validity, storage: .variable(offsets: numbers, data: data))
    }
    func lists(_ numbers: Bytes, _ elements: Column) -> Column {
      Column(count: 4, validity: nil, storage: .list(offsets: numbers, elements: elements))
    }
    let int = SchemaNode("a", .int32)
    let optional = SchemaNode("a", .int32, repetition: .optional)
    let text = SchemaNode("a", .byteArray)
    let list = SchemaNode.list("a", of: int)
    let integers = Column(count: 4, validity: nil, storage: .fixed(four, width: 4))
    let huge = Column(count: Int.max, validity: nil, storage: .fixed(four, width: 4))
    return [
      ("a null", int, Column(count: 4, validity: bits, storage: .fixed(four, width: 4)), ["REQUIRED", "row 102"]),
      ("other width", int, Column(count: 4, validity: nil, storage: .fixed(four, width: 8)), ["8 bytes", "takes 4"]),
      ("no width", int, Column(count: 4, validity: nil, storage: .fixed(four, width: 0)), ["0 bytes"]),
      ("few bytes", int, Column(count: 4, validity: nil, storage: .fixed(four[0..<15], width: 4)), ["15 bytes"]),
      ("row count", int, Column(count: 3, validity: nil, storage: .fixed(four, width: 4)), ["3 rows"]),
      ("many rows", int, huge, ["9223372036854775807 rows"]),
      ("layout", int, texts(offsets(0, 1, 2, 3, 4)), ["slots of 4 bytes"]),
      ("layout of text", text, integers, ["offsets and bytes"]),
      ("layout of list", list, integers, ["list column"]),
      (
        "few bits", optional,
        Column(count: 4, validity: Validity(bits: .empty, nullCount: 0), storage: .fixed(four, width: 4)),
        ["0 validity bits"]
      ),
      ("few offsets", text, texts(offsets(0, 1, 2, 3)), ["4 offsets"]),
      ("descending", text, texts(offsets(0, 5, 4, 5, 6)), ["5 and 4", "row 101"]),
      ("negative", text, texts(offsets(-1, 1, 2, 3, 4)), ["-1 and 1", "row 100"]),
      ("behind the end", text, texts(offsets(0, 1, 2, 3, 10)), ["0 to 9", "row 103"]),
      ("wrapping", text, texts(offsets(0, .max, .min, 3, 4)), ["row 100"]),
      ("null text", text, texts(offsets(0, 1, 2, 3, 4), 9, bits), ["REQUIRED", "row 102"]),
      ("list behind the end", list, lists(offsets(0, 1, 2, 3, 5), integers), ["0 to 4", "row 103"]),
      (
        "null element", list,
        lists(offsets(0, 1, 1, 4, 4), Column(count: 4, validity: bits, storage: .fixed(four, width: 4))),
        ["null in an element", "row 102"]
      ),
      ("element layout", list, lists(offsets(0, 1, 2, 3, 4), texts(offsets(0, 1, 2, 3, 4))), ["in its elements"]),
      ("claimed elements", list, lists(offsets(0, 1, 2, 3, 4), huge), ["16 bytes", "in its elements"]),
    ]
  }()

  @Test("A column that does not fit its field is refused with the field and the row, and the file goes on")
  func columns() async throws {
    for (name, node, column, parts) in Self.misfits {
      let good = TestTable(
        TestField(node: node, rows: [Datum](repeating: node.children.isEmpty ? .int32(7) : .list([]), count: 100))
      )
      let sink = MemorySink()
      let writer = try NativeParquetWriter(sink: sink, schema: good.schema, properties: WriterProperties())
      try await writer.write(good.batch(0..<100))
      do {
        try await writer.write(ColumnBatch(rowCount: 4, columns: [column]))
        Issue.record("\(name) was accepted")
      } catch {
        #expect(error.code == .invalidArgument, "\(name)")
        for part in parts + ["'a'"] { #expect(error.message.contains(part), "\(name): \(error.message)") }
      }
      #expect(try await writer.close().rowCount == 100)
      #expect(await sink.contents.array == (try await good.write()).bytes)
    }
  }

  @Test("A batch with another number of columns, or of rows below zero, is refused")
  func shapes() async throws {
    let table = TestTable(TestField(node: SchemaNode("a", .int32), rows: []))
    let writer = try NativeParquetWriter(sink: MemorySink(), schema: table.schema, properties: WriterProperties())
    for batch in [
      ColumnBatch(rowCount: 0, columns: []), ColumnBatch(rowCount: -1, columns: table.batch(0..<0).columns),
    ] {
      await #expect(throws: ParquetError.self) { try await writer.write(batch) }
    }
    _ = try await writer.close()
    await #expect(throws: ParquetError.self) { try await writer.write(table.batch(0..<0)) }
    await #expect(throws: ParquetError.self) { _ = try await writer.close() }
  }

  @Test("A batch without rows needs no buffers")
  func emptyBatch() async throws {
    let node = SchemaNode("a", .byteArray)
    let writer = try NativeParquetWriter(
      sink: MemorySink(),
      schema: ParquetSchema([node]),
      properties: WriterProperties()
    )
    let none = Column(count: 0, validity: nil, storage: .variable(offsets: .empty, data: .empty))
    try await writer.write(ColumnBatch(rowCount: 0, columns: [none]))
    #expect(try await writer.close().rowCount == 0)
  }

  @Test("After the sink has failed the file is given up")
  func failingSink() async throws {
    struct Full: Error {}
    struct FullSink: ByteSink {
      func write(_ bytes: Bytes) async throws { throw Full() }
    }
    let table = TestTable(TestField(node: SchemaNode("a", .int32), rows: [.int32(1)]))
    let writer = try NativeParquetWriter(sink: FullSink(), schema: table.schema, properties: WriterProperties())
    try await writer.write(table.batch(0..<1))
    do {
      _ = try await writer.close()
      Issue.record("closing succeeded")
    } catch {
      #expect(error.code == .storage)
      #expect(error.underlying is Full)
    }
    do {
      _ = try await writer.close()
      Issue.record("closing succeeded")
    } catch {
      #expect(error.code == .invalidArgument)
    }
  }
}

import ByteBuffers
import Testing

@testable import MilvusStorage
@testable import Parquet

@Suite("Delete files")
struct DeltaLogTests {
  @Test(
    "Every spelling of a delete is read",
    arguments: [
      (#"{"pk":0,"ts":442959098087473153,"pkType":5}"#, .integer(0), 442_959_098_087_473_153),
      (#"{"pk":-9223372036854775808,"ts":18446744073709551615,"pkType":5}"#, .integer(.min), .max),
      (#"{"pk":"a é","ts":7,"pkType":21}"#, .text(Array("a é".utf8)), 7),
      (#"{"pk":"q\"\u003c\n","ts":7,"pkType":21}"#, .text(Array("q\"<\n".utf8)), 7),
      (#"{ "ts": 9007199254740993, "pk": 9007199254740995 }"#, .integer(9_007_199_254_740_995), 9_007_199_254_740_993),
      ("-5,442959098087473153", .integer(-5), 442_959_098_087_473_153),
    ] as [(String, PrimaryKey, UInt64)]
  )
  func spellings(_ text: String, _ key: PrimaryKey, _ timestamp: UInt64) {
    #expect(DeleteTextParser.parse(Bytes(utf8: text)) == DeleteEntry(key: key, timestamp: timestamp))
  }

  @Test(
    "What is no delete is refused",
    arguments: [
      "", "5", "a,b", "5,", ",5", "5,-1", "{", "{}", #"{"pk":1}"#, #"{"pk":1.5,"ts":2}"#,
      #"{"pk":1,"ts":-2,"pkType":5}"#,
      #"{"pk":1,"ts":2,"pkType":5}x"#, #"{"pk":null,"ts":2}"#, #"{"pk":"a"#,
    ]
  )
  func nonsense(_ text: String) {
    #expect(DeleteTextParser.parse(Bytes(utf8: text)) == nil)
  }

  @Test("The latest delete of a key counts, and only for rows that were written before it")
  func semantics() {
    var set = DeleteSet()
    #expect(set.isEmpty)
    for timestamp in [5, 9, 7] as [UInt64] { set.insert(DeleteEntry(key: .integer(1), timestamp: timestamp)) }
    set.insert(DeleteEntry(key: .text([0xc3, 0xa9]), timestamp: 3))
    #expect(set.keyCount == 2)
    #expect(set.deletes(.integer(1), writtenAt: 8))
    #expect(!set.deletes(.integer(1), writtenAt: 9))
    #expect(!set.deletes(.integer(2), writtenAt: 0))
    #expect(set.deletes(.text([0xc3, 0xa9]), writtenAt: 2))
    // The same letter, composed of two scalars, is another key.
    #expect(!set.deletes(.text(Array("e\u{301}".utf8)), writtenAt: 2))
  }

  private func longs(_ values: [Int64]) -> Column {
    let bytes = values.withUnsafeBytes { Bytes(copying: $0) }
    return Column(count: values.count, validity: nil, storage: .fixed(bytes, width: 8))
  }

  private func entries(_ file: Bytes, _ codec: FixedCodec, _ type: DataType = .int64) async throws -> [DeleteEntry] {
    var found: [DeleteEntry] = []
    try await DeltaLog(MemorySource(file, name: "delta"), keyType: type, codec: codec).forEach { found.append($0) }
    return found
  }

  @Test("A bare Parquet file is read by field ids, though its columns have no names")
  func bareFile() async throws {
    let nodes = [SchemaNode("", .int64, fieldID: 1), SchemaNode("", .int64, fieldID: 0)]
    let codec = FixedCodec(nodes, [longs([70, 80]), longs([7, 8])])
    let found = try await entries(Bytes(utf8: "PAR1 and more"), codec)
    #expect(found == [DeleteEntry(key: .integer(7), timestamp: 70), DeleteEntry(key: .integer(8), timestamp: 80)])
  }

  private func container(version: String?) throws -> Bytes {
    let extra = version.map { #"{"original_size":"1","version":"\#($0)"}"# } ?? #"{"original_size":"1"}"#
    var bytes = BinlogContainerTests.example(extra: extra).array
    bytes[85 + extra.utf8.count + 8] = 2
    return Bytes(bytes)
  }

  @Test("A multi-field file is read by its columns")
  func multiField() async throws {
    let codec = FixedCodec([SchemaNode("pk", .int64), SchemaNode("ts", .int64)], [longs([7]), longs([-1])])
    let found = try await entries(try container(version: "MULTI_FIELD"), codec)
    #expect(found == [DeleteEntry(key: .integer(7), timestamp: .max)])
  }

  @Test("Files of another key type, or with other columns, are refused with their path")
  func refusals() async throws {
    let numbers = FixedCodec([SchemaNode("pk", .int64), SchemaNode("ts", .int64)], [longs([7]), longs([1])])
    let one = FixedCodec([SchemaNode("pk", .int64)], [longs([7])])
    let cases: [(Bytes, FixedCodec, DataType)] = [
      (try container(version: "MULTI_FIELD"), numbers, .varChar),
      (try container(version: "MULTI_FIELD"), one, .int64),
      (try container(version: nil), numbers, .int64),
      (BinlogContainerTests.example, numbers, .int64),
      (Bytes(utf8: "garbage"), numbers, .int64),
      (Bytes.empty, numbers, .int64),
    ]
    for (file, codec, type) in cases {
      await #expect {
        _ = try await entries(file, codec, type)
      } throws: { error in
        (error as? BackfillError)?.path == "delta" && (error as? BackfillError)?.code == .dataRead
      }
    }
  }
}

/// A codec that finds the same columns in every file.
struct FixedCodec: ParquetCodec {
  private let schema: ParquetSchema
  private let columns: [Column]

  init(_ nodes: [SchemaNode], _ columns: [Column]) {
    schema = ParquetSchema(nodes)
    self.columns = columns
  }

  func openReader(_ source: any RandomAccessSource) async throws(ParquetError) -> any ParquetFileReader {
    Reader(schema: schema, columns: columns)
  }

  func openWriter(
    _ sink: any ByteSink,
    schema: ParquetSchema,
    properties: WriterProperties
  ) throws(ParquetError) -> any ParquetFileWriter {
    throw ParquetError(.unsupported, "This codec only reads.")
  }

  private struct Reader: ParquetFileReader {
    let schema: ParquetSchema
    let columns: [Column]

    var metadata: FileMetadata {
      FileMetadata(
        version: 2,
        schema: schema,
        rowCount: Int64(columns[0].count),
        rowGroups: [],
        keyValues: [],
        createdBy: nil
      )
    }

    func rows(_ selection: RowSelection) throws(ParquetError) -> any ColumnBatchReader {
      let picked = (selection.fields ?? Array(columns.indices)).map { columns[$0] }
      return Rows(ColumnBatch(rowCount: picked[0].count, columns: picked))
    }
  }

  private final class Rows: ColumnBatchReader {
    private var batch: ColumnBatch?

    init(_ batch: ColumnBatch) {
      self.batch = batch
    }

    func next(limit: Int) async throws(ParquetError) -> ColumnBatch? {
      defer { batch = nil }
      return batch
    }
  }
}

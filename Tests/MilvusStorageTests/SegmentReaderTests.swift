import ByteBuffers
import ObjectStores
import Parquet
import Testing

@testable import MilvusStorage

@Suite("Reading segments")
struct SegmentReaderTests {
  private let fixture = V1Fixture(name: "multi_binlog")

  private func reader(
    _ store: any ObjectStore,
    _ change: (inout CollectionSchema) -> Void = { _ in }
  ) async throws -> SegmentReader {
    var (listing, schema) = try await fixture.opened(store)
    change(&schema)
    let segment = try #require(listing.segments.first)
    return try await SegmentReader(segment, schema: schema, store: store, codec: NativeParquetCodec())
  }

  private func inspection(
    _ store: any ObjectStore,
    _ change: (inout CollectionSchema) -> Void = { _ in }
  ) async throws -> SegmentInspection {
    var (listing, schema) = try await fixture.opened(store)
    change(&schema)
    let segment = try #require(listing.segments.first)
    return try await SegmentInspection(segment, schema: schema, store: store, codec: NativeParquetCodec())
  }

  /// Files of the title field, in the order of their rows.
  private func titleFiles() async throws -> [BinlogObject] {
    let (listing, _) = try await fixture.opened(try fixture.store())
    return try #require(listing.segments.first?.fields[101])
  }

  private func texts(_ reader: SegmentReader, _ field: FieldSchema, limit: Int) async throws -> [String?] {
    let column = try reader.column(field)
    var texts: [String?] = []
    while let piece = try await column.next(limit: limit) {
      #expect(piece.count <= limit)
      for row in 0..<piece.count {
        texts.append(piece.isValid(row) ? String(decoding: piece.bytes(at: row).array, as: UTF8.self) : nil)
      }
    }
    return texts
  }

  @Test(
    "Batches are exactly as large as asked for, wherever binlogs end",
    arguments: [1, 7, 299, 300, 301, 2400, 9999]
  )
  func batches(_ limit: Int) async throws {
    let reader = try await reader(try fixture.store())
    let title = try #require(reader.schema.field(named: "title"))
    let column = try reader.column(title)
    var sizes: [Int] = []
    while let piece = try await column.next(limit: limit) { sizes.append(piece.count) }
    #expect(sizes.reduce(0, +) == 2400)
    #expect(sizes.dropLast().allSatisfy { $0 == limit })
  }

  @Test("A field that was added later is null in the leading chunks")
  func laterField() async throws {
    let files = try await titleFiles()
    let gone = Set(files.prefix(3).map(\.key.text))
    let whole = try await reader(try fixture.store())
    let part = try await reader(try await fixture.memoryStore { !gone.contains($0) })
    let title = try #require(whole.schema.field(named: "title"))
    let expected = try await texts(whole, title, limit: 1000)
    let found = try await texts(part, title, limit: 700)
    #expect(found.count == 2400)
    #expect(found.prefix(900).allSatisfy { $0 == nil })
    #expect(found.dropFirst(900) == expected.dropFirst(900))
  }

  @Test("A field that was added later has its default value in the leading chunks")
  func laterFieldWithDefault() async throws {
    let files = try await titleFiles()
    let gone = Set(files.prefix(1).map(\.key.text))
    let part = try await reader(try await fixture.memoryStore { !gone.contains($0) })
    var title = try #require(part.schema.field(named: "title"))
    title.defaultValue = .bytes(Array("none".utf8))
    let found = try await texts(part, title, limit: 500)
    #expect(found.prefix(300).allSatisfy { $0 == "none" })
    #expect(found[300]?.hasPrefix("row ") == true)
  }

  @Test("A field without files has default values, or nulls, of its type")
  func absentField() async throws {
    let reader = try await reader(try fixture.store())
    let none = FieldSchema(id: 200, name: "new", dataType: .floatVector, isNullable: true, dimension: 4)
    let empty = try #require(try await reader.column(none).next(limit: 10))
    #expect(empty.nullCount == 10)
    #expect(empty.byteCount >= 160)
    let number = FieldSchema(id: 201, name: "n", dataType: .int16, defaultValue: .integer(-3))
    let column = try reader.column(number)
    var total = 0
    while let piece = try await column.next(limit: 1000) {
      let sum = piece.withValues(of: Int32.self) { values in values.reduce(0) { $0 + Int($1) } }
      #expect(sum == -3 * piece.count)
      total += piece.count
    }
    #expect(total == 2400)
  }

  @Test("More files than the key has are refused")
  func surplusFiles() async throws {
    let store = try await fixture.memoryStore()
    let last = try #require(try await titleFiles().last)
    let key = last.key.text.replacing("/\(last.logID)", with: "/\(last.logID + 1)")
    try await store.copy(last.key, to: ObjectKey(key), .create)
    let reader = try await reader(store)
    let title = try #require(reader.schema.field(named: "title"))
    #expect(throws: BackfillError.self) { try reader.column(title) }
    let inspection = try await inspection(store)
    #expect(inspection.problems.contains { $0.message.contains("9 files, but the key field has 8") })
  }

  @Test("A file in the folder of another field or segment is refused, both named")
  func misplacedFile() async throws {
    let store = try await fixture.memoryStore()
    let first = try #require(try await titleFiles().first)
    let vector = first.key.text.replacing("/101/", with: "/102/")
    try await store.copy(first.key, to: ObjectKey(vector), .create)
    let inspection = try await inspection(store)
    #expect(
      inspection.problems.contains { $0.message.contains("folder of field 102 but says that it holds field 101") }
    )
  }

  @Test("Inspection of a sound segment finds rows, codecs and sizes, and nothing wrong", arguments: V1Fixture.all)
  func inspection(_ fixture: V1Fixture) async throws {
    let store = try fixture.store()
    let (listing, schema) = try await fixture.opened(store)
    for segment in listing.segments {
      let found = try await SegmentInspection(segment, schema: schema, store: store, codec: NativeParquetCodec())
      #expect(found.problems.isEmpty)
      #expect(found.warnings.isEmpty)
      #expect(found.rowCount == found.chunkRows.reduce(0, +))
      #expect(found.fields.map(\.id) == segment.fieldIDs)
      for field in found.fields {
        #expect(field.files.map(\.rowCount) == found.chunkRows)
        #expect(field.files.allSatisfy { $0.codecs == [.zstd] })
        #expect(field.missingChunks == 0)
      }
    }
  }

  @Test("Inspection lists every problem of a segment, not only the first")
  func problems() async throws {
    let files = try await titleFiles()
    let vectors = try fixture.store()
    let store = try await fixture.memoryStore()
    try await store.put(files[0].key, Bytes(utf8: "garbage"), PutOptions())
    let cut = try await vectors.read(files[1].key).1
    try await store.put(files[1].key, cut[0..<cut.count - 9], PutOptions())
    let found = try await inspection(store) { schema in
      for index in schema.fields.indices where schema.fields[index].name == "vec" {
        schema.fields[index].dimension = 16
      }
      schema.fields.append(FieldSchema(id: 300, name: "later", dataType: .int32))
    }
    #expect(found.problems.count == 2 + 8)
    #expect(found.problems.allSatisfy { $0.segment != nil && $0.field != nil && $0.path != nil })
    #expect(found.problems.contains { $0.message.contains("Its vectors have 32 bytes; FloatVector of dim 16 has 64") })
    #expect(found.warnings.contains { $0.contains("'later'") })
  }

  @Test("Files whose rows do not fit the key's are refused with both numbers")
  func unequalRows() async throws {
    let other = V1Fixture(name: "multi_binlog")
    let store = try await other.memoryStore()
    let (listing, schema) = try await other.opened(store)
    var segment = try #require(listing.segments.first)
    // Chunks of this set all have 300 rows, so the payload of a text field of another set takes a chunk's place.
    let title = try #require(segment.fields[101])
    let key = try await Binlog(opening: ObjectSource(title[0].metadata, in: store))
    let foreign = try await V1Fixture(name: "varchar_pk").files(["insert_log"]).first { $0.key.contains("/103/") }
    let payload = try await Binlog(opening: MemorySource(try #require(foreign).bytes))
    let bytes = try BinlogWriter(key.descriptor).wrap(try #require(foreign).bytes[payload.events[0].payload])
    try await store.put(title[0].key, bytes, PutOptions())
    segment.fields[101]?[0].metadata = try await store.head(title[0].key, GetOptions())
    let reader = try await SegmentReader(segment, schema: schema, store: store, codec: NativeParquetCodec())
    let field = try #require(schema.field(id: 101))
    await #expect {
      _ = try await reader.column(field).next(limit: 10)
    } throws: { error in
      let text = "\(error)"
      return text.contains("has 300") && text.contains("title") && text.contains("\(segment.id)")
    }
  }
}

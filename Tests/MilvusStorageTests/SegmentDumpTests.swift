import ByteBuffers
import ObjectStores
import Parquet
import Testing

@testable import MilvusStorage

@Suite("Dumping segments")
struct SegmentDumpTests {
  @Test("Every value of every field of every row is what was inserted, in physical order", arguments: V1Fixture.all)
  func valuesAreThoseInserted(_ fixture: V1Fixture) async throws {
    let store = try fixture.store()
    let (listing, schema) = try await fixture.opened(store)
    let inserted = try fixture.insertedRows(key: schema.primaryKey.name)
    let truths = try fixture.lines("segment_rows.jsonl").compactMap { SegmentTruth($0) }
    #expect(Set(truths.map(\.segment)) == Set(listing.segments.map(\.id)))
    let fields = CollectionSchema.systemFields + schema.fields
    for truth in truths {
      let segment = try #require(listing.segments.first { $0.id == truth.segment })
      #expect(segment.partition == truth.partition)
      let reader = try await SegmentReader(segment, schema: schema, store: store, codec: NativeParquetCodec())
      #expect(reader.rowCount == truth.pks.count)
      #expect(reader.chunkRows == truth.rowsPerBinlog)
      // A batch size that fits no chunk, so that batches cross binlogs.
      let dump = try SegmentDump(reader, fields: fields, batchRows: 97)
      var row = 0
      try await dump.forEachObject { number, line in
        #expect(number == row)
        let document = try JSONValue(parsing: Bytes(line), source: "dump", code: .dataRead)
        let cells = try #require(document.object)
        #expect(cells["RowID"] == .integer(truth.rowIDs[row]))
        #expect(cells["Timestamp"] == .integer(truth.timestamps[row]))
        let versions = inserted[truth.pks[row], default: []].filter { $0.timestamp == truth.timestamps[row] }
        let expected = try #require(versions.first?.row)
        try compare(cells, with: expected, schema)
        row += 1
      }
      #expect(row == truth.pks.count)
    }
  }

  private func compare(
    _ cells: [String: JSONValue],
    with inserted: [String: JSONValue],
    _ schema: CollectionSchema
  ) throws {
    var rest = inserted
    for field in schema.fields where !field.isDynamic {
      let wanted = try #require(inserted[field.name])
      rest[field.name] = nil
      let cell = try #require(cells[field.name])
      if field.dataType == .json {
        #expect(parsed(cell) == wanted, "field \(field.name)")
      } else {
        #expect(cell == canonical(wanted, field), "field \(field.name)")
      }
    }
    guard schema.enablesDynamicField else {
      #expect(rest.isEmpty)
      return
    }
    #expect(parsed(cells["$meta"]) == .object(rest))
  }

  /// The form in which a dump shows a value; JSON cells are compared as documents.
  private func canonical(_ value: JSONValue, _ field: FieldSchema) -> JSONValue {
    switch field.dataType {
    case .floatVector:
      let floats = (value.array ?? []).compactMap(\.double).map { Float($0).bitPattern.littleEndian }
      return .string("0x" + floats.map { hex($0) }.joined())
    case .binaryVector: return .string("0x" + (value.string ?? ""))
    default: return value
    }
  }

  private func hex(_ word: UInt32) -> String {
    withUnsafeBytes(of: word) { bytes in
      bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  private func parsed(_ cell: JSONValue?) -> JSONValue? {
    guard let text = cell?.string else { return nil }
    return try? JSONValue(parsing: Bytes(utf8: text), source: "cell", code: .dataRead)
  }

  @Test("With deletes applied exactly the rows remain that the server showed", arguments: V1Fixture.all)
  func deletesHideRows(_ fixture: V1Fixture) async throws {
    let store = try fixture.store()
    let (listing, schema) = try await fixture.opened(store)
    let truths = try fixture.lines("segment_rows.jsonl").compactMap { SegmentTruth($0) }
    var visible: [JSONValue] = []
    for segment in listing.segments {
      let truth = try #require(truths.first { $0.segment == segment.id })
      let codec = NativeParquetCodec()
      let deletes = try await DeleteSet(for: segment, in: listing, schema: schema, store: store, codec: codec)
      let reader = try await SegmentReader(segment, schema: schema, store: store, codec: codec)
      let dump = try SegmentDump(reader, fields: [schema.primaryKey], deletes: deletes, batchRows: 50)
      var shown: [Int] = []
      try await dump.forEachObject { number, line in
        shown.append(number)
        let cells = try JSONValue(parsing: Bytes(line), source: "dump", code: .dataRead).object
        visible.append(try #require(cells?[schema.primaryKey.name]))
      }
      #expect(shown == (0..<reader.rowCount).filter { !truth.deletedRows.contains($0) })
    }
    let expected = try #require(try fixture.json("visible_pks.json").array)
    #expect(visible.count == expected.count)
    #expect(Set(visible) == Set(expected))
  }

  @Test("Delete files hold exactly the deletes that were made", arguments: V1Fixture.all)
  func deleteFilesHoldTheDeletes(_ fixture: V1Fixture) async throws {
    let store = try fixture.store()
    let (listing, schema) = try await fixture.opened(store)
    for truth in try fixture.lines("segment_rows.jsonl").compactMap({ SegmentTruth($0) }) {
      let segment = try #require(listing.segments.first { $0.id == truth.segment })
      var found: [DeleteEntry] = []
      for file in segment.deltaLogs {
        let source = ObjectSource(file.metadata, in: store)
        let log = DeltaLog(source, keyType: schema.primaryKey.dataType, codec: NativeParquetCodec())
        try await log.forEach { found.append($0) }
      }
      let expected = truth.deletes.map { key, timestamp in
        DeleteEntry(
          key: key.string.map { .text(Array($0.utf8)) } ?? .integer(key.integer ?? 0),
          timestamp: UInt64(timestamp)
        )
      }
      #expect(found == expected)
    }
  }
}

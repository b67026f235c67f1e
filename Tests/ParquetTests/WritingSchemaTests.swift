import Testing

@testable import Parquet

@Suite("Schema, notes and footer", .enabled(if: IndependentReaders.areAvailable, IndependentReaders.missing))
struct WritingSchemaTests {
  /// Each annotation with a value, the Arrow type that pyarrow takes it for, and the older annotation in the file.
  ///
  /// BSON is missing since duckdb refuses every file with it.
  static let annotated: [(SchemaNode, Datum, arrow: String, legacy: String?)] = [
    (SchemaNode("string", .byteArray, logicalType: .string), .text("ü"), "string", "UTF8"),
    (SchemaNode("enum", .byteArray, logicalType: .enumeration), .text("A"), "binary", "ENUM"),
    (SchemaNode("json", .byteArray, logicalType: .json), .text("{}"), "json", "JSON"),
    (SchemaNode("date", .int32, logicalType: .date), .int32(-1), "date32[day]", "DATE"),
    (
      SchemaNode("time_ms", .int32, logicalType: .time(isAdjustedToUTC: true, unit: .milliseconds)), .int32(5),
      "time32[ms]", "TIME_MILLIS"
    ),
    (
      SchemaNode("time_us", .int64, logicalType: .time(isAdjustedToUTC: true, unit: .microseconds)), .int64(5),
      "time64[us]", "TIME_MICROS"
    ),
    (
      SchemaNode("time_ns", .int64, logicalType: .time(isAdjustedToUTC: false, unit: .nanoseconds)), .int64(5),
      "time64[ns]", nil
    ),
    (
      SchemaNode("ts_ms", .int64, logicalType: .timestamp(isAdjustedToUTC: true, unit: .milliseconds)), .int64(-7),
      "timestamp[ms, tz=UTC]", "TIMESTAMP_MILLIS"
    ),
    (
      SchemaNode("ts_us", .int64, logicalType: .timestamp(isAdjustedToUTC: false, unit: .microseconds)), .int64(7),
      "timestamp[us]", nil
    ),
    (
      SchemaNode("ts_ns", .int64, logicalType: .timestamp(isAdjustedToUTC: false, unit: .nanoseconds)), .int64(7),
      "timestamp[ns]", nil
    ),
    (SchemaNode("i8", .int32, logicalType: .integer(bitWidth: 8, isSigned: true)), .int32(-8), "int8", "INT_8"),
    (SchemaNode("u16", .int32, logicalType: .integer(bitWidth: 16, isSigned: false)), .int32(8), "uint16", "UINT_16"),
    (SchemaNode("u32", .int32, logicalType: .integer(bitWidth: 32, isSigned: false)), .int32(-8), "uint32", "UINT_32"),
    (SchemaNode("u64", .int64, logicalType: .integer(bitWidth: 64, isSigned: false)), .int64(-8), "uint64", "UINT_64"),
    (
      SchemaNode("decimal32", .int32, logicalType: .decimal(scale: 2, precision: 9)), .int32(-12345),
      "decimal128(9, 2)", "DECIMAL"
    ),
    (
      SchemaNode("decimal64", .int64, logicalType: .decimal(scale: 0, precision: 18)), .int64(12345),
      "decimal128(18, 0)", "DECIMAL"
    ),
    (
      SchemaNode("decimal_bytes", .fixedLengthByteArray, length: 9, logicalType: .decimal(scale: 5, precision: 20)),
      .value([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]), "decimal128(20, 5)", "DECIMAL"
    ),
    (
      SchemaNode("uuid", .fixedLengthByteArray, length: 16, logicalType: .uuid), .value(Array(0..<16)),
      "uuid", nil
    ),
    (
      SchemaNode("float16", .fixedLengthByteArray, length: 2, logicalType: .float16), .value([0, 0x3e]),
      "halffloat", nil
    ),
    (
      SchemaNode("interval", .fixedLengthByteArray, length: 12, logicalType: .interval), .value(Array(0..<12)),
      "fixed_size_binary[12]", "INTERVAL"
    ),
  ]

  @Test("Annotations are written in both forms, and readers agree on types and values")
  func annotations() async throws {
    let table = TestTable(Self.annotated.map { TestField(node: $0.0, rows: [$0.1]) })
    let report = try await IndependentReaders.check(table)
    for (index, entry) in Self.annotated.enumerated() {
      let type = try #require(report.types[entry.0.name])
      #expect(type.contains(entry.arrow), "\(entry.0.name) is \(type)")
      let element = report.schema[index + 1]
      if let legacy = entry.legacy { #expect(element["converted"] as? String == legacy) }
      let hasLogical = element["logical"] is String
      #expect(hasLogical == (entry.0.logicalType != .interval), "\(entry.0.name)")
    }
  }

  @Test("Field ids, notes, the writer's name and one column order a leaf are in the footer")
  func notes() async throws {
    let table = TestTable(
      TestField(node: SchemaNode("pk", .int64, fieldID: 100), rows: [.int64(1)]),
      TestField(node: SchemaNode("plain", .int32), rows: [.int32(1)]),
      TestField(node: .list("tags", of: SchemaNode("x", .byteArray), fieldID: 3), rows: [.list([.text("a")])])
    )
    var properties = WriterProperties()
    properties.keyValues = [
      KeyValue(key: "version", value: "1"), KeyValue(key: "ünïcode", value: "😀"), KeyValue(key: "empty", value: ""),
    ]
    properties.createdBy = "some program version 1.2.3"
    let report = try await IndependentReaders.check(table, properties)
    #expect(report.fieldIDs == ["pk": 100, "plain": -1, "tags": 3])
    #expect(report.keyValues == ["version": "1", "ünïcode": "😀", "empty": ""])
    #expect(report.createdBy == "some program version 1.2.3")
    #expect(report.structure["column_orders"] as? [Int] == [1, 1, 1])
  }

  @Test("Sizes and offsets in the footer are those of the pages", arguments: [false, true])
  func sizes(dictionary: Bool) async throws {
    var properties = WriterProperties(.zstd, dictionary: dictionary, .v2)
    properties.rowGroupRows = 400
    properties.pageRows = 100
    let table = TestData.everything(rows: 1000, seed: 12)
    let report = try await IndependentReaders.check(table, properties)
    var end = 4
    for group in report.rowGroups {
      for chunk in group["columns"] as? [[String: Any]] ?? [] {
        let start = chunk["dict_off"] as? Int ?? chunk["data_off"] as? Int
        #expect(start == end)
        end += chunk["comp"] as? Int ?? 0
        #expect(chunk["page_error"] == nil)
        #expect((chunk["pages"] as? [Any])?.isEmpty == false)
      }
    }
    // All column indexes, then all offset indexes; INT96 columns have no bounds and so no column index.
    for name in ["column_index_at", "offset_index_at"] {
      for chunk in report.rowGroups.flatMap({ $0["columns"] as? [[String: Any]] ?? [] }) {
        let place = chunk[name] as? [Any] ?? []
        guard let start = place.first as? Int, let length = place.last as? Int else {
          #expect(name == "column_index_at" && chunk["type"] as? String == "INT96")
          continue
        }
        #expect(start == end)
        end += length
      }
    }
    let size = report.structure["file_size"] as? Int ?? 0
    #expect(end + (report.structure["footer_len"] as? Int ?? 0) + 8 == size)
  }

  @Test("Other readers see the same bounds and null counts")
  func statistics() async throws {
    let rows: [Datum] = [.int64(5), .null, .int64(-2), .null]
    let table = TestTable(
      TestField(node: SchemaNode("n", .int64, repetition: .optional), rows: rows),
      TestField(node: SchemaNode("s", .byteArray, logicalType: .string), rows: ["b", "", "é", "z"].map(Datum.text)),
      TestField(node: SchemaNode("f", .double), rows: [.double(1), .double(.nan), .double(-3), .double(2)])
    )
    let report = try await IndependentReaders.check(table)
    #expect(report.statistics.map { $0["min"] as? String } == ["-2", "", "-3.0"])
    #expect(report.statistics.map { $0["max"] as? String } == ["5", "é", "2.0"])
    #expect(report.statistics.map { $0["nulls"] as? Int } == [2, 0, 0])
  }
}

import ByteBuffers
import Foundation
import Parquet
import ParquetFoundation
import Testing

/// Structures, lists and maps that `ParquetEncoder` wrote, and types that a schema gives, as pyarrow reads them.
@Suite(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
struct RowsForPyarrowNestedTests {
  private struct Stop: Encodable {
    var name: String
    var minutes: [Int?]
  }

  private struct Nested: Encodable {
    var home: Stop?
    var stops: [Stop]?
    var tags: [String: Int32?]
    var matrix: [[Float]?]
    var byNumber: [Int: [String]]?
    var byColour: [String: Stop]
    enum CodingKeys: String, CodingKey {
      case home = "place"
      case stops, tags, matrix, byNumber, byColour
    }
  }

  @Test func `structures, arrays and dictionaries are structures, lists and maps`() async throws {
    let stop = Stop(name: "x", minutes: [1, nil])
    let first = Nested(
      home: stop,
      stops: [stop, Stop(name: "y", minutes: [])],
      tags: ["b": nil, "a": 1],
      matrix: [[1, 2], nil, []],
      byNumber: [7: ["p", ""], -1: []],
      byColour: ["red": stop]
    )
    let second = Nested(home: nil, stops: nil, tags: [:], matrix: [], byNumber: nil, byColour: [:])
    var encoder = ParquetEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let stopType = "struct<name: string not null, minutes: list<element: int64> not null>"
    let shown = "{'name': 'x', 'minutes': [1, None]}"
    try Pyarrow.check(
      try await encoder.encode([first, second]),
      [
        PyarrowColumn("place", stopType, "String", "None", values: "\(shown), None"),
        PyarrowColumn(
          "stops",
          "list<element: \(stopType) not null>",
          "String",
          "None",
          values: "[\(shown), {'name': 'y', 'minutes': []}], None"
        ),
        PyarrowColumn(
          "tags",
          "map<string, int32 ('tags')> not null",
          "String",
          "None",
          values: "[('a', 1), ('b', None)], []"
        ),
        PyarrowColumn(
          "matrix",
          "list<element: list<element: float not null>> not null",
          "None",
          values: "[[1.0, 2.0], None, []], []"
        ),
        PyarrowColumn(
          "by_number",
          "map<int64, list<element: string not null> ('by_number')>",
          "None",
          "String",
          values: "[(-1, []), (7, ['p', ''])], None"
        ),
        PyarrowColumn(
          "by_colour",
          "map<string, \(stopType) ('by_colour')> not null",
          "String",
          "String",
          "None",
          values: "[('red', \(shown))], []"
        ),
      ]
    )
  }

  private struct Given: Encodable {
    var price: Decimal
    var local: Date?
    var at: ParquetTime
    var id: String
    var shown: [String: [Int]]
  }

  @Test func `a schema that is given decides the types`() async throws {
    let schema = ParquetSchema([
      SchemaNode("price", .int32, logicalType: .decimal(scale: 2, precision: 9)),
      SchemaNode(
        "local",
        .int64,
        repetition: .optional,
        logicalType: .timestamp(isAdjustedToUTC: false, unit: .milliseconds)
      ),
      SchemaNode("at", .int32, logicalType: .time(isAdjustedToUTC: false, unit: .milliseconds)),
      SchemaNode("id", .fixedLengthByteArray, length: 16, logicalType: .uuid),
      SchemaNode(
        "shown",
        group: [.list("a", of: SchemaNode("element", .int32, logicalType: .integer(bitWidth: 8, isSigned: true)))]
      ),
      SchemaNode("rest", .double, repetition: .optional),
    ])
    let rows = [
      Given(
        price: try #require(Decimal(string: "-9999999.99")),
        local: Date(timeIntervalSince1970: 0.125),
        at: ParquetTime(nanoseconds: 1_000_000),
        id: "00112233-4455-6677-8899-aabbccddeeff",
        shown: ["a": [-128, 127]]
      )
    ]
    let timestamp =
      "Timestamp(isAdjustedToUTC=false, timeUnit=milliseconds, is_from_converted_type=false, "
      + "force_set_converted_type=false)"
    try Pyarrow.check(
      try await ParquetEncoder(schema: schema).encode(rows),
      [
        PyarrowColumn(
          "price",
          "decimal128(9, 2) not null",
          "Decimal(precision=9, scale=2)",
          values: "Decimal('-9999999.99')"
        ),
        PyarrowColumn("local", "timestamp[ms]", timestamp, values: "'1970-01-01 00:00:00.125'"),
        PyarrowColumn(
          "at",
          "time32[ms] not null",
          "Time(isAdjustedToUTC=false, timeUnit=milliseconds)",
          values: "'00:00:00.001'"
        ),
        PyarrowColumn(
          "id",
          "extension<arrow.uuid> not null",
          "UUID",
          values: "UUID('00112233-4455-6677-8899-aabbccddeeff')"
        ),
        PyarrowColumn(
          "shown",
          "struct<a: list<element: int8 not null> not null> not null",
          "Int(bitWidth=8, isSigned=true)",
          values: "{'a': [-128, 127]}"
        ),
        PyarrowColumn("rest", "double", "None", values: "None"),
      ]
    )
  }
}

import ByteBuffers
import Testing

@testable import Parquet

/// Columns of nested rows, as they are handed to a file's writer.
struct RowsNestedWritingTests {
  private struct Inner: Codable, Equatable {
    var x: Int?
    var tags: [String]
  }

  private struct Row: Codable, Equatable {
    var inner: Inner?
    var lists: [[Int32?]]?
    var map: [String: Inner]
    var numbers: [Int: Bool]?
  }

  private static let rows = [
    Row(inner: nil, lists: nil, map: [:], numbers: nil),
    Row(
      inner: Inner(x: nil, tags: ["a", "b"]),
      lists: [[1, nil], [], [3]],
      map: ["k": Inner(x: 5, tags: []), "j": Inner(x: nil, tags: ["c"])],
      numbers: [7: true, -1: false]
    ),
    Row(inner: Inner(x: 9, tags: []), lists: [], map: [:], numbers: [:]),
  ]

  @Test func `the schema of nested types has standard lists and maps`() throws {
    #expect(
      try ParquetEncoder().inferredSchema(of: Self.rows).description == """
        message schema {
          optional group inner {
            optional int64 x;
            required group tags (LIST) {
              repeated group list {
                required byte_array element (STRING);
              }
            }
          }
          optional group lists (LIST) {
            repeated group list {
              required group element (LIST) {
                repeated group list {
                  optional int32 element;
                }
              }
            }
          }
          required group map (MAP) {
            repeated group key_value {
              required byte_array key (STRING);
              required group value {
                optional int64 x;
                required group tags (LIST) {
                  repeated group list {
                    required byte_array element (STRING);
                  }
                }
              }
            }
          }
          optional group numbers (MAP) {
            repeated group key_value {
              required int64 key;
              required boolean value;
            }
          }
        }
        """
    )
  }

  private func columns<T: Encodable>(_ rows: [T], _ schema: ParquetSchema) throws -> [Column] {
    let root = ColumnEncoder(schema, context: EncodingRun(ParquetEncoder()))
    for row in rows { try root.encode(row) }
    let column = root.takeColumn()
    #expect(column.count == rows.count)
    return column.fields
  }

  private func offsets(_ column: Column) -> [Int32] {
    guard case .list(let offsets, _) = column.storage else { return [] }
    return offsets.withUnsafeBytes { Array($0.bindMemory(to: Int32.self)) }
  }

  @Test func `nested rows become columns of structures, lists and maps`() throws {
    let columns = try columns(Self.rows, try ParquetEncoder().inferredSchema(of: Self.rows))
    #expect((0..<3).map { columns[0].isValid($0) } == [false, true, true])
    let x = columns[0].fields[0]
    #expect((0..<3).map { x.isValid($0) } == [false, false, true])
    #expect(x.bytes(at: 2).array == [9, 0, 0, 0, 0, 0, 0, 0])
    let tags = columns[0].fields[1]
    #expect(offsets(tags) == [0, 0, 2, 2])
    #expect(tags.elements.map { $0.bytes(at: 1).array } == [98])

    #expect((0..<3).map { columns[1].isValid($0) } == [false, true, true])
    #expect(offsets(columns[1]) == [0, 0, 3, 3])
    let inner = try #require(columns[1].elements)
    #expect(offsets(inner) == [0, 2, 2, 3])
    #expect(inner.elements?.nullCount == 1)
    #expect(inner.elements?.isValid(1) == false)

    #expect(offsets(columns[2]) == [0, 0, 2, 2])
    let entries = try #require(columns[2].elements)
    #expect((0..<2).map { String(decoding: entries.fields[0].bytes(at: $0).array, as: UTF8.self) } == ["j", "k"])
    #expect((0..<2).map { entries.fields[1].fields[0].isValid($0) } == [false, true])
    #expect(offsets(entries.fields[1].fields[1]) == [0, 1, 1])

    #expect((0..<3).map { columns[3].isValid($0) } == [false, true, true])
    #expect(columns[3].elements?.fields[1].storage.fixedBytes == [0, 1])
  }

  @Test func `nested rows come back from a file`() async throws {
    let rows = (0..<4000).map { Self.rows[$0 % 3] }
    let file = try await ParquetEncoder().encode(rows)
    #expect(try await ParquetDecoder().decode([Row].self, from: file) == rows)
    struct Part: Decodable {
      struct Inner: Decodable {
        var tags: [String]
      }
      var inner: Inner?
    }
    let parts = try await ParquetDecoder().decode([Part].self, from: file)
    #expect(parts.map(\.inner?.tags) == rows.map(\.inner?.tags))
  }

  @Test func `a row that fails halfway leaves the columns as they were`() throws {
    struct Failing: Encodable {
      struct Refusal: Error {}
      var row: Row
      var fails: Bool
      func encode(to encoder: any Encoder) throws {
        try row.encode(to: encoder)
        if fails { throw Refusal() }
      }
    }
    let schema = try ParquetEncoder().inferredSchema(of: Self.rows)
    let root = ColumnEncoder(schema, context: EncodingRun(ParquetEncoder()))
    for row in Self.rows {
      let before = root.count
      #expect(throws: Failing.Refusal.self) { try root.encode(Failing(row: Self.rows[1], fails: true)) }
      root.truncate(to: before)
      try root.encode(Failing(row: row, fails: false))
    }
    let own = root.takeColumn()
    let expected = ParquetEncoderColumns(try columns(Self.rows, schema))
    #expect(ParquetEncoderColumns(own.fields) == expected)
  }

  @Test func `containers that a type asks for by hand are filled`() throws {
    struct Manual: Encodable {
      enum Keys: String, CodingKey { case point, list, x, y }
      func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        var point = container.nestedContainer(keyedBy: Keys.self, forKey: .point)
        var list = container.nestedUnkeyedContainer(forKey: .list)
        try list.encode(1)
        try point.encode(2, forKey: .y)
        try list.encode(3)
        try point.encode(4, forKey: .x)
      }
    }
    let schema = ParquetSchema([
      .list("list", of: SchemaNode("element", .int32)),
      SchemaNode("point", group: [SchemaNode("x", .int32), SchemaNode("y", .int32)]),
    ])
    let columns = try columns([Manual(), Manual()], schema)
    #expect(offsets(columns[0]) == [0, 2, 4])
    #expect(columns[0].elements?.storage.fixedBytes?.filter { $0 != 0 } == [1, 3, 1, 3])
    #expect(columns[1].fields.map { $0.storage.fixedBytes?.filter { $0 != 0 } } == [[4, 4], [2, 2]])
  }
}

extension Column.Storage {
  fileprivate var fixedBytes: [UInt8]? {
    if case .fixed(let bytes, _) = self { return bytes.array }
    return nil
  }
}

/// Columns by their content.
private struct ParquetEncoderColumns: Equatable {
  let text: String

  init(_ columns: [Column]) {
    text = columns.map(ParquetEncoderColumns.describe).joined(separator: "\n")
  }

  private static func describe(_ column: Column) -> String {
    let valid = (0..<column.count).map { column.isValid($0) ? "1" : "0" }.joined()
    switch column.storage {
    case .fixed(let bytes, let width): return "\(valid) \(width) \(bytes.array)"
    case .variable(let offsets, let data): return "\(valid) \(offsets.array) \(data.array)"
    case .list(let offsets, let elements): return "\(valid) \(offsets.array) [\(describe(elements))]"
    case .structure(let fields): return "\(valid) {\(fields.map(describe).joined(separator: ", "))}"
    case .dictionary: return "dictionary"
    }
  }
}

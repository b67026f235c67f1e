import ByteBuffers
import Foundation
import Parquet
import ParquetFoundation
import Testing

/// Files that pyarrow wrote as rows; their values are stated in both languages.
@Suite(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
struct RowsOfPyarrowTests {
  private enum Colour: String, Codable {
    case red, green
  }

  private enum Level: Int8, Codable {
    case low = -128
    case high = 127
  }

  private enum Mask: UInt64, Codable {
    case none = 0
    case all = 0xffff_ffff_ffff_ffff
  }

  private func rows<T: Decodable>(_ type: T.Type, _ table: String, _ options: String = "") async throws -> [T] {
    try await ParquetDecoder().decode([T].self, from: try Pyarrow.file(table, options))
  }

  @Test func `integers of every width, and enumerations of them, have the values that were given`() async throws {
    let file = try Pyarrow.file(
      """
      table = pa.table({
        'flag': [True, None, False],
        'i8': pa.array([-128, 127, 127], pa.int8()),
        'i16': pa.array([-32768, None, 32767], pa.int16()),
        'i32': pa.array([-2**31, None, 2**31 - 1], pa.int32()),
        'i64': pa.array([-2**63, None, 2**63 - 1], pa.int64()),
        'u8': pa.array([0, None, 255], pa.uint8()),
        'u16': pa.array([0, None, 65535], pa.uint16()),
        'u32': pa.array([0, None, 2**32 - 1], pa.uint32()),
        'u64': pa.array([0, 2**64 - 1, 2**64 - 1], pa.uint64()),
      })
      """
    )
    struct Exact: Decodable, Equatable {
      var flag: Bool?
      var i8: Int8
      var i16: Int16?
      var i32: Int32?
      var i64: Int64?
      var u8: UInt8?
      var u16: UInt16?
      var u32: UInt32?
      var u64: UInt64
    }
    let exact = try await ParquetDecoder().decode([Exact].self, from: file)
    #expect(
      exact == [
        Exact(flag: true, i8: -128, i16: .min, i32: .min, i64: .min, u8: 0, u16: 0, u32: 0, u64: 0),
        Exact(flag: nil, i8: 127, i16: nil, i32: nil, i64: nil, u8: nil, u16: nil, u32: nil, u64: .max),
        Exact(flag: false, i8: 127, i16: .max, i32: .max, i64: .max, u8: .max, u16: .max, u32: .max, u64: .max),
      ]
    )
    struct Other: Decodable, Equatable {
      var i8: Level
      var u8: Int?
      var u32: Double?
      var i64: Int128?
      var u64: Mask
    }
    let other = try await ParquetDecoder().decode([Other].self, from: file)
    #expect(
      other == [
        Other(i8: .low, u8: 0, u32: 0, i64: Int128(Int64.min), u64: .none),
        Other(i8: .high, u8: nil, u32: nil, i64: nil, u64: .all),
        Other(i8: .high, u8: 255, u32: 4_294_967_295, i64: Int128(Int64.max), u64: .all),
      ]
    )
  }

  @Test func `floating point, text and bytes in every form have the values that were given`() async throws {
    struct Row: Decodable, Equatable {
      var half: Float?
      var single: Float?
      var double: Double
      var text: String?
      var large: String?
      var view: String
      var bytes: [UInt8]?
      var data: Data
      var fixed: [UInt8]?
    }
    let rows = try await rows(
      Row.self,
      """
      table = pa.table({
        'half': pa.array([1.5, None], pa.float16()),
        'single': pa.array([0.1, float('inf')], pa.float32()),
        'double': [0.1, 5e-324],
        'text': ['zürich', None],
        'large': pa.array(['', 'b'], pa.large_string()),
        'view': pa.array(['longer than twelve bytes', 'x'], pa.string_view()),
        'bytes': [b'\\x00\\xff', None],
        'data': [b'', b'\\x80'],
        'fixed': pa.array([b'abc', None], pa.binary(3)),
      })
      """
    )
    #expect(
      rows == [
        Row(
          half: 1.5,
          single: 0.1,
          double: 0.1,
          text: "zürich",
          large: "",
          view: "longer than twelve bytes",
          bytes: [0, 255],
          data: Data(),
          fixed: [97, 98, 99]
        ),
        Row(
          half: nil,
          single: .infinity,
          double: .leastNonzeroMagnitude,
          text: nil,
          large: "b",
          view: "x",
          bytes: nil,
          data: Data([128]),
          fixed: nil
        ),
      ]
    )
  }

  @Test(arguments: ["", "data_page_version='2.0', compression='zstd', data_page_size=900, write_batch_size=100"])
  func `texts come out of dictionaries, also of one that the writer gave up`(_ options: String) async throws {
    struct Row: Decodable, Equatable {
      var colour: Colour?
      var text: String
      var categories: String?
    }
    let rows = try await rows(
      Row.self,
      """
      table = pa.table({
        'colour': [['red', 'green', None][i % 3] for i in range(5000)],
        'text': ['text %d' % (i // 2) for i in range(5000)],
        'categories': pa.array([None if i % 7 == 0 else 'c%d' % (i % 5) for i in range(5000)]).dictionary_encode(),
      })
      """,
      "row_group_size=2100, dictionary_pagesize_limit=5000, \(options)"
    )
    #expect(rows.count == 5000)
    let expected = (0..<5000).map { index in
      Row(
        colour: [.red, .green, nil][index % 3],
        text: "text \(index / 2)",
        categories: index % 7 == 0 ? nil : "c\(index % 5)"
      )
    }
    #expect(rows == expected)
  }

  private struct Stop: Decodable, Equatable {
    var name: String
    var minutes: [Int?]
  }

  private struct Address: Decodable, Equatable {
    struct Place: Decodable, Equatable {
      var lat: Double
      var lon: Double?
    }
    var street: String?
    var place: Place?
  }

  private struct Line: Decodable, Equatable {
    var id: Int
    var home: Address?
    var stops: [Stop]?
    var tags: [String: Int?]?
    var matrix: [[Int32?]?]
    var byNumber: [Int: [String]]
    var byColour: [String: Address]
    var pair: [Float]?
  }

  private static let lines = """
    place = pa.struct([('lat', pa.float64()), ('lon', pa.float64())])
    address = pa.struct([('street', pa.string()), ('place', place)])
    stop = pa.struct([('name', pa.string()), ('minutes', pa.list_(pa.int8()))])
    table = pa.Table.from_pylist([
      {'id': 1, 'home': {'street': 'A', 'place': {'lat': 1.5, 'lon': None}},
       'stops': [{'name': 'x', 'minutes': [1, None, 3]}, {'name': 'y', 'minutes': []}],
       'tags': [('a', 1), ('b', None)], 'matrix': [[1, None], [], None], 'byNumber': [(7, ['p', 'q']), (-1, [])],
       'byColour': [('red', {'street': 'R', 'place': None})], 'pair': [1.0, 2.0]},
      {'id': 2, 'home': None, 'stops': None, 'tags': None, 'matrix': [], 'byNumber': [], 'byColour': [], 'pair': None},
      {'id': 3, 'home': {'street': None, 'place': None}, 'stops': [], 'tags': [], 'matrix': [[2]],
       'byNumber': [(0, [''])], 'byColour': [], 'pair': [3.0, 4.0]},
    ], schema=pa.schema([
      ('id', pa.int64()), ('home', address), ('stops', pa.list_(stop)), ('tags', pa.map_(pa.string(), pa.int32())),
      ('matrix', pa.large_list(pa.list_(pa.int32()))), ('byNumber', pa.map_(pa.int64(), pa.list_(pa.string()))),
      ('byColour', pa.map_(pa.string(), address)), ('pair', pa.list_(pa.float32(), 2)),
    ]))
    """

  @Test(arguments: ["", "use_compliant_nested_type=False, use_dictionary=False, data_page_version='2.0'"])
  func `structures, lists and maps have the values that were given`(_ options: String) async throws {
    let rows = try await rows(Line.self, Self.lines, options)
    #expect(
      rows == [
        Line(
          id: 1,
          home: Address(street: "A", place: Address.Place(lat: 1.5, lon: nil)),
          stops: [Stop(name: "x", minutes: [1, nil, 3]), Stop(name: "y", minutes: [])],
          tags: ["a": 1, "b": nil],
          matrix: [[1, nil], [], nil],
          byNumber: [7: ["p", "q"], -1: []],
          byColour: ["red": Address(street: "R", place: nil)],
          pair: [1, 2]
        ),
        Line(id: 2, home: nil, stops: nil, tags: nil, matrix: [], byNumber: [:], byColour: [:], pair: nil),
        Line(
          id: 3,
          home: Address(street: nil, place: nil),
          stops: [],
          tags: [:],
          matrix: [[2]],
          byNumber: [0: [""]],
          byColour: [:],
          pair: [3, 4]
        ),
      ]
    )
  }

  @Test func `fields that are missing, left over or called otherwise are found by their keys`() async throws {
    struct Home: Decodable, Equatable {
      var road: String?
      var country: String?
      var level: Level?
      enum CodingKeys: String, CodingKey {
        case road = "street"
        case country, level
      }
    }
    struct Row: Decodable, Equatable {
      var number: Int
      var place: Home?
      var remark: String?
      var extras: [String: Int]?
      var labels: [String: Int?]?
      var several: [Int]?
      enum CodingKeys: String, CodingKey {
        case number = "id"
        case place = "home"
        case labels = "tags"
        case remark, extras, several
      }
    }
    let rows = try await rows(Row.self, Self.lines)
    #expect(rows.map(\.number) == [1, 2, 3])
    #expect(rows[0].place == Home(road: "A", country: nil, level: nil))
    #expect(rows[1].place == nil)
    #expect(rows[0].labels == ["a": 1, "b": nil])
    #expect(rows.allSatisfy { $0.remark == nil && $0.extras == nil && $0.several == nil })
  }
}

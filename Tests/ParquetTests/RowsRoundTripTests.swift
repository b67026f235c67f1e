import ByteBuffers
import Foundation
import Parquet
import ParquetFoundation
import Testing

/// Rows that are written and read again.
struct RowsRoundTripTests {
  enum Colour: String, Codable {
    case red, green
  }

  enum Level: Int16, Codable {
    case low = -1
    case high = 1000
  }

  struct Flat: Codable, Equatable {
    var flag: Bool
    var small: Int8
    var wide: Int
    var unsigned: UInt32
    var large: UInt64?
    var ratio: Float
    var exact: Double?
    var text: String
    var bytes: [UInt8]
    var colour: Colour?
    var level: Level
    var instant: ParquetTimestamp
    var day: ParquetDate?
    var time: ParquetTime
    var amount: ParquetDecimal
    var span: ParquetInterval
    var identity: ParquetUUID
  }

  private func flat(_ index: Int) -> Flat {
    Flat(
      flag: index % 3 == 0,
      small: Int8(truncatingIfNeeded: index),
      wide: index * 1_000_003,
      unsigned: UInt32.max - UInt32(index),
      large: index % 5 == 0 ? nil : .max,
      ratio: Float(index) / 3,
      exact: index % 2 == 0 ? nil : 1 / Double(index),
      text: String(repeating: "ä", count: index % 9),
      bytes: [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: index % 4),
      colour: [nil, .red, .green][index % 3],
      level: index % 2 == 0 ? .low : .high,
      instant: ParquetTimestamp(seconds: Int64(index) - 500, nanoseconds: 123_456_000),
      day: index % 7 == 0 ? nil : ParquetDate(daysSince1970: Int32(index)),
      time: ParquetTime(nanoseconds: Int64(index) * 1000),
      amount: ParquetDecimal(unscaled: Int128(index) * -1_000_000_007, scale: 9),
      span: ParquetInterval(months: UInt32(index), days: 2, milliseconds: .max),
      identity: ParquetUUID(number: UInt128(index) << 64 | 5)
    )
  }

  @Test(arguments: [1, 2, 8, 1024, 1025, 5000])
  func `rows of every flat type come back`(_ count: Int) async throws {
    let rows = (0..<count).map(flat)
    let sink = MemorySink()
    let writer = ParquetEncoder().writer(of: Flat.self, to: sink)
    try await writer.append(contentsOf: rows)
    #expect(try await writer.close().rowCount == Int64(count))
    let file = await sink.contents.array
    #expect(try await ParquetDecoder().decode([Flat].self, from: file) == rows)
    // The same rows at once are the same bytes.
    #expect(try await ParquetEncoder().encode(rows) == file)
  }

  @Test func `the types say which schema rows have`() throws {
    #expect(
      try ParquetEncoder().inferredSchema(of: [flat(0)]).description == """
        message schema {
          required boolean flag;
          required int32 small (INTEGER(8,true));
          required int64 wide;
          required int32 unsigned (INTEGER(32,false));
          optional int64 large (INTEGER(64,false));
          required float ratio;
          optional double exact;
          required byte_array text (STRING);
          required byte_array bytes;
          optional byte_array colour (STRING);
          required int32 level (INTEGER(16,true));
          required int64 instant (TIMESTAMP(MICROS,true));
          optional int32 day (DATE);
          required int64 time (TIME(MICROS,true));
          required fixed_len_byte_array(16) amount (DECIMAL(38,9));
          required fixed_len_byte_array(12) span (INTERVAL);
          required fixed_len_byte_array(16) identity (UUID);
        }
        """
    )
  }

  @Test func `keys and fields differ by the strategy`() async throws {
    struct Trip: Codable, Equatable {
      var tripId: Int
      var startURLText: String?
      var _private: Int
    }
    var encoder = ParquetEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let rows = [Trip(tripId: 1, startURLText: nil, _private: 2)]
    #expect(
      try encoder.inferredSchema(of: [Trip(tripId: 1, startURLText: "x", _private: 2)]).fields.map(\.name) == [
        "trip_id", "start_url_text", "_private",
      ]
    )
    var decoder = ParquetDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    #expect(try await decoder.decode([Trip].self, from: try await encoder.encode(rows)) == rows)
    struct Upper: Codable {
      var TRIP_ID: Int
    }
    decoder.keyDecodingStrategy = .custom { path in
      CustomKey(stringValue: path.last?.stringValue.uppercased() ?? "") ?? CustomKey.none
    }
    #expect(try await decoder.decode([Upper].self, from: try await encoder.encode(rows))[0].TRIP_ID == 1)
  }

  private struct CustomKey: CodingKey {
    static let none = CustomKey("")
    var stringValue: String
    var intValue: Int? { nil }

    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  @Test func `types of Foundation come back`() async throws {
    struct Row: Codable, Equatable {
      var date: Date
      var data: Data?
      var uuid: UUID
      var amount: Decimal
      var link: URL?
    }
    let uuid = try #require(UUID(uuidString: "00112233-4455-6677-8899-AABBCCDDEEFF"))
    let row = Row(
      date: Date(timeIntervalSince1970: 1_700_000_000.25),
      data: Data([1, 2, 3]),
      uuid: uuid,
      amount: try #require(Decimal(string: "-12.345")),
      link: URL(string: "https://example.org/a?b=c")
    )
    let rows = [row, Row(date: .init(timeIntervalSince1970: -1.5), data: nil, uuid: uuid, amount: 1000, link: nil)]
    let file = try await ParquetEncoder().encode(rows)
    #expect(try await ParquetDecoder().decode([Row].self, from: file) == rows)
    struct Texts: Decodable {
      var uuid: String
      var amount: ParquetDecimal
      var date: Int64
    }
    let texts = try await ParquetDecoder().decode([Texts].self, from: file)
    #expect(texts[0].uuid == "00112233-4455-6677-8899-aabbccddeeff")
    #expect(texts[0].amount.description == "-12.345000000")
    #expect(texts[1].date == -1_500_000)
  }

  @Test func `integers of 128 bits come back from wherever they stand`() async throws {
    struct Pair: Codable, Equatable {
      var low: Int128
      var high: UInt128
      init(low: Int128, high: UInt128) { (self.low, self.high) = (low, high) }
      init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        low = try container.decode(Int128.self)
        high = UInt128(try container.decode(Int128.self))
      }
      func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(low)
        try container.encode(high)
      }
    }
    struct Wrapped: Codable, Equatable {
      var value: Int128
      init(value: Int128) { self.value = value }
      init(from decoder: any Decoder) throws { value = try decoder.singleValueContainer().decode(Int128.self) }
      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
      }
    }
    struct Row: Codable, Equatable {
      var plain: Int128
      var unsigned: UInt128
      var optional: Int128?
      var list: [Int128]
      var pair: Pair
      var wrapped: Wrapped
    }
    let large: Int128 = 99_999_999_999_999_999_999_999_999_999_999_999_999
    let rows = [
      Row(
        plain: large,
        unsigned: UInt128(large),
        optional: nil,
        list: [-large, 0],
        pair: Pair(low: -1, high: 1),
        wrapped: Wrapped(value: -7)
      ),
      Row(plain: 0, unsigned: 0, optional: -large, list: [], pair: Pair(low: 5, high: 0), wrapped: Wrapped(value: 7)),
    ]
    #expect(try await ParquetDecoder().decode([Row].self, from: try await ParquetEncoder().encode(rows)) == rows)
  }

  @Test func `files without rows and types without keys are read`() async throws {
    struct Nothing: Codable, Equatable {}
    let schema = ParquetSchema([SchemaNode("n", .int32)])
    struct Row: Codable, Equatable {
      var n: Int
    }
    let empty = try await ParquetEncoder(schema: schema).encode([Row]())
    #expect(try await ParquetDecoder().decode([Row].self, from: empty).isEmpty)
    let three = try await ParquetEncoder(schema: schema).encode([Row(n: 1), Row(n: 2), Row(n: 3)])
    #expect(try await ParquetDecoder().decode([Nothing].self, from: three).count == 3)
    #expect(try await ParquetDecoder().decode([[String: Int]].self, from: three) == [["n": 1], ["n": 2], ["n": 3]])
  }

  @Test func `a selection leaves out fields and row groups`() async throws {
    struct Row: Codable, Equatable {
      var a: Int?
      var b: Int
    }
    var encoder = ParquetEncoder()
    encoder.properties.rowGroupRows = 10
    let file = try await encoder.encode((0..<35).map { Row(a: $0, b: $0) })
    let selection = RowSelection(fields: [1], rowGroups: [1, 3])
    let rows = try await ParquetDecoder().decode([Row].self, from: file, selection: selection)
    #expect(rows == (Array(10..<20) + Array(30..<35)).map { Row(a: nil, b: $0) })
  }

  @Test func `fields that a later row asks for are read from that row on`() async throws {
    struct Row: Encodable {
      var kind: Int
      var a: Int
      var b: String
    }
    struct Choice: Decodable {
      var text: String
      enum CodingKeys: String, CodingKey { case kind, a, b }
      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if try container.decode(Int.self, forKey: .kind) == 0 {
          text = "\(try container.decode(Int.self, forKey: .a))"
        } else {
          // A field that is not read yet must not look like one that is not there.
          text = (try? container.decode(String.self, forKey: .b)) ?? "lost"
        }
      }
    }
    let rows = (0..<9000).map { Row(kind: $0 >= 8123 && $0 % 2 == 0 ? 1 : 0, a: $0, b: "b\($0)") }
    let file = try await ParquetEncoder().encode(rows)
    let choices = try await ParquetDecoder().decode([Choice].self, from: file)
    #expect(choices.map(\.text) == rows.map { $0.kind == 0 ? "\($0.a)" : $0.b })
  }

  @Test func `a hundred thousand rows are streamed`() async throws {
    struct Row: Codable, Equatable {
      var id: Int32
      var name: String?
    }
    let sink = MemorySink()
    let writer = ParquetEncoder().writer(of: Row.self, to: sink)
    for index in 0..<100_000 {
      try await writer.append(Row(id: Int32(index), name: index % 10 == 0 ? nil : "row \(index)"))
    }
    try await writer.close()
    let reader = try await NativeParquetCodec().openReader(MemorySource(await sink.contents))
    let rows = ParquetDecoder().rows(Row.self, from: reader)
    for _ in 0..<2 {
      var (sum, next, named) = (0, 0, 0)
      for try await row in rows {
        #expect(row.id == next)
        sum += Int(row.id)
        named += row.name == nil ? 0 : 1
        next += 1
      }
      #expect(next == 100_000)
      #expect(sum == 4_999_950_000)
      #expect(named == 90_000)
    }
  }
}

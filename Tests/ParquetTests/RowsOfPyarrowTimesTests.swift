import ByteBuffers
import Foundation
import Parquet
import ParquetFoundation
import Testing

/// Times, decimals and identifiers of files that pyarrow wrote, as rows; and files of it that have no rows.
@Suite(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
struct RowsOfPyarrowTimesTests {
  private func rows<T: Decodable>(_ type: T.Type, _ table: String, _ options: String = "") async throws -> [T] {
    try await ParquetDecoder().decode([T].self, from: try Pyarrow.file(table, options))
  }

  private struct Times: Decodable, Equatable {
    var ms: Date?
    var us: Date
    var ns: Date
    var local: ParquetTimestamp
    var exact: ParquetTimestamp
    var day: ParquetDate?
    var ofDay: ParquetTime
    var ofDayNanos: ParquetTime?
    enum CodingKeys: String, CodingKey {
      case ms, us, ns, local, day
      case exact = "nanos"
      case ofDay = "t32"
      case ofDayNanos = "t64"
    }
  }

  @Test func `times of every unit have the values that were given`() async throws {
    // 2023-11-14 22:13:20 UTC is second 1,700,000,000.
    let rows = try await rows(
      Times.self,
      """
      table = pa.table({
        'ms': pa.array([1700000000250, None], pa.timestamp('ms', 'UTC')),
        'us': pa.array([1700000000250000, -1500000], pa.timestamp('us', 'Europe/Zurich')),
        'ns': pa.array([1700000000250000000, -1500000000], pa.timestamp('ns', 'UTC')),
        'local': pa.array([1700000000123456, -1], pa.timestamp('us')),
        'nanos': pa.array([1700000000123456789, -1], pa.timestamp('ns', 'UTC')),
        'day': pa.array([date(2023, 11, 14), None], pa.date32()),
        't32': pa.array([time(22, 13, 20, 250000), time(0)], pa.time32('ms')),
        't64': pa.array([86399999999999, None], pa.time64('ns')),
      })
      """
    )
    let instant = Date(timeIntervalSince1970: 1_700_000_000.25)
    let early = Date(timeIntervalSince1970: -1.5)
    #expect(
      rows == [
        Times(
          ms: instant,
          us: instant,
          ns: instant,
          local: ParquetTimestamp(seconds: 1_700_000_000, nanoseconds: 123_456_000, isAdjustedToUTC: false),
          exact: ParquetTimestamp(seconds: 1_700_000_000, nanoseconds: 123_456_789),
          day: ParquetDate(year: 2023, month: 11, day: 14),
          ofDay: ParquetTime(nanoseconds: 80_000_250_000_000, isAdjustedToUTC: false),
          ofDayNanos: ParquetTime(nanoseconds: 86_399_999_999_999, isAdjustedToUTC: false)
        ),
        Times(
          ms: nil,
          us: early,
          ns: early,
          local: ParquetTimestamp(seconds: -1, nanoseconds: 999_999_000, isAdjustedToUTC: false),
          exact: ParquetTimestamp(seconds: -1, nanoseconds: 999_999_999),
          day: nil,
          ofDay: ParquetTime(nanoseconds: 0, isAdjustedToUTC: false),
          ofDayNanos: nil
        ),
      ]
    )
  }

  @Test func `INT96 is read as a Date too`() async throws {
    struct Row: Decodable {
      var t: Date?
    }
    let rows = try await rows(
      Row.self,
      "table = pa.table({'t': pa.array([1700000000250000, None, -1500000], pa.timestamp('us'))})",
      "use_deprecated_int96_timestamps=True"
    )
    #expect(rows.map(\.t?.timeIntervalSince1970) == [1_700_000_000.25, nil, -1.5])
  }

  @Test(arguments: ["", "store_decimal_as_integer=True", "use_dictionary=False, column_encoding='BYTE_STREAM_SPLIT'"])
  func `decimals of every size have the values that were given`(_ options: String) async throws {
    struct Row: Decodable, Equatable {
      var small: Decimal
      var price: Decimal?
      var huge: ParquetDecimal
      var wide: Decimal
      var whole: Int
    }
    let rows = try await rows(
      Row.self,
      """
      table = pa.table({
        'small': pa.array([Decimal('-9.9'), Decimal('0.1')], pa.decimal128(2, 1)),
        'price': pa.array([Decimal('123456789.01'), None], pa.decimal128(18, 2)),
        'huge': pa.array([Decimal('9' * 38), Decimal('-' + '9' * 38)], pa.decimal128(38, 0)),
        'wide': pa.array([Decimal('1.5'), Decimal('-1.25')], pa.decimal256(50, 10)),
        'whole': pa.array([Decimal('12'), Decimal('-7')], pa.decimal128(9, 3)),
      })
      """,
      options
    )
    let nines = try #require(Int128(String(repeating: "9", count: 38)))
    let first = Row(
      small: try #require(Decimal(string: "-9.9")),
      price: Decimal(string: "123456789.01"),
      huge: ParquetDecimal(unscaled: nines, scale: 0),
      wide: try #require(Decimal(string: "1.5")),
      whole: 12
    )
    let second = Row(
      small: try #require(Decimal(string: "0.1")),
      price: nil,
      huge: ParquetDecimal(unscaled: -nines, scale: 0),
      wide: try #require(Decimal(string: "-1.25")),
      whole: -7
    )
    #expect(rows == [first, second])
  }

  @Test func `identifiers and links are read from their bytes and from their text`() async throws {
    struct Row: Decodable, Equatable {
      var stored: UUID?
      var plain: ParquetUUID
      var text: UUID
      var link: URL?
    }
    let rows = try await rows(
      Row.self,
      """
      table = pa.table({
        'stored': pa.array([uuid.UUID('00112233-4455-6677-8899-aabbccddeeff').bytes, None], pa.uuid()),
        'plain': pa.array([bytes(range(16)), bytes(16)], pa.binary(16)),
        'text': ['00112233-4455-6677-8899-aabbccddeeff', 'FFEEDDCC-BBAA-9988-7766-554433221100'],
        'link': ['https://example.org/a?b=c', None],
      })
      """
    )
    let first = Row(
      stored: UUID(uuidString: "00112233-4455-6677-8899-AABBCCDDEEFF"),
      plain: ParquetUUID(number: 0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f),
      text: try #require(UUID(uuidString: "00112233-4455-6677-8899-AABBCCDDEEFF")),
      link: URL(string: "https://example.org/a?b=c")
    )
    let second = Row(
      stored: nil,
      plain: ParquetUUID(number: 0),
      text: try #require(UUID(uuidString: "FFEEDDCC-BBAA-9988-7766-554433221100")),
      link: nil
    )
    #expect(rows == [first, second])
  }

  @Test func `an enumeration without the value names row and field`() async throws {
    enum Colour: String, Decodable {
      case red
    }
    struct Row: Decodable {
      var colours: [Colour]
    }
    let file = try Pyarrow.file("table = pa.table({'colours': [['red'], ['red', 'blue']]})")
    let error = await #expect(throws: DecodingError.self) {
      _ = try await ParquetDecoder().decode([Row].self, from: file)
    }
    guard case .dataCorrupted(let context) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(context.codingPath.map(\.stringValue) == ["Index 1", "colours", "Index 1"])
    #expect(context.debugDescription.contains("blue"))
  }

  private struct Sound: Decodable {
    var id: Int
    var home: [String: Double]?
  }

  private struct Unsound: Decodable {
    var noSuchField: Int
  }

  @Test(arguments: [
    "table = pa.table({'id': pa.array([], pa.int64()), 'home': pa.array([], pa.map_(pa.string(), pa.float64()))})",
    "table = pa.schema([('id', pa.int64())]).empty_table()",
  ])
  func `a file without rows has none of any type`(_ table: String) async throws {
    let file = try Pyarrow.file(table)
    #expect(try await ParquetDecoder().decode([Sound].self, from: file).isEmpty)
    // What a type asks for shows when it decodes a row: there is none that could refuse.
    #expect(try await ParquetDecoder().decode([Unsound].self, from: file).isEmpty)
    for try await _ in try await ParquetDecoder().rows(Sound.self, from: MemorySource(Bytes(file))) {
      Issue.record("there is a row")
    }
  }

  @Test func `row groups without rows are passed over`() async throws {
    let file = try Pyarrow.file(
      writtenBy: """
        table = pa.table({'id': [1, 2, 3, 4]})
        with pq.ParquetWriter(path, table.schema) as writer:
            for part in (table[:0], table[:3], table[:0], table[3:], table[:0]):
                writer.write_table(part)
        """
    )
    let groups = try await NativeParquetCodec().openReader(MemorySource(Bytes(file))).metadata.rowGroups
    #expect(groups.map(\.rowCount) == [0, 3, 0, 1, 0])
    #expect(try await ParquetDecoder().decode([Sound].self, from: file).map(\.id) == [1, 2, 3, 4])
  }
}

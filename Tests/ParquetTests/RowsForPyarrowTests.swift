import ByteBuffers
import Foundation
import Parquet
import ParquetFoundation
import Testing

/// Rows that `ParquetEncoder` wrote, as pyarrow reads them: types and values are stated in its words.
@Suite(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
struct RowsForPyarrowTests {
  private enum Colour: String, Encodable {
    case red, green
  }

  private enum Level: Int16, Encodable {
    case low = -1
    case high = 1000
  }

  private struct Numbers: Encodable {
    var flag: Bool?
    var i8: Int8
    var i16: Int16?
    var i32: Int32
    var i64: Int64?
    var int: Int
    var i128: Int128
    var u8: UInt8
    var u16: UInt16
    var u32: UInt32?
    var u64: UInt64
    var single: Float
    var double: Double?
    var level: Level
  }

  @Test func `numbers have the types of the properties`() async throws {
    let first = Numbers(
      flag: true,
      i8: -128,
      i16: .min,
      i32: .min,
      i64: .min,
      int: .max,
      i128: -7,
      u8: 255,
      u16: .max,
      u32: .max,
      u64: .max,
      single: 1.5,
      double: 0.1,
      level: .high
    )
    let second = Numbers(
      i8: 127,
      i32: .max,
      int: 0,
      i128: 1 << 100,
      u8: 0,
      u16: 0,
      u64: 0,
      single: -.infinity,
      level: .low
    )
    try Pyarrow.check(
      try await ParquetEncoder().encode([first, second]),
      [
        PyarrowColumn("flag", "bool", "None", values: "True, None"),
        PyarrowColumn("i8", "int8 not null", "Int(bitWidth=8, isSigned=true)", values: "-128, 127"),
        PyarrowColumn("i16", "int16", "Int(bitWidth=16, isSigned=true)", values: "-32768, None"),
        PyarrowColumn("i32", "int32 not null", "None", values: "-2147483648, 2147483647"),
        PyarrowColumn("i64", "int64", "None", values: "-9223372036854775808, None"),
        PyarrowColumn("int", "int64 not null", "None", values: "9223372036854775807, 0"),
        PyarrowColumn(
          "i128",
          "decimal128(38, 0) not null",
          "Decimal(precision=38, scale=0)",
          values: "Decimal('-7'), Decimal('1267650600228229401496703205376')"
        ),
        PyarrowColumn("u8", "uint8 not null", "Int(bitWidth=8, isSigned=false)", values: "255, 0"),
        PyarrowColumn("u16", "uint16 not null", "Int(bitWidth=16, isSigned=false)", values: "65535, 0"),
        PyarrowColumn("u32", "uint32", "Int(bitWidth=32, isSigned=false)", values: "4294967295, None"),
        PyarrowColumn("u64", "uint64 not null", "Int(bitWidth=64, isSigned=false)", values: "18446744073709551615, 0"),
        PyarrowColumn("single", "float not null", "None", values: "1.5, -inf"),
        PyarrowColumn("double", "double", "None", values: "0.1, None"),
        PyarrowColumn("level", "int16 not null", "Int(bitWidth=16, isSigned=true)", values: "1000, -1"),
      ]
    )
  }

  private struct Values: Encodable {
    var text: String
    var colour: Colour?
    var bytes: [UInt8]?
    var data: Data
    var date: Date
    var instant: ParquetTimestamp?
    var day: ParquetDate
    var ofDay: ParquetTime
    var amount: Decimal
    var exact: ParquetDecimal?
    var identity: UUID
    var span: ParquetInterval
    var link: URL?
  }

  @Test func `texts, times, decimals and identifiers have the logical types of their meaning`() async throws {
    let identity = try #require(UUID(uuidString: "00112233-4455-6677-8899-AABBCCDDEEFF"))
    let first = Values(
      text: "zürich",
      colour: .red,
      bytes: [0, 255],
      data: Data([97]),
      date: Date(timeIntervalSince1970: 1_700_000_000.25),
      instant: ParquetTimestamp(seconds: -1, nanoseconds: 999_999_000),
      day: ParquetDate(daysSince1970: 19_675),
      ofDay: ParquetTime(nanoseconds: 80_000_250_000_000),
      amount: try #require(Decimal(string: "-12.345")),
      exact: ParquetDecimal(unscaled: 15, scale: 1),
      identity: identity,
      span: ParquetInterval(months: 1, days: 2, milliseconds: 3),
      link: URL(string: "https://example.org/a?b=c")
    )
    let second = Values(
      text: "",
      data: Data(),
      date: Date(timeIntervalSince1970: 0),
      day: ParquetDate(daysSince1970: -1),
      ofDay: ParquetTime(nanoseconds: 0),
      amount: 1000,
      identity: identity,
      span: ParquetInterval(months: 0, days: 0, milliseconds: .max)
    )
    let timestamp =
      "Timestamp(isAdjustedToUTC=true, timeUnit=microseconds, is_from_converted_type=false, "
      + "force_set_converted_type=false)"
    let decimal = "Decimal(precision=38, scale=9)"
    try Pyarrow.check(
      try await ParquetEncoder().encode([first, second]),
      [
        PyarrowColumn("text", "string not null", "String", values: "'zürich', ''"),
        PyarrowColumn("colour", "string", "String", values: "'red', None"),
        PyarrowColumn("bytes", "binary", "None", values: #"b'\x00\xff', None"#),
        PyarrowColumn("data", "binary not null", "None", values: "b'a', b''"),
        PyarrowColumn(
          "date",
          "timestamp[us, tz=UTC] not null",
          timestamp,
          values: "'2023-11-14 22:13:20.250000Z', '1970-01-01 00:00:00.000000Z'"
        ),
        PyarrowColumn("instant", "timestamp[us, tz=UTC]", timestamp, values: "'1969-12-31 23:59:59.999999Z', None"),
        PyarrowColumn("day", "date32[day] not null", "Date", values: "'2023-11-14', '1969-12-31'"),
        PyarrowColumn(
          "ofDay",
          "time64[us] not null",
          "Time(isAdjustedToUTC=true, timeUnit=microseconds)",
          values: "'22:13:20.250000', '00:00:00.000000'"
        ),
        PyarrowColumn(
          "amount",
          "decimal128(38, 9) not null",
          decimal,
          values: "Decimal('-12.345000000'), Decimal('1000.000000000')"
        ),
        PyarrowColumn("exact", "decimal128(38, 9)", decimal, values: "Decimal('1.500000000'), None"),
        PyarrowColumn(
          "identity",
          "extension<arrow.uuid> not null",
          "UUID",
          values: [String](repeating: "UUID('00112233-4455-6677-8899-aabbccddeeff')", count: 2).joined(separator: ", ")
        ),
        PyarrowColumn(
          "span",
          "fixed_size_binary[12] not null",
          "Interval",
          values: #"b'\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00', "#
            + #"b'\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff'"#
        ),
        PyarrowColumn("link", "string", "String", values: "'https://example.org/a?b=c', None"),
      ]
    )
  }
}

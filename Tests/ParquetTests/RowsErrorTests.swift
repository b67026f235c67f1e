import ByteBuffers
import Parquet
import Testing

/// What is said where rows and types do not fit.
struct RowsErrorTests {
  private struct Number<T: Codable>: Codable {
    var n: T
  }

  private func error<T: Decodable>(_ type: T.Type, _ file: [UInt8]) async -> DecodingError? {
    do {
      _ = try await ParquetDecoder().decode([T].self, from: file)
      return nil
    } catch {
      return error as? DecodingError
    }
  }

  private func context(_ error: DecodingError?) -> DecodingError.Context? {
    switch error {
    case .dataCorrupted(let context): context
    case .keyNotFound(_, let context), .typeMismatch(_, let context), .valueNotFound(_, let context): context
    default: nil
    }
  }

  @Test func `a number that does not fit names column, row and number`() async throws {
    let file = try await ParquetEncoder().encode([Number(n: 1), Number(n: 300)])
    let error = await error(Number<Int8>.self, file)
    guard case .dataCorrupted(let context) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(context.codingPath.map(\.stringValue) == ["Index 1", "n"])
    #expect(context.codingPath[0].intValue == 1)
    #expect(context.debugDescription == "Column 'n', which holds INT64, row 1: 300 does not fit Int8.")
    let unsigned = try await ParquetEncoder().encode([Number(n: UInt64.max)])
    #expect(
      self.context(await self.error(Number<Int>.self, unsigned))?.debugDescription
        == "Column 'n', which holds INT64 (INTEGER(64,false)), row 0: 18446744073709551615 does not fit Int."
    )
    #expect(try await ParquetDecoder().decode([Number<UInt64>].self, from: unsigned)[0].n == .max)
  }

  @Test func `another type names what the column holds`() async throws {
    let file = try await ParquetEncoder().encode([Number(n: "x")])
    let error = await error(Number<Int>.self, file)
    guard case .typeMismatch(let type, let context) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(type is Int.Type)
    #expect(context.debugDescription == "Column 'n', which holds BYTE_ARRAY (STRING), row 0: cannot be decoded as Int.")
  }

  @Test func `a null and a missing column are told apart`() async throws {
    struct Other: Codable {
      var other: Int
    }
    let file = try await ParquetEncoder().encode([Number<Int?>(n: 1), Number<Int?>(n: nil)])
    guard case .valueNotFound(_, let null) = await error(Number<Int>.self, file) else {
      Issue.record("a null was decoded")
      return
    }
    #expect(null.codingPath.map(\.stringValue) == ["Index 1", "n"])
    #expect(null.debugDescription.contains("Declare the property Optional"))
    guard case .keyNotFound(let key, let missing) = await error(Other.self, file) else {
      Issue.record("a missing column was decoded")
      return
    }
    #expect(key.stringValue == "other")
    #expect(missing.debugDescription == "The file has no field for the key 'other'; its fields' keys are 'n'.")
  }

  @Test func `bytes that are no text are refused as text`() async throws {
    let file = try await ParquetEncoder().encode([Number<[UInt8]>(n: [0xff, 0xfe])])
    let context = context(await error(Number<String>.self, file))
    #expect(context?.debugDescription.contains("the 2 bytes are not UTF-8") == true)
    #expect(try await ParquetDecoder().decode([Number<[UInt8]>].self, from: file)[0].n == [0xff, 0xfe])
  }

  @Test func `an element that does not fit is named by its position`() async throws {
    guard Surroundings.corpus != nil else { return }
    struct Row: Decodable {
      var int_array: [Int]?
    }
    let source = try RowsCorpusTests.source("nullable.impala")
    do {
      _ = try await ParquetDecoder().decode([Row].self, from: source)
      Issue.record("a null element was decoded")
    } catch let error as DecodingError {
      #expect(context(error)?.codingPath.map(\.stringValue) == ["Index 1", "int_array", "Index 0"])
    }
  }

  @Test func `a row that does not fit the schema is refused and left out`() async throws {
    let schema = ParquetSchema([SchemaNode("n", .int32, logicalType: .integer(bitWidth: 8, isSigned: true))])
    let sink = MemorySink()
    let writer = ParquetEncoder(schema: schema).writer(of: Number<Int>.self, to: sink)
    try await writer.append(Number(n: -128))
    do {
      try await writer.append(Number(n: 128))
      Issue.record("128 was written into 8 bits")
    } catch let EncodingError.invalidValue(value, context) {
      #expect(value as? Int == 128)
      #expect(context.debugDescription.contains("Column 'n' (INT32 (INTEGER(8,true))), row 1: 128 does not fit."))
    }
    try await writer.append(Number(n: 127))
    #expect(try await writer.close().rowCount == 2)
    let rows = try await ParquetDecoder().decode([Number<Int8>].self, from: await sink.contents.array)
    #expect(rows.map(\.n) == [-128, 127])
  }

  private struct Two: Codable {
    var a: Int?
    var b: Int
  }

  /// What is said of a row that is written with a schema; empty when it is written.
  private func message(_ fields: [SchemaNode]) async -> String {
    do {
      _ = try await ParquetEncoder(schema: ParquetSchema(fields)).encode([Two(a: nil, b: 1)])
      return ""
    } catch {
      guard case EncodingError.invalidValue(_, let context) = error else { return "\(error)" }
      return context.debugDescription
    }
  }

  @Test func `keys without a field, and fields without a value, are refused`() async throws {
    let b = SchemaNode("b", .int64)
    #expect(await message([SchemaNode("a", .int64, repetition: .optional), b]) == "")
    #expect(await message([b]) == "")
    #expect(await message([SchemaNode("c", .int64)]).contains("has no field 'b'"))
    #expect(await message([SchemaNode("c", .int64), b]).contains("is REQUIRED and has no value"))
    #expect(await message([SchemaNode("c", .int64, repetition: .optional), b]) == "")
    #expect(await message([SchemaNode("b", .byteArray, logicalType: .string)]).contains("cannot hold a value of Int"))
  }

  private struct Inner: Codable {
    var x: Int
  }

  private struct Outer: Codable {
    var id: Int
    var inner: Inner?
  }

  /// The inferred schema, or why there is none.
  private func message<T: Encodable>(_ rows: [T]) -> String {
    do {
      return try ParquetEncoder().inferredSchema(of: rows).description
    } catch {
      return "\(error)"
    }
  }

  @Test func `what cannot be inferred is named`() {
    #expect(message([Outer(id: 1, inner: nil)]).contains("'inner' is Inner, of which no row has a value"))
    #expect(message([Outer]()).contains("There is no row to infer the schema of Outer from"))
    #expect(message([Outer(id: 1, inner: nil), Outer(id: 2, inner: Inner(x: 1))]).contains("optional group inner"))
    #expect(message([1, 2]).contains("encodes no keys"))
  }
}

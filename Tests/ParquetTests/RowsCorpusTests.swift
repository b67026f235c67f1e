import ByteBuffers
import Foundation
import Parquet
import ParquetFoundation
import Testing

/// Files of the public corpus as rows; what they hold is known from their descriptions and from other readers.
@Suite(.enabled(if: Surroundings.corpus != nil, "the corpus is not here"))
struct RowsCorpusTests {
  static func source(_ name: String) throws -> MemorySource {
    let path = try #require(Surroundings.corpus).appendingPathComponent("data/\(name).parquet")
    return MemorySource(Bytes(try Surroundings.bytes(path)), name: name)
  }

  private func rows<T: Decodable>(_ type: T.Type, _ name: String, snake: Bool = false) async throws -> [T] {
    var decoder = ParquetDecoder()
    if snake { decoder.keyDecodingStrategy = .convertFromSnakeCase }
    return try await decoder.decode([T].self, from: try Self.source(name))
  }

  @Test func `every plain type of a file of Impala is decoded`() async throws {
    struct Row: Decodable, Equatable {
      var id: Int
      var boolCol: Bool
      var tinyintCol: Int8
      var smallintCol: UInt16?
      var bigintCol: Int64
      var floatCol: Float
      var doubleCol: Double
      var dateStringCol: String
      var stringCol: [UInt8]
      var timestampCol: ParquetTimestamp
      var noSuchCol: Int?
    }
    let rows = try await rows(Row.self, "alltypes_plain", snake: true)
    #expect(rows.map(\.id) == [4, 5, 6, 7, 2, 3, 0, 1])
    let row = Row(
      id: 7,
      boolCol: false,
      tinyintCol: 1,
      smallintCol: 1,
      bigintCol: 10,
      floatCol: 1.1,
      doubleCol: 10.1,
      dateStringCol: "04/01/09",
      stringCol: [49],
      timestampCol: ParquetTimestamp(seconds: 1_238_544_060),
      noSuchCol: nil
    )
    #expect(rows[3] == row)
    #expect(row.timestampCol.description == "2009-04-01T00:01:00Z")
  }

  @Test func `structures are decoded, and only those that are asked for`() async throws {
    struct Summary: Decodable {
      var min: Int64
      var count: UInt64
    }
    struct Row: Decodable {
      var roll_num: Summary
    }
    let rows = try await rows(Row.self, "nested_structs.rust")
    let json = try #require(Surroundings.corpus).appendingPathComponent(
      "canon/nested_structs.rust.parquet.pyarrow.json.gz"
    )
    let truth = try TruthJSON.table(try Surroundings.run("gzip", ["-dc", json.path]))
    guard case .structure(let names, let values) = truth.rows[0][0] else {
      Issue.record("the truth has no structure")
      return
    }
    #expect(names.prefix(4) == ["min", "max", "mean", "count"])
    #expect(rows.map { CanonicalValue.whole(Int128($0.roll_num.min)) } == [values[0]])
    #expect(rows.map { CanonicalValue.whole(Int128($0.roll_num.count)) } == [values[3]])
  }

  private struct Nested: Decodable, Equatable {
    struct Inner: Decodable, Equatable {
      var E: Int?
      var F: String?
    }
    struct C: Decodable, Equatable {
      var d: [[Inner?]?]?
    }
    struct H: Decodable, Equatable {
      var i: [Double?]?
    }
    struct G: Decodable, Equatable {
      var H: H?
    }
    struct Structure: Decodable, Equatable {
      var A: Int?
      var b: [Int?]?
      var C: C?
      var g: [String: G?]?
    }
    var id: Int64?
    var int_array: [Int32?]?
    var int_array_Array: [[Int?]?]?
    var int_map: [String: Int?]?
    var nested_struct: Structure?
  }

  @Test func `lists, maps and structures with nulls at every level are decoded`() async throws {
    let rows = try await rows(Nested.self, "nullable.impala")
    #expect(rows.count == 7)
    #expect(rows[1].int_array == [nil, 1, 2, nil, 3, nil])
    let lists: [[Int?]?] = [[nil, 1, 2, nil], [3, nil, 4], [], nil]
    #expect(rows[1].int_array_Array == lists)
    let map: [String: Int?] = ["k1": 2, "k2": nil]
    #expect(rows[1].int_map == map)
    let structure = try #require(rows[1].nested_struct)
    #expect(structure.A == nil)
    #expect(structure.C?.d?[1] == [Nested.Inner(E: 11, F: "c"), nil])
    #expect(structure.C?.d?.count == 4)
    #expect(structure.C?.d?[3] == nil)
    #expect(structure.g?["g1"] == Nested.G(H: Nested.H(i: [2.2, nil])))
    #expect(structure.g?["g2"] == Nested.G(H: Nested.H(i: [])))
    #expect(structure.g?.keys.sorted() == ["g1", "g2", "g3", "g4", "g5"])
    #expect(structure.g?["g3"] == .some(nil))
    #expect(structure.g?["g5"] == Nested.G(H: nil))
    #expect(rows[2].int_array == [])
    #expect(rows[2].int_map == [:])
  }

  @Test func `maps are dictionaries, or arrays of their entries`() async throws {
    struct Entry: Decodable {
      var key: String
      var value: [Int: Bool]?
    }
    struct Both: Decodable {
      var a: [String: [Int: Bool]?]
    }
    struct Entries: Decodable {
      var a: [Entry]
    }
    let dictionaries = try await rows(Both.self, "nested_maps.snappy")
    let entries = try await rows(Entries.self, "nested_maps.snappy")
    #expect(dictionaries.map { $0.a.keys.joined() } == ["a", "b", "c", "d", "e", "f"])
    #expect(entries.map { $0.a.map(\.key) } == [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]])
    #expect(dictionaries[0].a["a"] == [1: true, 2: false])
    #expect(entries[5].a[0].value == [3: true, 4: false, 5: true])
    #expect(entries[2].a[0].value == nil)
    #expect(entries[3].a[0].value == [:])
  }

  @Test func `timestamps of INT96 outside of 64 bits of nanoseconds are exact`() async throws {
    struct Row: Decodable {
      var a: ParquetTimestamp?
    }
    struct Dates: Decodable {
      var a: Date?
    }
    let rows = try await rows(Row.self, "int96_from_spark")
    #expect(
      rows.map { $0.a?.ticks(.microseconds) } == [
        1_704_141_296_123_456, 1_704_070_800_000_000, 253_402_225_200_000_000, 1_735_599_600_000_000, nil,
        9_089_380_393_200_000_000,
      ]
    )
    #expect(rows[2].a?.ticks(.nanoseconds) == nil)
    #expect(rows[2].a?.description == "9999-12-31T03:00:00Z")
    let dates = try await self.rows(Dates.self, "int96_from_spark")
    #expect(dates[1].a == Date(timeIntervalSince1970: 1_704_070_800))
  }

  @Test(arguments: ["int32_decimal", "int64_decimal", "fixed_length_decimal", "byte_array_decimal"])
  func `decimals of every physical type are decoded`(_ file: String) async throws {
    struct Row<Value: Decodable>: Decodable {
      var value: Value
    }
    #expect(try await rows(Row<ParquetDecimal>.self, file).map(\.value.description) == (1...24).map { "\($0).00" })
    #expect(try await rows(Row<Double>.self, file).map(\.value) == (1...24).map(Double.init))
    #expect(try await rows(Row<Int>.self, file).map(\.value) == Array(1...24))
    #expect(try await rows(Row<Decimal>.self, file).map(\.value) == (1...24).map { Decimal($0) })
  }

  @Test func `older forms of lists and half precision are decoded`() async throws {
    struct Old: Decodable {
      var a: [[Int32]]
    }
    #expect(try await rows(Old.self, "old_list_structure").map(\.a) == [[[1, 2], [3, 4]]])
    struct NoValue: Decodable {
      var my_map: [Int: Int?]
      var my_map_no_v: [Int]
    }
    #expect(
      try await rows(NoValue.self, "map_no_value").map { $0.my_map.keys.sorted() } == [
        [1, 2, 3], [4, 5, 6], [7, 8, 9],
      ]
    )
    #expect(try await rows(NoValue.self, "map_no_value").map(\.my_map_no_v) == [[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    struct Half: Decodable {
      var x: Float?
    }
    let halves = try await rows(Half.self, "float16_nonzeros_and_nans").map(\.x)
    #expect(halves[0..<3] == [nil, 1, -2])
    struct Phones: Decodable {
      struct Phone: Decodable {
        var number: Int64
        var kind: String?
      }
      struct Numbers: Decodable {
        var phone: [Phone]
      }
      var id: Int
      var phoneNumbers: Numbers?
    }
    let phones = try await rows(Phones.self, "repeated_no_annotation")
    #expect(phones.map(\.id) == [1, 2, 3, 4, 5, 6])
    #expect(phones[0].phoneNumbers == nil)
    #expect(phones[2].phoneNumbers?.phone.count == 0)
  }

  @Test func `bytes of fixed length are decoded`() async throws {
    struct Row: Decodable {
      var flba_field: [UInt8]?
    }
    struct DataRow: Decodable {
      var flba_field: Data?
    }
    let rows = try await rows(Row.self, "fixed_length_byte_array")
    #expect(rows.count == 1000)
    #expect(rows[0].flba_field == [0, 0, 3, 0xe8])
    #expect(rows[1].flba_field == nil)
    #expect(try await self.rows(DataRow.self, "fixed_length_byte_array")[0].flba_field == Data([0, 0, 3, 0xe8]))
  }
}

@testable import Parquet

/// Tables that exercise every physical type.
enum TestData {
  static let simpleTypes: [(PhysicalType, Int)] = [
    (.boolean, 0), (.int32, 0), (.int64, 0), (.float, 0), (.double, 0), (.byteArray, 0), (.fixedLengthByteArray, 5),
  ]

  /// A value of a type, one of about `distinct` different ones.
  static func value(_ type: PhysicalType, _ length: Int, distinct: Int, _ random: inout TestRandom) -> Datum {
    let number = Int64.random(in: 0..<Int64(distinct), using: &random)
    switch type {
    case .boolean: return .value([UInt8(number & 1)])
    case .int32: return .int32(Int32(truncatingIfNeeded: number &* 0x1234_5679))
    case .int64: return .int64(number &* 0x1234_5678_9abc_def1)
    case .float: return .float(Float(number) / 8 - 3)
    case .double: return .double(Double(number) / 3 - 100)
    // Within the years that nanoseconds in 64 bits can say.
    case .int96: return .value(int64Bytes(number) + int64Bytes(2_450_000 + number % 1000).prefix(4))
    case .byteArray:
      return .value(Array(String(repeating: "\(number)ä", count: Int(number % 9)).utf8))
    case .fixedLengthByteArray:
      return .value((0..<length).map { UInt8(truncatingIfNeeded: number &* 31 &+ Int64($0)) })
    }
  }

  static func int64Bytes(_ number: Int64) -> [UInt8] { Datum.int64(number).bytes }

  /// A table of ``everything(rows:nulls:distinct:seed:)`` and how to write it, with pages, row groups and dictionaries
  /// of any size.
  static func any(seed: Int, rows: Int, _ random: inout TestRandom) -> (TestTable, WriterProperties) {
    let table = everything(
      rows: rows,
      nulls: [0, 1, 4][seed % 3],
      distinct: [3, 60, 100_000][Int.random(in: 0..<3, using: &random)],
      seed: UInt64(seed)
    )
    var properties = WriterProperties(
      Compressor.codecs[Int.random(in: 0..<Compressor.codecs.count, using: &random)],
      dictionary: Bool.random(using: &random),
      Bool.random(using: &random) ? .v1 : .v2
    )
    properties.pageRows = Int.random(in: 1...120, using: &random)
    properties.pageBytes = Int.random(in: 50...4000, using: &random)
    properties.rowGroupRows = Int.random(in: 30...250, using: &random)
    properties.rowGroupBytes = Int.random(in: 2000...100_000, using: &random)
    properties.dictionaryBytes = Int.random(in: 0...3000, using: &random)
    return (table, properties)
  }

  /// Every simple type, REQUIRED and OPTIONAL, and lists of it in all four forms.
  ///
  /// - Parameter nulls: nulls, empty lists and null elements among 8 places.
  static func everything(
    rows: Int,
    nulls: Int = 3,
    distinct: Int = 50,
    seed: UInt64
  ) -> TestTable {
    var random = TestRandom(seed: seed)
    var fields: [TestField] = []
    for (type, length) in simpleTypes + [(.int96, 0)] {
      for repetition in [Repetition.required, .optional] {
        let name = "\(type.name.lowercased())_\(repetition.name.lowercased())"
        let logical: LogicalType? = type == .byteArray ? .string : nil
        let node = SchemaNode(name, type, length: length, repetition: repetition, logicalType: logical)
        let data = (0..<rows).map { _ -> Datum in
          let isNull = repetition == .optional && Int.random(in: 0..<8, using: &random) < nulls
          return isNull ? .null : value(type, length, distinct: distinct, &random)
        }
        fields.append(TestField(node: node, rows: data))
      }
    }
    for (type, length) in simpleTypes {
      for outer in [Repetition.required, .optional] {
        for inner in [Repetition.required, .optional] {
          fields.append(
            list(type, length, outer, inner, rows: rows, nulls: nulls, distinct: distinct, &random)
          )
        }
      }
    }
    return TestTable(fields)
  }

  private static func list(
    _ type: PhysicalType,
    _ length: Int,
    _ outer: Repetition,
    _ inner: Repetition,
    rows: Int,
    nulls: Int,
    distinct: Int,
    _ random: inout TestRandom
  ) -> TestField {
    let element = SchemaNode("element", type, length: length, repetition: inner)
    let name = "\(type.name.lowercased())_\(outer.name.lowercased())_list_\(inner.name.lowercased())"
    let data = (0..<rows).map { _ -> Datum in
      if outer == .optional, Int.random(in: 0..<8, using: &random) < nulls { return .null }
      if Int.random(in: 0..<8, using: &random) < nulls { return .list([]) }
      let count = Int.random(in: 1...12, using: &random)
      return .list(
        (0..<count).map { _ in
          let isNull = inner == .optional && Int.random(in: 0..<8, using: &random) < nulls
          return isNull ? .null : value(type, length, distinct: distinct, &random)
        }
      )
    }
    return TestField(node: .list(name, of: element, repetition: outer), rows: data)
  }
}

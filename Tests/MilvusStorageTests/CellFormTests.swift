import ByteBuffers
import Parquet
import Testing

@testable import MilvusStorage

@Suite("Forms of cells")
struct CellFormTests {
  private func json(_ field: FieldSchema, fixed: [UInt8]) throws -> String {
    let column = Column(count: 1, validity: nil, storage: .fixed(Bytes(fixed), width: fixed.count))
    return try json(field, column)
  }

  private func json(_ field: FieldSchema, text: [UInt8]) throws -> String {
    let offsets: [Int32] = [0, Int32(text.count)]
    let places = offsets.withUnsafeBytes { Bytes(copying: $0) }
    return try json(field, Column(count: 1, validity: nil, storage: .variable(offsets: places, data: Bytes(text))))
  }

  private func json(_ field: FieldSchema, _ column: Column) throws -> String {
    var out: [UInt8] = []
    try CanonicalCell.append(column, row: 0, field: field, to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  private func field(_ type: DataType, dimension: Int? = nil) -> FieldSchema {
    FieldSchema(id: 100, name: "f", dataType: type, dimension: dimension)
  }

  private func bytes<T: BitwiseCopyable>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

  @Test("Numbers are printed exactly, and what JSON lacks is text")
  func numbers() throws {
    #expect(try json(field(.bool), fixed: [1]) == "true")
    #expect(try json(field(.int8), fixed: bytes(Int32(-128))) == "-128")
    #expect(try json(field(.int64), fixed: bytes(Int64.min)) == "-9223372036854775808")
    #expect(try json(field(.float), fixed: bytes(Float(0.1))) == "0.10000000149011612")
    #expect(try json(field(.double), fixed: bytes(0.1)) == "0.1")
    #expect(try json(field(.double), fixed: bytes(1e300)) == "1e+300")
    #expect(try json(field(.double), fixed: bytes(-0.0)) == "\"-0.0\"")
    #expect(try json(field(.double), fixed: bytes(0.0)) == "0.0")
    #expect(try json(field(.float), fixed: bytes(Float.nan)) == "\"NaN\"")
    #expect(try json(field(.float), fixed: bytes(-Float.infinity)) == "\"-inf\"")
  }

  @Test("Text is escaped, bytes are hexadecimal, null is null")
  func texts() throws {
    #expect(try json(field(.varChar), text: Array("a\"\\\n\u{1}é🙂".utf8)) == #""a\"\\\n\u0001é🙂""#)
    #expect(try json(field(.varChar), text: []) == "\"\"")
    #expect(try json(field(.varChar), text: [0xff, 0x41]) == "\"0xff41\"")
    #expect(try json(field(.json), text: Array(#"{"a":1}"#.utf8)) == #""{\"a\":1}""#)
    #expect(try json(field(.floatVector, dimension: 1), fixed: [0, 0, 0x80, 0x3f]) == "\"0x0000803f\"")
    #expect(try json(field(.sparseFloatVector), text: [0x41, 0x42]) == "\"0x4142\"")
    #expect(try json(field(.geometry), text: [0x41]) == "\"0x41\"")
    let null = Column(
      count: 1,
      validity: Validity(bits: Bytes([0]), nullCount: 1),
      storage: .fixed(Bytes([0, 0, 0, 0]), width: 4)
    )
    #expect(try json(field(.int32), null) == "null")
    #expect(throws: BackfillError.self) { try json(field(.int64), fixed: [1, 2, 3, 4]) }
  }

  @Test("Columns are written in the form that all servers read")
  func columnForms() throws {
    func node(_ type: DataType, dimension: Int? = nil, nullable: Bool = false) throws -> SchemaNode {
      try BinlogColumnType(field(type, dimension: dimension)).schemaNode(nullable: nullable)
    }
    #expect(try node(.varChar) == SchemaNode("val", .byteArray, logicalType: .string))
    #expect(try node(.json, nullable: true) == SchemaNode("val", .byteArray, repetition: .optional))
    #expect(try node(.array).logicalType == nil)
    #expect(try node(.int8).logicalType == .integer(bitWidth: 8, isSigned: true))
    #expect(try node(.int16).logicalType == .integer(bitWidth: 16, isSigned: true))
    #expect(try node(.int32) == SchemaNode("val", .int32))
    #expect(try node(.int64) == SchemaNode("val", .int64))
    #expect(try node(.floatVector, dimension: 8) == SchemaNode("val", .fixedLengthByteArray, length: 32))
    #expect(try node(.binaryVector, dimension: 16) == SchemaNode("val", .fixedLengthByteArray, length: 2))
    #expect(try node(.sparseFloatVector) == SchemaNode("val", .byteArray))
    #expect(throws: BackfillError.self) { try node(.arrayOfStruct) }
  }

  @Test("Columns of newer servers are accepted, those of other types are named")
  func columnChecks() {
    let wide = SchemaNode("x", .int64, logicalType: .integer(bitWidth: 64, isSigned: true))
    #expect(BinlogColumnType.mismatch(wide, field(.int64)) == nil)
    let vector = field(.floatVector, dimension: 8)
    #expect(BinlogColumnType.mismatch(SchemaNode("x", .byteArray), vector) == nil)
    #expect(BinlogColumnType.mismatch(SchemaNode("x", .fixedLengthByteArray, length: 32), vector) == nil)
    let short = BinlogColumnType.mismatch(SchemaNode("x", .fixedLengthByteArray, length: 16), vector)
    #expect(short?.contains("16 bytes") == true)
    let mixed = BinlogColumnType.mismatch(SchemaNode("x", .double), field(.float))
    #expect(mixed == "The column is DOUBLE; FLOAT was expected for Float.")
    let unsigned = SchemaNode("x", .int32, logicalType: .integer(bitWidth: 32, isSigned: false))
    #expect(BinlogColumnType.mismatch(unsigned, field(.int32)) != nil)
    #expect(BinlogColumnType.mismatch(SchemaNode("x", group: []), field(.int32)) != nil)
  }
}

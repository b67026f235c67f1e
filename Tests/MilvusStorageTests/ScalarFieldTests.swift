import ByteBuffers
import Parquet
import Testing

@testable import MilvusStorage

@Suite("Array cells")
struct ScalarFieldTests {
  private func column<T: FixedWidthInteger & BitwiseCopyable>(_ values: [T]) -> Column {
    let bytes = values.withUnsafeBytes { Bytes(copying: $0) }
    return Column(count: values.count, validity: nil, storage: .fixed(bytes, width: MemoryLayout<T>.size))
  }

  private func column(_ texts: [String]) -> Column {
    var offsets: [Int32] = [0]
    var data: [UInt8] = []
    for text in texts {
      data += text.utf8
      offsets.append(Int32(data.count))
    }
    let places = offsets.withUnsafeBytes { Bytes(copying: $0) }
    return Column(count: texts.count, validity: nil, storage: .variable(offsets: places, data: Bytes(data)))
  }

  private func encoded(_ column: Column, _ type: DataType, _ range: Range<Int>? = nil) throws -> [UInt8] {
    var out = ByteWriter()
    try ScalarFieldCodec.encode(column, range ?? 0..<column.count, as: type, to: &out)
    return out.take().array
  }

  private func json(_ cell: [UInt8], _ type: DataType) throws -> String {
    let offsets: [Int32] = [0, Int32(cell.count)]
    let places = offsets.withUnsafeBytes { Bytes(copying: $0) }
    let column = Column(count: 1, validity: nil, storage: .variable(offsets: places, data: Bytes(cell)))
    var out: [UInt8] = []
    let field = FieldSchema(id: 100, name: "a", dataType: .array, elementType: type)
    try CanonicalCell.append(column, row: 0, field: field, to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  @Test("Cells have the bytes that servers write")
  func bytes() throws {
    #expect(
      try encoded(column([1, 300, -1] as [Int32]), .int32) == [
        0x12, 15, 0x0a, 13, 1, 0xac, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1,
      ]
    )
    #expect(try encoded(column([-2] as [Int8]), .int8).prefix(5) == [0x12, 12, 0x0a, 10, 0xfe])
    #expect(try encoded(column([1 << 40] as [Int64]), .int64) == [0x1a, 8, 0x0a, 6, 128, 128, 128, 128, 128, 32])
    #expect(try encoded(column([1, 0] as [UInt8]), .bool) == [0x0a, 4, 0x0a, 2, 1, 0])
    #expect(try encoded(column([Float(1.5).bitPattern]), .float) == [0x22, 6, 0x0a, 4, 0, 0, 0xc0, 0x3f])
    #expect(
      try encoded(column([Double(1.5).bitPattern]), .double) == [0x2a, 10, 0x0a, 8, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f]
    )
    #expect(try encoded(column(["ab", ""]), .varChar) == [0x32, 6, 0x0a, 2, 0x61, 0x62, 0x0a, 0])
  }

  @Test("An empty array is a member that is present and empty")
  func emptyArrays() throws {
    let tags: [(DataType, UInt8)] = [
      (.bool, 0x0a), (.int8, 0x12), (.int16, 0x12), (.int32, 0x12), (.int64, 0x1a), (.float, 0x22), (.double, 0x2a),
      (.varChar, 0x32),
    ]
    for (type, tag) in tags {
      let empty = type == .varChar ? column([String]()) : column([Int32]())
      #expect(try encoded(empty, type) == [tag, 0])
      #expect(try json([tag, 0], type) == "[]")
    }
    #expect(try json([], .int32) == "[]")
  }

  @Test("What is encoded is decoded, for every element type")
  func roundTrips() throws {
    let extremes: [Int64] = [.min, -1, 0, 1, 127, 128, 16383, 16384, .max]
    let text = extremes.map { "\($0)" }.joined(separator: ",")
    #expect(try json(try encoded(column(extremes), .int64), .int64) == "[\(text)]")
    #expect(try json(try encoded(column([Int32.min, -5, Int32.max]), .int32), .int32) == "[-2147483648,-5,2147483647]")
    #expect(try json(try encoded(column([-32768, 32767] as [Int16]), .int16), .int16) == "[-32768,32767]")
    #expect(try json(try encoded(column([1, 0] as [UInt8]), .bool), .bool) == "[true,false]")
    #expect(try json(try encoded(column(["é", "", "\"q\""]), .varChar), .varChar) == #"["é","","\"q\""]"#)
    let floats = [Float(0.1), .infinity, -0.0].map(\.bitPattern)
    #expect(try json(try encoded(column(floats), .float), .float) == #"[0.10000000149011612,"inf","-0.0"]"#)
    let middle = try encoded(column([1, 2, 3, 4] as [Int64]), .int64, 1..<3)
    #expect(try json(middle, .int64) == "[2,3]")
  }

  @Test("Numbers that are not packed, split members and unknown fields are read")
  func tolerance() throws {
    #expect(try json([0x12, 4, 0x08, 1, 0x08, 2], .int32) == "[1,2]")
    #expect(try json([0x12, 3, 0x0a, 1, 1, 0x12, 3, 0x0a, 1, 2], .int32) == "[1,2]")
    #expect(try json([0x22, 5, 0x0d, 0, 0, 0x80, 0x3f], .float) == "[1.0]")
    #expect(try json([0x8a, 1, 2, 1, 1, 0x12, 5, 0x10, 9, 0x0a, 1, 7], .int32) == "[7]")
  }

  @Test(
    "Cells that are no array of the type are refused",
    arguments: [
      ([0x12], .int32), ([0x12, 5, 0x0a], .int32), ([0x32, 0], .int32), ([0x12, 3, 0x0a, 1, 0x80], .int32),
      ([0x22, 5, 0x0a, 3, 0, 0, 0], .float), ([0x22, 2, 0x08, 1], .float), ([0x13], .int32), ([0x08, 1], .bool),
      ([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], .int32), ([0x32, 2, 0x08, 1], .varChar),
    ] as [([UInt8], DataType)]
  )
  func malformed(_ cell: [UInt8], _ type: DataType) {
    #expect {
      _ = try json(cell, type)
    } throws: { error in
      (error as? BackfillError)?.code == .dataRead && (error as? BackfillError)?.field == "a"
    }
  }

  @Test("Elements that do not fit the type, or are null, are refused")
  func unfitElements() {
    #expect(throws: BackfillError.self) { try encoded(column([1] as [Int32]), .double) }
    #expect(throws: BackfillError.self) { try encoded(column(["a"]), .int32) }
    #expect(throws: BackfillError.self) { try encoded(column([1] as [Int32]), .varChar) }
    let bits = Validity(bits: Bytes([0b10]), nullCount: 1)
    let holes = Column(count: 2, validity: bits, storage: column([1, 2] as [Int32]).storage)
    #expect(throws: BackfillError.self) { try encoded(holes, .int32) }
    #expect(throws: Never.self) { try encoded(holes, .int32, 1..<2) }
  }
}

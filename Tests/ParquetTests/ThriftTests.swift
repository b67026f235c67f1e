import ByteBuffers
import Testing

@testable import Parquet

/// Hand-made bytes of Thrift's compact protocol.
struct ThriftTests {
  /// Skips all fields of one struct and returns the ids.
  private func skim(_ bytes: [UInt8]) throws(ParquetError) -> [Int16] {
    let whole = Bytes(bytes)
    var reader = CompactReader(whole.span)
    var ids: [Int16] = []
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      ids.append(field.id)
      try reader.skip(field.type)
    }
    return ids
  }

  private func number(_ bytes: [UInt8], as32: Bool = false) throws(ParquetError) -> Int64 {
    let whole = Bytes(bytes)
    var reader = CompactReader(whole.span)
    let field = CompactReader.Field(id: 1, type: .int64)
    return as32 ? Int64(try reader.int32(field)) : try reader.int64(field)
  }

  @Test func `zigzag numbers reach the limits of their types`() throws {
    #expect(try number([0x00]) == 0)
    #expect(try number([0x01]) == -1)
    #expect(try number([0xfe, 0xff, 0xff, 0xff, 0x0f], as32: true) == Int64(Int32.max))
    #expect(try number([0xff, 0xff, 0xff, 0xff, 0x0f], as32: true) == Int64(Int32.min))
    #expect(try number([UInt8](repeating: 0xff, count: 9) + [0x01]) == Int64.min)
    #expect(try number([0xfe] + [UInt8](repeating: 0xff, count: 8) + [0x01]) == Int64.max)
  }

  @Test func `numbers that do not fit are errors`() {
    #expect(throws: ParquetError.self) { try number([0x80, 0x80, 0x80, 0x80, 0x10], as32: true) }
    #expect(throws: ParquetError.self) { try number([UInt8](repeating: 0xff, count: 9) + [0x02]) }
    #expect(throws: ParquetError.self) { try number([UInt8](repeating: 0x80, count: 11) + [0x01]) }
    #expect(throws: ParquetError.self) { try number([0x80, 0x80]) }
    #expect(throws: ParquetError.self) { try number([]) }
  }

  @Test func `field ids go up by deltas and by long forms`() throws {
    // Delta 1 (true), delta 15 (false), long form 1000 (byte 7), the end.
    #expect(try skim([0x11, 0xf2, 0x03, 0xd0, 0x0f, 0x07, 0x00]) == [1, 16, 1000])
    // The reserved extension field 32767 as an empty binary; a delta behind it overflows.
    #expect(try skim([0x08, 0xfe, 0xff, 0x03, 0x00, 0x00]) == [32767])
    #expect(throws: ParquetError.self) { try skim([0x08, 0xfe, 0xff, 0x03, 0x00, 0x11, 0x00]) }
  }

  @Test(arguments: [0x11, 0x12])
  func `booleans in a list take one byte each, under either element type`(_ type: Int) throws {
    // Field 1 is a list of three booleans; field 2 is true.
    let bytes: [UInt8] = [0x19, 0x30 | UInt8(type & 0x0f), 0x01, 0x02, 0x00, 0x11, 0x00]
    #expect(try skim(bytes) == [1, 2])
  }

  @Test func `every type of field can be skipped`() throws {
    let bytes: [UInt8] = [
      0x13, 0x7f, 0x14, 0x02, 0x15, 0x02, 0x16, 0x02, 0x17, 1, 2, 3, 4, 5, 6, 7, 8, 0x18, 0x02, 0x61, 0x62, 0x19, 0x25,
      0x02, 0x04, 0x1a, 0x15, 0x02, 0x1b, 0x01, 0x58, 0x02, 0x01, 0x61, 0x1c, 0x11, 0x00, 0x1d,
    ]
    let uuid = [UInt8](repeating: 9, count: 16)
    #expect(try skim(bytes + uuid + [0x1b, 0x00, 0x00]) == Array(1...12))
  }

  @Test func `structures that are cut off are errors at every length`() throws {
    let whole: [UInt8] = [0x18, 0x02, 0x61, 0x62, 0x19, 0xf5, 0x0f] + [UInt8](repeating: 2, count: 15) + [0x00]
    #expect(try skim(whole) == [1, 2])
    for length in 0..<whole.count {
      #expect(throws: ParquetError.self) { try skim(Array(whole[..<length])) }
    }
  }

  @Test func `lengths beyond what is left are errors and reserve nothing`() {
    #expect(throws: ParquetError.self) { try skim([0x18, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]) }
    #expect(throws: ParquetError.self) { try skim([0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00]) }
    #expect(throws: ParquetError.self) { try skim([0x19, 0xfc] + [UInt8](repeating: 0xff, count: 9) + [0x01]) }
    #expect(throws: ParquetError.self) { try skim([0x1b, 0xff, 0xff, 0x03, 0x55, 0x00]) }
    #expect(throws: ParquetError.self) { try skim([0x1e, 0x00]) }
    #expect(throws: ParquetError.self) { try skim([0x19, 0x2f, 0x00, 0x00, 0x00]) }
  }

  @Test func `deep nesting ends in an error, not in a full stack`() throws {
    func nested(_ depth: Int) -> [UInt8] {
      [UInt8](repeating: 0x1c, count: depth) + [UInt8](repeating: 0, count: depth + 1)
    }
    #expect(try skim(nested(40)) == [1])
    #expect(throws: ParquetError.self) { try skim(nested(1_000_000)) }
    // Lists of lists.
    #expect(throws: ParquetError.self) { try skim([0x19] + [UInt8](repeating: 0x19, count: 1_000_000)) }
  }

  @Test func `errors tell where the structure broke`() {
    let error = #expect(throws: ParquetError.self) { try skim([0x11, 0x11, 0x18, 0x05, 0x61]) }
    #expect(error?.offset == 3)
    #expect(error?.code == .corrupt)
  }
}

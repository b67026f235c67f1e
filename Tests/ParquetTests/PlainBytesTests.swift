import ByteBuffers
import Testing

@testable import Parquet

/// Lengths of byte arrays that contradict the number of values.
@Suite("PLAIN byte arrays")
struct PlainBytesTests {
  /// Values one behind the other, the first with a length of the caller's choice.
  private func page(firstLength: UInt32, values: Int) -> Bytes {
    var out = ByteWriter()
    out.append(integer: firstLength)
    for _ in 1..<values { out.append(integer: UInt32(0)) }
    return out.take()
  }

  @Test("A length that swallows the lengths behind it writes nothing outside the room that was made")
  func swallowedLengths() throws {
    // 1,000 empty values, of which the first claims everything that follows: 3,996 bytes. As long as all values are
    // counted there are no bytes for any of them, so not one byte may be written.
    let values = 1000
    let bytes = page(firstLength: 3996, values: values)
    let builder = try ColumnBuilder(.variable, capacity: values, byteLimit: 1 << 20)
    let decoder = PlainBytesDecoder(bytes, valueLimit: 1 << 20)
    let start = try builder.reserveData(4096)
    start.initializeMemory(as: UInt8.self, repeating: 0xee, count: 4096)
    #expect(throws: ParquetError.self) { try decoder.decode(values, into: builder) }
    let untouched = UnsafeRawBufferPointer(start: start, count: 4096).allSatisfy { $0 == 0xee }
    #expect(untouched)
  }

  @Test("Empty values are read")
  func emptyValues() throws {
    let builder = try ColumnBuilder(.variable, capacity: 3, byteLimit: 1 << 20)
    try PlainBytesDecoder(page(firstLength: 0, values: 3), valueLimit: 1 << 20).decode(3, into: builder)
    builder.advanceValid(3)
    let column = builder.finish()
    #expect((0..<3).allSatisfy { column.bytes(at: $0).count == 0 })
  }
}

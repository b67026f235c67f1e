import ByteBuffers
import Testing

@testable import Parquet

@Suite("The bytes of tiny files")
struct WritingBytesTests {
  private static let magic = Array("PAR1".utf8)

  private func properties() -> WriterProperties {
    var properties = WriterProperties(.uncompressed)
    properties.createdBy = "x"
    return properties
  }

  @Test("A file of one optional INT32 column with the rows 1, null, 3 is as computed by hand")
  func oneColumn() async throws {
    let node = SchemaNode("a", .int32, repetition: .optional, fieldID: 7)
    let table = TestTable(TestField(node: node, rows: [.int32(1), .null, .int32(3)]))
    let (bytes, written) = try await table.write(properties())

    // Numbers are zigzag, so 3 is 6; a field header is delta << 4 | type, 5 = i32, 6 = i64, 8 = binary, 9 = list,
    // 12 = struct.
    let page: [UInt8] =
      [0x15, 0x00, 0x15, 28, 0x15, 28]  // type DATA_PAGE, 14 bytes, 14 bytes stored
      + [0x15, 172, 177, 215, 246, 9]  // CRC-32 of the body, which is 4f6aec56 by zlib
      + [0x1c, 0x15, 6, 0x15, 0, 0x15, 6, 0x15, 6, 0]  // 3 entries, PLAIN, levels RLE and RLE
      + [0]
      + [2, 0, 0, 0, 3, 0b101]  // two bytes of levels: one packed group with the bits 1 0 1
      + [1, 0, 0, 0, 3, 0, 0, 0]
    let columnIndex: [UInt8] =
      [0x19, 0x11, 2, 0x19, 0x18, 4, 1, 0, 0, 0, 0x19, 0x18, 4, 3, 0, 0, 0]  // not of nulls alone; 1 and 3
      + [0x15, 2, 0x19, 0x16, 2, 0]  // ascending, 1 null
    let offsetIndex: [UInt8] = [0x19, 0x1c, 0x16, 8, 0x15, 74, 0x16, 0, 0, 0]  // at 4, 37 bytes, row 0
    let schema: [UInt8] =
      [0x15, 4, 0x19, 0x2c]  // version 2; two schema elements
      + [0x48, 6] + Array("schema".utf8) + [0x15, 2, 0]
      + [0x15, 2, 0x25, 2, 0x18, 1, 0x61, 0x55, 14, 0]  // INT32, OPTIONAL, "a", field id 7
    let statistics: [UInt8] =
      [0x36, 2, 0x28, 4, 3, 0, 0, 0, 0x18, 4, 1, 0, 0, 0, 0x11, 0x11, 0]  // 1 null, max 3, min 1, both exact
    let chunk: [UInt8] =
      [0x26, 0, 0x1c]  // file_offset 0, metadata
      + [0x15, 2, 0x19, 0x25, 0, 6, 0x19, 0x18, 1, 0x61]  // INT32, encodings PLAIN and RLE, path "a"
      + [0x15, 0, 0x16, 6, 0x16, 74, 0x16, 74, 0x26, 8]  // UNCOMPRESSED, 3 values, 37 bytes twice, data page at 4
      + [0x3c] + statistics
      + [0x19, 0x1c, 0x15, 0, 0x15, 0, 0x15, 2, 0]  // one data page that is PLAIN
      + [0]
      + [0x16, 128, 1, 0x15, 20, 0x16, 82, 0x15, 46]  // offset index of 10 bytes at 64, column index of 23 at 41
      + [0]
    let footer =
      schema + [0x16, 6, 0x19, 0x1c] + [0x19, 0x1c] + chunk
      + [0x16, 74, 0x16, 6, 0x26, 8, 0x16, 74, 0]  // 37 bytes, 3 rows, from offset 4 on, 37 bytes stored
      + [0x28, 1, 0x78, 0x19, 0x1c, 0x1c, 0, 0, 0]  // created by "x"; one column order, that of the type
    let length = UInt8(footer.count)
    #expect(bytes == Self.magic + page + columnIndex + offsetIndex + footer + [length, 0, 0, 0] + Self.magic)
    #expect(
      written
        == WrittenFile(rowCount: 3, byteCount: Int64(bytes.count), uncompressedByteCount: 37, rowGroupRows: [3])
    )
  }

  @Test("A file without rows has a schema, no row groups and both magic numbers")
  func noRows() async throws {
    let table = TestTable(TestField(node: SchemaNode("a", .int64), rows: []))
    let (bytes, written) = try await table.write(properties())
    let footer: [UInt8] =
      [0x15, 4, 0x19, 0x2c, 0x48, 6] + Array("schema".utf8) + [0x15, 2, 0]
      + [0x15, 4, 0x25, 0, 0x18, 1, 0x61, 0]
      + [0x16, 0, 0x19, 0x0c, 0x28, 1, 0x78, 0x19, 0x1c, 0x1c, 0, 0, 0]
    #expect(bytes == Self.magic + footer + [UInt8(footer.count), 0, 0, 0] + Self.magic)
    #expect(written.rowGroupRows.isEmpty)
    #expect(written.byteCount == Int64(bytes.count))
  }

  @Test("Nothing reaches the sink before a row group is complete")
  func lazySink() async throws {
    let table = TestTable(TestField(node: SchemaNode("a", .int64), rows: [.int64(1)]))
    let sink = MemorySink()
    let writer = try NativeParquetWriter(sink: sink, schema: table.schema, properties: properties())
    try await writer.write(table.batch(0..<1))
    #expect(await sink.contents.count == 0)
    let file = try await writer.close()
    #expect(await sink.contents.count == Int(file.byteCount))
  }
}

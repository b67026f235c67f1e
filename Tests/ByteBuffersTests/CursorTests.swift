import ByteBuffers
import Testing

/// What is written is read again, and nothing is read beyond the end.
struct CursorTests {
  @Test func `fixed-width integers are little-endian`() throws {
    let bytes = Bytes([0x01, 0x02, 0x03, 0x04, 0xff, 0xff, 0xff, 0xff, 0xfe])
    var cursor = ByteCursor(bytes.span)
    #expect(try cursor.integer(UInt16.self) == 0x0201)
    #expect(try cursor.integer(UInt16.self) == 0x0403)
    #expect(try cursor.integer(Int32.self) == -1)
    #expect(try cursor.integer(Int8.self) == -2)
    #expect(cursor.remaining == 0)
  }

  @Test func `variable-length integers come back at all limits`() throws {
    let values: [UInt64] = [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 1 << 32, 1 << 63, .max]
    let signed: [Int64] = [0, -1, 1, 63, -64, 64, .max, .min]
    var writer = ByteWriter(capacity: 1)
    for value in values { writer.append(varint: value) }
    for value in signed { writer.append(zigzag: value) }
    let bytes = writer.take()
    var cursor = ByteCursor(bytes.span)
    for value in values { #expect(try cursor.varint() == value) }
    for value in signed { #expect(try cursor.zigzag() == value) }
    #expect(cursor.remaining == 0)
  }

  private func varintFailure(_ bytes: [UInt8]) -> ByteCursorError? {
    let held = Bytes(bytes)
    var cursor = ByteCursor(held.span)
    do {
      _ = try cursor.varint()
      return nil
    } catch {
      return error
    }
  }

  @Test func `a variable-length integer that is too long or cut off is an error`() {
    let nine = [UInt8](repeating: 0xff, count: 9)
    #expect(varintFailure(nine + [0x01]) == nil)
    #expect(varintFailure(nine + [0x02])?.reason == .varintTooLong)
    #expect(varintFailure(nine + [0x81, 0x00])?.reason == .varintTooLong)
    #expect(varintFailure([UInt8](repeating: 0x80, count: 20))?.reason == .varintTooLong)
    #expect(varintFailure([0x80])?.reason == .truncated)
    #expect(varintFailure([])?.reason == .truncated)
  }

  private func failure(_ body: (inout ByteCursor) throws(ByteCursorError) -> Void) -> ByteCursorError? {
    let held = Bytes([0x05, 0x61, 0x62])
    var cursor = ByteCursor(held.span)
    do {
      try body(&cursor)
      return nil
    } catch {
      return error
    }
  }

  @Test func `lengths beyond the end are errors that tell where`() {
    #expect(
      failure { (cursor) throws(ByteCursorError) in _ = try cursor.lengthPrefixed() }?.reason == .lengthOutOfRange
    )
    #expect(failure { (cursor) throws(ByteCursorError) in _ = try cursor.skip(4) }?.reason == .truncated)
    #expect(failure { (cursor) throws(ByteCursorError) in _ = try cursor.skip(-1) }?.reason == .lengthOutOfRange)
    #expect(failure { (cursor) throws(ByteCursorError) in _ = try cursor.skip(.max) }?.reason == .truncated)
    let late = failure { (cursor) throws(ByteCursorError) in
      try cursor.skip(3)
      _ = try cursor.byte()
    }
    #expect(late?.offset == 3)
  }

  @Test func `prefixed bytes come back as text and as bytes`() throws {
    let held = Bytes([0x02, 0x61, 0xff, 0x00])
    var cursor = ByteCursor(held.span)
    let range = try cursor.lengthPrefixed()
    #expect(cursor.bytes(range) == [0x61, 0xff])
    #expect(cursor.text(range) == "a\u{fffd}")
    #expect(try cursor.lengthPrefixed().isEmpty)
  }

  @Test func `a writer grows, and hands out what was written`() {
    var writer = ByteWriter(capacity: 1)
    for index in 0..<10_000 { writer.append(integer: UInt32(index)) }
    writer.append(Bytes([7]))
    writer.append([8, 9])
    #expect(writer.count == 40_003)
    let first = writer.take()
    #expect(first.count == 40_003)
    #expect(first[4 * 9999..<40_000].array == [0x0f, 0x27, 0, 0])
    #expect(first[40_000..<40_003].array == [7, 8, 9])
    #expect(writer.count == 0)
    writer.append(UInt8(1))
    #expect(first[0..<1].array == [0])
    writer.removeAll()
    #expect(writer.count == 0)
  }
}

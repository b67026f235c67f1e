import ByteBuffers
import Testing

@testable import Parquet

/// Files whose footer or page headers were made by hand.
struct FooterTests {
  /// A file of one required INT32 column with three values, whose numbers a test may change.
  private struct Draft {
    var rowCount: Int64 = 3
    var groupRows: Int64 = 3
    var valueCount: Int64 = 3
    var pageValues: Int32 = 3
    var dataPageOffset: Int64 = 4
    var compressedSize: Int64?
    var footerLength: UInt32?
    var chunkType: Int32 = 1
    var childCount: Int32 = 1
    var chunks = 1
    var typeLength: Int32?
    var schemaType: Int32 = 1
    var pageSize: Int32 = 12
    var codec: Int32 = 0

    func bytes() -> [UInt8] {
      var page = CompactWriter()
      page.field(1, Int32(0))
      page.field(2, pageSize)
      page.field(3, pageSize)
      page.beginStructure(5)
      page.field(1, pageValues)
      page.field(2, Int32(0))
      page.field(3, Int32(3))
      page.field(4, Int32(3))
      page.endStructure()
      page.endMessage()
      let body = page.take().array + [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]
      let footer = footer(chunkSize: body.count)
      let length = footerLength ?? UInt32(footer.count)
      let tail = (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32(8 * $0)) }
      return Array("PAR1".utf8) + body + footer + tail + Array("PAR1".utf8)
    }

    private func footer(chunkSize: Int) -> [UInt8] {
      var writer = CompactWriter()
      writer.field(1, Int32(1))
      writer.list(2, of: .structure, count: 2)
      writer.beginElement()
      writer.field(4, "schema")
      writer.field(5, childCount)
      writer.endStructure()
      writer.beginElement()
      writer.field(1, schemaType)
      writer.field(2, typeLength)
      writer.field(3, Int32(0))
      writer.field(4, "x")
      writer.endStructure()
      writer.field(3, rowCount)
      writer.list(4, of: .structure, count: 1)
      writer.beginElement()
      writer.list(1, of: .structure, count: chunks)
      for _ in 0..<chunks {
        writer.beginElement()
        writer.beginStructure(3)
        writer.field(1, chunkType)
        writer.field(4, codec)
        writer.field(5, valueCount)
        writer.field(6, Int64(chunkSize))
        writer.field(7, compressedSize ?? Int64(chunkSize))
        writer.field(9, dataPageOffset)
        writer.endStructure()
        writer.endStructure()
      }
      writer.field(3, groupRows)
      writer.endStructure()
      writer.endMessage()
      return writer.take().array
    }
  }

  private func read(_ change: (inout Draft) -> Void) async throws(ParquetError) -> CanonicalTable {
    var draft = Draft()
    change(&draft)
    return try await readTable(MemorySource(Bytes(draft.bytes()), name: "draft")) { 2 }
  }

  private func failure(_ change: (inout Draft) -> Void) async -> ParquetError? {
    do throws(ParquetError) {
      _ = try await read(change)
      return nil
    } catch {
      return error
    }
  }

  @Test func `the draft itself is read`() async throws {
    let table = try await read { _ in }
    #expect(table.rows == [[.whole(1)], [.whole(2)], [.whole(3)]])
  }

  @Test(arguments: [UInt32.max, UInt32.max - 7, UInt32.max - 11, 1 << 31, 100_000])
  func `a footer length beyond the file is an error`(_ length: UInt32) async {
    #expect(await failure { $0.footerLength = length }?.code == .corrupt)
  }

  @Test func `a footer larger than its limit is an error that names the limit`() async throws {
    var options = ReaderOptions()
    options.limits.footerBytes = 10
    do throws(ParquetError) {
      _ = try await readTable(MemorySource(Bytes(Draft().bytes())), options: options) { 1 }
      Issue.record("the footer was read")
    } catch {
      #expect(error.code == .limitExceeded)
      #expect(error.message.contains("footerBytes"))
    }
  }

  @Test(arguments: [Int64.min, -1, 0, 3, 1000, .max])
  func `a chunk outside the file's data is an error`(_ offset: Int64) async {
    #expect(await failure { $0.dataPageOffset = offset } != nil)
  }

  @Test(arguments: [Int64.min, -1, 1 << 40, .max])
  func `a chunk size outside the file's data is an error`(_ size: Int64) async {
    #expect(await failure { $0.compressedSize = size }?.code == .corrupt)
  }

  @Test(arguments: [Int64.min, -1, 0, 2, 4, 1 << 40, .max])
  func `counts that contradict each other are errors`(_ count: Int64) async {
    #expect(await failure { $0.valueCount = count }?.code == .corrupt)
    #expect(await failure { $0.groupRows = count }?.code == .corrupt)
    #expect(await failure { ($0.groupRows, $0.valueCount) = (count, count) } != nil || count == 0 || count == 2)
  }

  @Test(arguments: [Int32.min, -1, 4, .max])
  func `a page with another number of values is an error`(_ count: Int32) async {
    #expect(await failure { $0.pageValues = count } != nil)
  }

  @Test(arguments: [Int32.min, -1, 0, 8, 13, 100_000, .max])
  func `a page of another size is an error`(_ size: Int32) async {
    #expect(await failure { $0.pageSize = size } != nil)
  }

  @Test func `schemas that contradict themselves are errors`() async {
    for children: Int32 in [.min, -1, 0, 2, .max] {
      #expect(await failure { $0.childCount = children }?.code == .corrupt)
    }
    #expect(await failure { $0.chunkType = 2 }?.code == .corrupt)
    #expect(await failure { $0.chunkType = 99 }?.code == .corrupt)
    #expect(await failure { $0.chunks = 0 }?.code == .corrupt)
    #expect(await failure { $0.chunks = 2 }?.code == .corrupt)
    for length: Int32? in [nil, 0, -1, .min, .max] {
      #expect(await failure { ($0.schemaType, $0.chunkType, $0.typeLength) = (7, 7, length) } != nil)
    }
  }

  @Test func `a codec that is not read is named`() async {
    for (codec, name) in [(3, "LZO"), (8, "codec 8"), (42, "codec 42"), (-1, "codec -1")] {
      let error = await failure { $0.codec = Int32(codec) }
      #expect(error?.code == .unsupported)
      #expect(error?.message.contains(name) == true)
    }
  }

  @Test func `what is not Parquet is said to be none`() async {
    let contents: [[UInt8]] = [[], Array("PAR1".utf8), Array("PAR1PAR1PAR".utf8), Array("hello, hello, hello".utf8)]
    for content in contents {
      await #expect(throws: ParquetError.self) { try await readTable(MemorySource(Bytes(content))) { 1 } }
    }
  }

  @Test func `batches need a limit and fields that exist`() async throws {
    let reader = try await NativeParquetCodec().openReader(MemorySource(Bytes(Draft().bytes())))
    #expect(throws: ParquetError.self) { try reader.rows(RowSelection(fields: [1])) }
    #expect(throws: ParquetError.self) { try reader.rows(RowSelection(rowGroups: [-1])) }
    let rows = try reader.rows(RowSelection())
    await #expect(throws: ParquetError.self) { try await rows.next(limit: 0) }
    let all = try await reader.rows(RowSelection()).next(limit: .max)
    #expect(all?.rowCount == 3)
    let none = try reader.rows(RowSelection(fields: []))
    #expect(try await none.next(limit: 2)?.rowCount == 2)
    #expect(try await none.next(limit: 2)?.rowCount == 1)
    #expect(try await none.next(limit: 2) == nil)
  }
}

import ByteBuffers
import Parquet
import Testing

@testable import MilvusStorage

@Suite("The StorageV1 container")
struct BinlogContainerTests {
  @Test("The worked example is read field by field")
  func workedExample() async throws {
    let binlog = try await Binlog(opening: MemorySource(BinlogContainerTests.example))
    let descriptor = binlog.descriptor
    #expect(descriptor.collection == 0x0625_b3fe_2094_4f70)
    #expect(descriptor.partition == 0x0625_b3fe_2094_4f71)
    #expect(descriptor.segment == 0x0625_b3fe_2097_5cc2)
    #expect(descriptor.field == 1)
    #expect(descriptor.payloadType == .int64)
    #expect(descriptor.originalSize == 24000)
    #expect(!descriptor.isNullable)
    #expect(descriptor.startTimestamp == 0x0625_b4f3_b730_0003)
    #expect(descriptor.headerTimestamp == 0x0625_b4f3_e4dc_0000)
    #expect(binlog.events.count == 1)
    #expect(binlog.events[0].kind == .insert)
    #expect(binlog.events[0].payload == 143..<458)
  }

  @Test("Putting a payload into a container gives the worked example byte for byte")
  func workedExampleWritten() async throws {
    let binlog = try await Binlog(opening: MemorySource(BinlogContainerTests.example))
    let written = try BinlogWriter(binlog.descriptor).wrap(BinlogContainerTests.example[143..<458])
    #expect(written == BinlogContainerTests.example)
  }

  @Test("Putting the payload of a real file into a new container gives the real file", arguments: V1Fixture.all)
  func realFilesAreReproduced(_ fixture: V1Fixture) async throws {
    let files = try await fixture.files()
    #expect(!files.isEmpty)
    for file in files {
      let binlog = try await Binlog(opening: MemorySource(file.bytes, name: file.key))
      let event = try #require(binlog.events.first)
      #expect(binlog.events.count == 1)
      var writer = BinlogWriter(binlog.descriptor, kind: event.kind)
      writer.startTimestamp = event.startTimestamp
      writer.endTimestamp = event.endTimestamp
      writer.headerTimestamp = event.headerTimestamp
      #expect(try writer.wrap(file.bytes[event.payload]) == file.bytes, "\(file.key)")
    }
  }

  @Test("A nullable field's file says so, and its size is text")
  func nullableExtra() async throws {
    let key = try await Binlog(opening: MemorySource(BinlogContainerTests.example))
    let field = FieldSchema(id: 105, name: "note", dataType: .varChar, isNullable: true)
    let bytes = try BinlogWriter(beside: key, field: field, originalSize: 12).wrap(Bytes(utf8: "PAR1PAR1"))
    let text = String(decoding: bytes.array[85...], as: UTF8.self)
    #expect(text.hasPrefix(#"{"nullable":true,"original_size":"12"}"#))
    let binlog = try await Binlog(opening: MemorySource(bytes))
    #expect(binlog.descriptor.isNullable)
    #expect(binlog.descriptor.field == 105)
    #expect(binlog.descriptor.segment == key.descriptor.segment)
    #expect(binlog.descriptor.payloadType == .varChar)
    #expect(binlog.events[0].startTimestamp == key.events[0].startTimestamp)
  }

  @Test("Only the start of a large file is read for its headers")
  func headersAlone() async throws {
    let key = try await Binlog(opening: MemorySource(BinlogContainerTests.example))
    let payload = Bytes([UInt8](repeating: 7, count: 100_000))
    let source = CountingSource(MemorySource(try BinlogWriter(key.descriptor).wrap(payload)))
    let binlog = try await Binlog(opening: source)
    #expect(source.ranges == [0..<4096])
    let part = binlog.payload(of: binlog.events[0])
    #expect(part.size == payload.count)
    #expect(try await part.read(99_000..<99_004) == payload[99_000..<99_004])
    #expect(try await part.read(0..<8) == payload[0..<8])
    #expect(source.ranges.count == 2)
  }

  @Test("Several events in one file are found one behind the other")
  func severalEvents() async throws {
    let key = try await Binlog(opening: MemorySource(BinlogContainerTests.example))
    var event = BinlogContainerTests.example[110..<458].array
    // The next position is wrong on purpose: readers go by lengths.
    event.replaceSubrange(13..<17, with: [255, 255, 255, 255])
    let bytes = Bytes(BinlogContainerTests.example.array + event + event)
    let binlog = try await Binlog(opening: MemorySource(bytes))
    #expect(binlog.events.count == 3)
    #expect(binlog.events[2].payload == 143 + 696..<458 + 696)
    #expect(binlog.descriptor == key.descriptor)
  }

  @Test("Every cut of a file is refused with its path and an offset within the file")
  func truncations() async throws {
    for length in 0..<458 {
      await #expect("cut at \(length)") {
        _ = try await Binlog(opening: MemorySource(BinlogContainerTests.example[0..<length], name: "file"))
      } throws: { error in
        guard let error = error as? BackfillError else { return false }
        return error.code == .dataRead && error.path == "file" && (error.offset.map { $0 <= 458 } ?? false)
      }
    }
  }

  @Test(
    "Wrong headers are refused by name",
    arguments: [
      (0, [0x50, 0x41, 0x52, 0x31], "StorageV2"),
      (0, [0, 0, 0, 0], "no binlog"),
      (12, [1], "must be a descriptor"),
      (13, [0x6b], "descriptor's length"),
      (81, [0xff, 0xff, 0xff, 0xff], "impossible length"),
      (85, [0x5b], "not JSON"),
      (110 + 8, [0], "second descriptor"),
      (110 + 9, [32, 0, 0, 0], "impossible length"),
      (110 + 9, [0x5d], "cut short"),
      (110 + 9, [0x5b], "cut short"),
    ] as [(Int, [UInt8], String)]
  )
  func wrongHeaders(_ offset: Int, _ bytes: [UInt8], _ reason: String) async throws {
    var file = BinlogContainerTests.example.array
    file.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    await #expect {
      _ = try await Binlog(opening: MemorySource(Bytes(file)))
    } throws: { error in
      "\(error)".contains(reason)
    }
  }

  @Test(
    "Extras are read tolerantly, except for encrypted files",
    arguments: [
      ("", nil), ("{}", nil), ("null", nil), (#"{"original_size":5}"#, 5), (#"{ "original_size" : "7", "x": [1] }"#, 7),
    ] as [(String, Int64?)]
  )
  func extras(_ extra: String, _ size: Int64?) async throws {
    let binlog = try await Binlog(opening: MemorySource(BinlogContainerTests.example(extra: extra)))
    #expect(binlog.descriptor.originalSize == size)
    #expect(binlog.events[0].payload.count == 315)
  }

  @Test("An encrypted file is refused by name")
  func encrypted() async throws {
    let file = BinlogContainerTests.example(extra: #"{"edek":"abc","encryption_zone":4,"original_size":"1"}"#)
    await #expect {
      _ = try await Binlog(opening: MemorySource(file))
    } throws: { error in
      "\(error)".contains("encrypted")
    }
  }

  /// The example of 458 bytes, with a payload of zeros.
  static let example = example(extra: #"{"original_size":"24000"}"#)

  static func example(extra: String) -> Bytes {
    func long(_ text: String) -> [UInt8] {
      stride(from: 0, to: text.count, by: 2).compactMap { at in
        UInt8(text.dropFirst(at).prefix(2), radix: 16)
      }
    }
    func word(_ value: Int) -> [UInt8] { withUnsafeBytes(of: Int32(value).littleEndian) { Array($0) } }
    var bytes = long("bcfaff00") + long("0000dce4f3b42506") + [0]
    bytes += word(81 + extra.utf8.count) + word(85 + extra.utf8.count)
    bytes += long("704f9420feb32506") + long("714f9420feb32506") + long("c25c9720feb32506") + long("0100000000000000")
    bytes += long("030030b7f3b42506") + long("030030b7f3b42506") + long("05000000") + long("3410101010101010")
    bytes += word(extra.utf8.count) + Array(extra.utf8)
    bytes += long("0000dce4f3b42506") + [1] + long("5c010000") + word(85 + extra.utf8.count + 348)
    bytes += long("030030b7f3b42506") + long("030030b7f3b42506")
    return Bytes(bytes + [UInt8](repeating: 0, count: 315))
  }
}

/// Remembers what was read.
final class CountingSource: RandomAccessSource, @unchecked Sendable {
  // Used by one task at a time.
  private let whole: MemorySource
  private(set) var ranges: [Range<Int>] = []

  init(_ whole: MemorySource) {
    self.whole = whole
  }

  var name: String { whole.name }
  var size: Int { whole.size }

  func read(_ ranges: [Range<Int>]) async throws -> [Bytes] {
    self.ranges += ranges
    return try await whole.read(ranges)
  }
}

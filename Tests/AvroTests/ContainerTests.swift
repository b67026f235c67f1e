import Avro
import ByteBuffers
import Testing

/// Object container files: blocks, codecs, metadata, and what is refused.
struct ContainerTests {
  private let marker = Bytes((0..<16).map { UInt8(0xa0 + $0) })

  private func write(
    _ schema: AvroSchema,
    _ records: [AvroValue],
    codec: AvroCodec = .null,
    blockBytes: Int = 1000,
    metadata: [AvroFileHeader.Entry] = []
  ) async throws -> Bytes {
    let sink = MemorySink()
    var options = AvroFileWriter.Options()
    options.blockBytes = blockBytes
    let header = try AvroFileHeader(schema, codec: codec, metadata: metadata, syncMarker: marker)
    var writer = AvroFileWriter(sink, header: header, options: options)
    for record in records { try await writer.append(record) }
    try await writer.finish()
    return await sink.contents
  }

  private func read(_ bytes: Bytes, limits: AvroLimits = AvroLimits()) async throws -> [AvroValue] {
    var reader = try await AvroFileReader(MemorySource(bytes, name: "file"), limits: limits)
    return try await reader.rest()
  }

  /// A file by hand: header of a schema, then what is given.
  private func file(_ rest: [UInt8], schema: String = "\"string\"", codec: String? = nil) -> Bytes {
    var bytes: [UInt8] = [0x4f, 0x62, 0x6a, 1] + HandBytes.long(codec == nil ? 1 : 2)
    bytes += HandBytes.text("avro.schema") + HandBytes.text(schema)
    if let codec { bytes += HandBytes.text("avro.codec") + HandBytes.text(codec) }
    return Bytes(bytes + [0] + marker.array + rest)
  }

  private func block(_ count: Int64, _ data: [UInt8]) -> [UInt8] {
    HandBytes.long(count) + HandBytes.long(Int64(data.count)) + data + marker.array
  }

  @Test func `a file is header and blocks, byte by byte`() async throws {
    let bytes = try await write(try AvroSchema("\"string\""), [.string("a"), .string("b")])
    var wanted: [UInt8] = [0x4f, 0x62, 0x6a, 1, 4] + HandBytes.text("avro.schema") + HandBytes.text("\"string\"")
    wanted += HandBytes.text("avro.codec") + HandBytes.text("null") + [0] + marker.array
    wanted += block(2, HandBytes.text("a") + HandBytes.text("b"))
    #expect(bytes.array == wanted)
    #expect(try await read(bytes) == [.string("a"), .string("b")])
  }

  @Test func `a codec need not be named`() async throws {
    let bytes = file(block(1, HandBytes.text("x")) + block(0, []) + block(2, HandBytes.text("y") + HandBytes.text("z")))
    #expect(try await read(bytes) == [.string("x"), .string("y"), .string("z")])
    #expect(try await read(file([])).isEmpty)
  }

  @Test(arguments: [AvroCodec.null, .deflate], [1, 100, 10_000, 1 << 30])
  func `records come back from any blocks`(_ codec: AvroCodec, _ blockBytes: Int) async throws {
    let records = (0..<5000).map { AvroValue.string("record \($0)") }
    let entry = AvroFileHeader.Entry("made.by", Bytes(utf8: "test"))
    let schema = try AvroSchema("\"string\"")
    let bytes = try await write(schema, records, codec: codec, blockBytes: blockBytes, metadata: [entry])
    var reader = try await AvroFileReader(MemorySource(bytes))
    #expect(reader.header.codec == codec)
    #expect(reader.header.metadata.map(\.key) == ["avro.schema", "avro.codec", "made.by"])
    #expect(reader.header.metadata[2].value == Bytes(utf8: "test"))
    #expect(reader.header.syncMarker == marker)
    #expect(try await reader.rest() == records)
    #expect(try await reader.next() == nil)
    #expect(AvroFileHeader.isContainer(bytes) && !AvroFileHeader.isContainer(bytes[1..<10]))
  }

  @Test func `a long header and a long block are read in pieces`() async throws {
    let entry = AvroFileHeader.Entry("large", Bytes([UInt8](repeating: 7, count: 3_000_000)))
    let records = (0..<3).map { AvroValue.string(String(repeating: "\($0)", count: 2_000_000)) }
    let bytes = try await write(try AvroSchema("\"string\""), records, metadata: [entry])
    #expect(try await read(bytes) == records)
    var limits = AvroLimits()
    limits.headerBytes = 2_999_999
    let error = await failure { try await read(bytes, limits: limits) }
    #expect(error?.code == .limitExceeded && error?.message.contains("headerBytes") == true)
  }

  @Test func `one record is told from none and several`() async throws {
    let schema = try AvroSchema("\"int\"")
    for count in 0...2 {
      let bytes = try await write(schema, (0..<count).map { .int(Int32($0)) }, blockBytes: 1)
      var reader = try await AvroFileReader(MemorySource(bytes))
      let error = await failure { try await reader.only() }
      #expect((error == nil) == (count == 1))
    }
  }

  @Test func `a block of Python's writers has bytes behind its stream`() async throws {
    // zlib.compress(b"\x02a")[2:-1], which leaves three of four bytes of a checksum.
    let stream = HandBytes.bytes("63 4a 04 00 00 67 00")
    #expect(try await read(file(block(1, stream), codec: "deflate")) == [.string("a")])
  }

  @Test func `headers that are wrong are refused`() async throws {
    let schema = try AvroSchema("\"int\"")
    #expect(await failure { try await read(Bytes(utf8: "PAR1")) }?.code == .notAvro)
    #expect(await failure { try await read(Bytes([])) }?.code == .notAvro)
    #expect(await failure { try await read(Bytes([0x4f, 0x62, 0x6a, 1])) }?.code == .truncated)
    let none = Bytes([0x4f, 0x62, 0x6a, 1, 0] + marker.array)
    #expect(await failure { try await read(none) }?.message.contains("avro.schema") == true)
    let snappy = await failure { try await read(file([], codec: "snappy")) }
    #expect(snappy?.code == .unsupported && snappy?.message.contains("'snappy'") == true && snappy?.file == "file")
    #expect(await failure { try await read(file([], schema: "\"text\"")) }?.code == .invalidSchema)
    #expect(failure { try AvroFileHeader(schema, codec: AvroCodec(rawValue: "xz")) }?.code == .unsupported)
    #expect(failure { try AvroFileHeader(schema, metadata: [.init("avro.x", .empty)]) }?.code == .invalidArgument)
    #expect(failure { try AvroFileHeader(schema, syncMarker: Bytes([1])) }?.code == .invalidArgument)
    #expect(try AvroFileHeader(schema).syncMarker != AvroFileHeader(schema).syncMarker)
  }

  @Test func `blocks that are wrong are refused with their place`() async throws {
    let start = file([]).count
    func error(_ rest: [UInt8], codec: String? = nil, _ limits: AvroLimits = AvroLimits()) async -> AvroError? {
      await failure { try await read(file(rest, codec: codec), limits: limits) }
    }
    let right = block(1, HandBytes.text("x"))
    var other = right
    other[other.count - 1] ^= 1
    let sync = try #require(await error(right + other))
    #expect(sync.code == .corrupt && sync.block == 1 && sync.offset == start + 2 * right.count - 16, "\(sync)")
    #expect(await error(block(1, HandBytes.text("x") + [0]))?.message.contains("1 bytes follow") == true)
    #expect(await error(block(2, HandBytes.text("x")))?.code == .truncated)
    let inside = try #require(await error(right + block(2, HandBytes.text("x") + [9, 0])))
    #expect(inside.block == 1 && inside.offset == start + right.count + 4, "\(inside)")
    #expect(await error(block(-1, [0]))?.code == .corrupt)
    #expect(await error(HandBytes.long(1) + HandBytes.long(-1) + marker.array)?.code == .corrupt)
    #expect(await error(HandBytes.long(1) + HandBytes.long(.max) + marker.array)?.code == .limitExceeded)
    #expect(await error(HandBytes.long(1) + HandBytes.long(20) + marker.array)?.code == .truncated)
    #expect(await error(Array(right.dropLast()))?.code == .truncated)
    #expect(await error(block(1 << 40, [0]))?.code == .corrupt)
    let deflate = try #require(await error(block(1, [0xff, 0xff]), codec: "deflate"))
    #expect(deflate.code == .corrupt && deflate.block == 0 && deflate.offset != nil, "\(deflate)")
    #expect(await error(block(1, []), codec: "deflate")?.code == .corrupt)
    var limits = AvroLimits()
    limits.blockBytes = 1
    #expect(await error(right, limits)?.code == .limitExceeded)
  }

  @Test func `records without bytes are bounded`() async throws {
    let few = file(block(1000, []), schema: "\"null\"")
    #expect(try await read(few).count == 1000)
    let many = file(block(1 << 62, []), schema: "\"null\"")
    #expect(await failure { try await read(many) }?.code == .limitExceeded)
    let often = file((0..<100).flatMap { _ in block(1 << 20, []) }, schema: "\"null\"")
    var limits = AvroLimits()
    limits.records = 2 << 20
    #expect(await failure { try await read(often, limits: limits) }?.code == .limitExceeded)
  }

  @Test func `a block that decompresses to too much is refused`() async throws {
    let text = AvroValue.string(String(repeating: "a", count: 10_000_000))
    let bytes = try await write(try AvroSchema("\"string\""), [text], codec: .deflate)
    #expect(bytes.count < 20_000)
    #expect(try await read(bytes) == [text])
    var limits = AvroLimits()
    limits.decompressedBytes = 10_000_004
    #expect(try await read(bytes, limits: limits) == [text])
    limits.decompressedBytes = 10_000_003
    let error = await failure { try await read(bytes, limits: limits) }
    #expect(error?.code == .limitExceeded && error?.message.contains("decompressedBytes") == true)
    limits.decompressedBytes = .max
    #expect(try await read(bytes, limits: limits) == [text])
  }

  private struct Broken: RandomAccessSource {
    struct Failed: Error {}
    let name = "broken"
    let size = 100
    func read(_ ranges: [Range<Int>]) async throws -> [Bytes] { throw Failed() }
  }

  private struct FullSink: ByteSink {
    func write(_ bytes: Bytes) async throws { throw Broken.Failed() }
  }

  @Test func `failures of the store are passed on`() async throws {
    let error = await failure { try await AvroFileReader(Broken()) }
    #expect(error?.code == .storage && error?.underlying is Broken.Failed && error?.isRetryable == true)
    #expect(error?.file == "broken")
    let writer = AvroFileWriter(FullSink(), header: try AvroFileHeader(try AvroSchema("\"int\"")))
    do throws(AvroError) {
      try await writer.finish()
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.code == .storage)
    }
  }
}

import ByteBuffers
import Testing

@testable import Avro

/// Damaged files of Milvus are read or refused, soon, in bounded memory, and without a trap.
///
/// `BACKFILL_TEST_SEED` repeats a run.
struct DamageTests {
  static let containers =
    MilvusManifestTests.containers.map { "\(MilvusManifestTests.segments)/\($0.0).avro" }
    + ["milvus-snapshot/manifest-2-v5schema.avro"]

  /// Small enough for a run to stay small whatever the damage says.
  private var limits: AvroLimits {
    var limits = AvroLimits()
    limits.values = 100_000
    limits.records = 100_000
    limits.decompressedBytes = 1 << 20
    return limits
  }

  private func damaged(_ bytes: [UInt8], _ data: inout RandomData) -> [UInt8] {
    var bytes = bytes
    switch data.below(6) {
    case 0: return Array(bytes.prefix(data.below(bytes.count)))
    case 1: bytes.remove(at: data.below(bytes.count))
    case 2: bytes.insert(UInt8(data.below(256)), at: data.below(bytes.count))
    case 3:
      // A number that is large where a small one stood.
      let large = HandBytes.long(data.pick([Int64.max, Int64.min, 1 << 31, -(1 << 31), -1, 1 << 20]))
      bytes.replaceSubrange(data.below(bytes.count)..<bytes.count, with: large + bytes.suffix(data.below(bytes.count)))
    default:
      for _ in 0...data.below(3) { bytes[data.below(bytes.count)] ^= UInt8(1 + data.below(255)) }
    }
    return bytes
  }

  private func read(_ bytes: [UInt8], as schema: AvroSchema?) async throws(AvroError) {
    var reader = try await AvroFileReader(MemorySource(Bytes(bytes), name: "damaged"), as: schema, limits: limits)
    let records = try await reader.rest()
    if schema != nil { return }
    let encoder = AvroEncoder(reader.header.schema)
    for record in records { _ = try encoder.encode(record) }
  }

  @Test(arguments: containers) func `a container that is cut anywhere is refused`(_ file: String) async throws {
    let bytes = try Surroundings.fixture(file).array
    for count in 0..<bytes.count {
      let error = await failure { try await read(Array(bytes.prefix(count)), as: nil) }
      // Behind the header and without a block it is a whole file that has no records.
      let header = try AvroFileHeader.parse(Bytes(bytes), limits: limits).end
      if (error == nil) != (count == header) { Issue.record("\(file) cut at \(count)") }
    }
  }

  @Test(arguments: containers) func `a container with a byte changed is read or refused`(_ file: String) async throws {
    let bytes = try Surroundings.fixture(file).array
    let header = try AvroFileHeader.parse(Bytes(bytes), limits: limits).header
    var data = RandomData(SeededGenerator())
    for at in bytes.indices {
      var changed = bytes
      changed[at] ^= UInt8(1 + data.below(255))
      // With the schema of the manifest too, which then differs from that of the file.
      let error = await failure { try await read(changed, as: at % 4 == 0 ? header.schema : nil) }
      if let error, error.file != "damaged" { Issue.record("seed \(Surroundings.seed), \(file), \(at): \(error)") }
    }
  }

  @Test(arguments: containers) func `a damaged container is read or refused`(_ file: String) async throws {
    let bytes = try Surroundings.fixture(file).array
    let header = try AvroFileHeader.parse(Bytes(bytes), limits: limits)
    var data = RandomData(SeededGenerator())
    // What lies behind the header decides more than the letters of the schema.
    let body = Array(bytes[header.end...])
    for _ in 0..<1000 {
      let changed = data.below(2) == 0 ? bytes.prefix(header.end) + damaged(body, &data) : damaged(bytes, &data)[...]
      let error = await failure { try await read(Array(changed), as: nil) }
      if let error, error.file != "damaged" { Issue.record("seed \(Surroundings.seed), \(file): \(error)") }
    }
  }

  @Test(arguments: [AvroCodec.null, .deflate])
  func `a damaged container of many records is read or refused`(_ codec: AvroCodec) async throws {
    var data = RandomData(SeededGenerator())
    for _ in 0..<20 {
      let schema = try AvroSchema(data.schema())
      let sink = MemorySink()
      var options = AvroFileWriter.Options()
      options.blockBytes = 50
      var writer = AvroFileWriter(sink, header: try AvroFileHeader(schema, codec: codec), options: options)
      for _ in 0..<20 { try await writer.append(try data.value(schema)) }
      try await writer.finish()
      let bytes = await sink.contents.array
      for _ in 0..<100 { _ = await failure { try await read(damaged(bytes, &data), as: nil) } }
    }
  }

  @Test(arguments: 1...5) func `damaged segment records are read or refused`(_ version: Int) throws {
    let bytes = try Surroundings.fixture("milvus-snapshot/segment-1001.v\(version).avro").array
    let schema = try AvroSchema(SegmentSchemas.json(version: version))
    let prefix = try AvroSchema(SegmentSchemas.json(version: version, upTo: "start_position"))
    let decoders = [
      AvroDecoder(schema, limits: limits), try AvroDecoder(writer: schema, reader: prefix, limits: limits),
    ]
    for count in bytes.indices {
      for decoder in decoders {
        #expect(failure { try decoder.decode(Bytes(Array(bytes.prefix(count)))) }?.offset != nil)
      }
    }
    var data = RandomData(SeededGenerator())
    for _ in 0..<3000 {
      let changed = Bytes(damaged(bytes, &data))
      for decoder in decoders {
        do throws(AvroError) {
          let value = try decoder.decode(changed)
          _ = try AvroEncoder(decoder.schema).encode(value)
        } catch {
          if error.offset == nil { Issue.record("seed \(Surroundings.seed): \(error)") }
        }
      }
    }
  }

  @Test(arguments: 1...6) func `damaged raw manifests are read or refused`(_ version: Int) throws {
    let bytes = try Surroundings.fixture("milvus-v3/files/legacy/seg/_metadata/milv-\(version).bin").array
    let decoder = AvroDecoder(try AvroSchema(MilvusManifestTests.legacyGroups), limits: limits)
    let groups = 6
    _ = try decoder.decodePrefix(Bytes(bytes), from: groups)
    var data = RandomData(SeededGenerator())
    for _ in 0..<3000 {
      let changed = bytes.prefix(groups) + damaged(Array(bytes[groups...]), &data)
      _ = failure { try decoder.decodePrefix(Bytes(Array(changed)), from: groups) }
    }
  }

  @Test func `damaged schemas are parsed or refused`() throws {
    var data = RandomData(SeededGenerator())
    for _ in 0..<300 {
      let json = Array(data.schema().utf8)
      for _ in 0..<20 {
        do throws(AvroError) {
          let schema = try AvroSchema(Bytes(damaged(json, &data)))
          _ = try schema.fingerprint
        } catch {
          if error.code != .invalidSchema { Issue.record("seed \(Surroundings.seed): \(error)") }
        }
      }
    }
  }
}

import ByteBuffers
import Foundation
import Parquet
import Testing

@testable import MilvusStorage

/// Damaged files end in an error or in a value, soon, and never in a trap.
///
/// `MILVUS_MUTATION_SEED` repeats a run; `MILVUS_MUTATIONS` sets how many damages of each file are decoded in full.
@Suite("Damaged files")
struct MutationTests {
  private let seed: UInt64
  private let decoded: Int

  /// Damages of each file of which the container, and each document of which the schema, is read.
  private static let headersRead = 2000

  init() {
    let environment = ProcessInfo.processInfo.environment
    seed = environment["MILVUS_MUTATION_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
    decoded = environment["MILVUS_MUTATIONS"].flatMap { Int($0) } ?? 2000
  }

  private func damaged(_ file: Bytes, _ random: inout SplitMix) -> Bytes {
    if random.next() % 8 == 0 { return file[0..<Int(random.next() % UInt64(file.count))] }
    var bytes = file.array
    // Headers and footers are where lengths and counts stand, so half of the damage goes there.
    let at: Int
    switch random.next() % 4 {
    case 0: at = Int(random.next() % UInt64(min(200, bytes.count)))
    case 1: at = bytes.count - 1 - Int(random.next() % UInt64(min(400, bytes.count)))
    default: at = Int(random.next() % UInt64(bytes.count))
    }
    bytes[at] ^= UInt8(1 + random.next() % 255)
    return Bytes(bytes)
  }

  @Test("A damaged container is read or refused with its path", arguments: V1Fixture.all)
  func containers(_ fixture: V1Fixture) async throws {
    print("mutation seed \(seed)")
    var random = SplitMix(state: seed)
    for file in try await fixture.files() {
      for _ in 0..<MutationTests.headersRead {
        let source = MemorySource(damaged(file.bytes, &random), name: file.key)
        do {
          let binlog = try await Binlog(opening: source)
          // Expectations cost more than the reading, so only failures are recorded.
          if !binlog.events.allSatisfy({ $0.payload.lowerBound >= 0 && $0.payload.upperBound <= source.size }) {
            Issue.record("payload outside its file: seed \(seed), \(file.key)")
          }
        } catch {
          if error.path != file.key { Issue.record("error without its path: seed \(seed), \(error)") }
        }
      }
    }
  }

  @Test("A damaged schema is read or refused", arguments: V1Fixture.all)
  func schemas(_ fixture: V1Fixture) throws {
    var random = SplitMix(state: seed)
    for name in ["schema.json", "grpc/DescribeCollection.json"] {
      let document = try fixture.bytes(name)
      for _ in 0..<MutationTests.headersRead {
        do {
          let schema = try CollectionSchema(json: damaged(document, &random), source: name)
          if !schema.fields.contains(where: \.isPrimaryKey) { Issue.record("no key: seed \(seed), \(name)") }
        } catch {
          if error.path != name { Issue.record("error without its path: seed \(seed), \(error)") }
        }
      }
    }
  }

  @Test("Values of a damaged file are read or refused, and never hang", arguments: V1Fixture.all)
  func values(_ fixture: V1Fixture) async throws {
    print("mutation seed \(seed)")
    let (_, schema) = try await fixture.opened(try fixture.store())
    var random = SplitMix(state: seed)
    for file in try await fixture.files() {
      let parts = file.key.split(separator: "/")
      let field = parts[0] == "insert_log" ? Int64(parts[4]).flatMap { schema.field(id: $0) } : nil
      for _ in 0..<decoded {
        let source = MemorySource(damaged(file.bytes, &random), name: file.key)
        let start = ContinuousClock.now
        do {
          if let field {
            try await readValues(source, field)
          } else {
            let log = DeltaLog(source, keyType: schema.primaryKey.dataType, codec: NativeParquetCodec())
            try await log.forEach { _ in }
          }
        } catch {
          #expect(error is BackfillError || error is ParquetError)
        }
        // A hang, not a speed: other tests may have the machine meanwhile.
        #expect(ContinuousClock.now - start < .seconds(120), "seed \(seed), \(file.key)")
      }
    }
  }

  private func readValues(_ source: MemorySource, _ field: FieldSchema) async throws {
    let binlog = try await Binlog(opening: source)
    for event in binlog.events {
      let file = try await NativeParquetCodec().openReader(binlog.payload(of: event))
      guard let node = file.metadata.schema.fields.first, BinlogColumnType.mismatch(node, field) == nil else {
        continue
      }
      let rows = try file.rows(RowSelection(fields: [0]))
      var text: [UInt8] = []
      while let batch = try await rows.next(limit: 512) {
        let column = try ColumnAssembly.fixedWidth(batch.columns[0], field)
        for row in 0..<column.count {
          text.removeAll(keepingCapacity: true)
          try CanonicalCell.append(column, row: row, field: field, to: &text)
        }
      }
    }
  }
}

/// A small generator whose runs can be repeated.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

import ByteBuffers
import Foundation
import Testing

@testable import Parquet

/// Whole files: sound ones have no fault, and the corpus' broken ones are found.
struct VerificationTests {
  static func verify(_ bytes: [UInt8]) async throws -> ParquetVerification.Result {
    try await ParquetVerification(MemorySource(Bytes(bytes), name: "test")).run()
  }

  /// Files of the corpus that break a rule, with words of the fault that is to be found.
  static let faulty: [String: String] = [
    "data/datapage_v1-corrupt-checksum.parquet": "checksum",
    "data/rle-dict-uncompressed-corrupt-checksum.parquet": "checksum",
    // An early writer of the page index left its null counts at -1 and took that for pages of nulls.
    "data/datapage_v1-uncompressed-checksum.parquet": "nulls alone; it has 2560 values",
    "data/datapage_v1-snappy-compressed-checksum.parquet": "nulls alone; it has 2560 values",
  ]

  static let readable = CorpusTests.files.filter {
    $0.hasPrefix("data/") && !$0.hasSuffix(".encrypted") && !$0.contains("large_string_map")
  }

  @Test(.enabled(if: Surroundings.corpus != nil, "the corpus is not here"), arguments: readable)
  func `a file of the corpus has no fault but those that are known`(_ file: String) async throws {
    let corpus = try #require(Surroundings.corpus)
    let result = try await Self.verify(try Surroundings.bytes(corpus.appendingPathComponent(file)))
    let faults = result.findings.filter { $0.severity == .fault }.map(\.description)
    if let word = Self.faulty[file] {
      #expect(faults.contains { $0.contains(word) && $0.contains("offset") }, "\(faults)")
    } else {
      #expect(faults.isEmpty, "\(file): \(faults.prefix(5))")
    }
    #expect(result.counts.uncheckedChunks == 0)
    #expect(result.counts.pages > 0 || result.counts.values == 0)
  }

  @Test(.enabled(if: Surroundings.corpus != nil, "the corpus is not here"))
  func `wrong checksums of the corpus are found in their pages`() async throws {
    let corpus = try #require(Surroundings.corpus)
    let bytes = try Surroundings.bytes(corpus.appendingPathComponent("data/datapage_v1-corrupt-checksum.parquet"))
    let result = try await Self.verify(bytes)
    // The corpus says: the first page of column a and the second page of column b are wrong.
    let places = result.findings.filter { $0.what.contains("checksum") }.map { "\($0.column ?? "") \($0.offset ?? 0)" }
    #expect(places.count == 2)
    #expect(places[0].hasPrefix("a 4"))
    #expect(places[1].hasPrefix("b "))
  }

  @Test(arguments: [CompressionCodec.uncompressed, .snappy, .gzip, .brotli, .lz4Raw, .zstd], [false, true])
  func `what the writer writes has no fault`(_ codec: CompressionCodec, _ dictionary: Bool) async throws {
    for version in [WriterProperties.PageVersion.v1, .v2] {
      var properties = WriterProperties(codec, dictionary: dictionary, version)
      properties.defaults.level = nil
      properties.pageRows = 100
      properties.rowGroupRows = 300
      let table = TestData.everything(rows: 1000, seed: Surroundings.seed)
      let result = try await Self.verify(try await table.write(properties).bytes)
      #expect(result.findings.isEmpty, "\(result.findings.prefix(5).map(\.description))")
      #expect(result.counts.rowGroups == 4)
      #expect(result.counts.chunks == 4 * table.schema.leaves.count)
      #expect(result.counts.statistics == 4 * table.schema.leaves.count)
      #expect(result.counts.values > 0 && result.counts.nulls > 0 && result.counts.texts > 0)
    }
  }

  @Test(arguments: [WriterProperties.PageVersion.v1, .v2], [false, true])
  func `every encoding, with filters and within a budget, has no fault`(
    _ version: WriterProperties.PageVersion,
    _ dictionary: Bool
  ) async throws {
    var random = TestRandom(seed: Surroundings.seed)
    var properties = WriterProperties(.zstd, dictionary: dictionary, version)
    properties.pageBytes = 20_000
    properties.memoryBudget = 2 << 20
    var fields: [TestField] = []
    for (encoding, type, length, logical) in WritingFeatureTests.combinations {
      properties.columns[fields.count] = properties.defaults
      properties.columns[fields.count]?.encoding = encoding
      if type != .boolean { properties.columns[fields.count]?.writesBloomFilter = .init(distinctValues: 2000) }
      let node = SchemaNode("f\(fields.count)", type, length: length, repetition: .optional, logicalType: logical)
      let rows = (0..<6000).map { row -> Datum in
        row % 5 == 1 ? .null : TestData.value(type, length, distinct: 2000, &random)
      }
      fields.append(TestField(node: node, rows: rows))
    }
    let vectors = (0..<6000).map { _ in Datum.value((0..<500).map { _ in UInt8.random(in: 0...255, using: &random) }) }
    fields.append(TestField(node: SchemaNode("vector", .fixedLengthByteArray, length: 500), rows: vectors))
    let (bytes, file) = try await TestTable(fields).write(properties)
    #expect(file.rowGroupRows.count > 1, "the budget ends row groups")
    let result = try await Self.verify(bytes)
    #expect(result.findings.isEmpty, "\(result.findings.prefix(5).map(\.description))")
    let (groups, columns) = (file.rowGroupRows.count, fields.count)
    #expect(result.counts.chunks == groups * columns)
    // Neither the booleans nor the vectors have a filter.
    #expect(result.counts.bloomFilters == groups * (columns - 2))
    #expect(result.counts.uncheckedChunks == 0)
  }

  @Test func `empty files have no fault`() async throws {
    let table = TestTable(TestField(node: SchemaNode("a", .int32), rows: []))
    let result = try await Self.verify(try await table.write().bytes)
    #expect(result.findings.isEmpty)
    #expect(result.counts.rowGroups == 0)
  }

  @Test(.enabled(if: Surroundings.python != nil, "no pyarrow"), arguments: ["1.0", "2.0"])
  func `what pyarrow writes, with every index it has, has no fault`(_ version: String) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("verify-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("all.parquet").path
    try Surroundings.run(try #require(Surroundings.python), ["-c", Self.script, path, version])
    let result = try await Self.verify(try Surroundings.bytes(URL(fileURLWithPath: path)))
    #expect(result.findings.isEmpty, "\(result.findings.prefix(5).map(\.description))")
    #expect(result.counts.checksums == result.counts.pages)
    #expect(result.counts.offsetIndexes == result.counts.chunks)
    #expect(result.counts.columnIndexes > 0)
    #expect(result.counts.bounds > 0)
  }

  /// Types with an order of their own among them: unsigned, decimals, halves, NaN, zeros of both signs, nested.
  private static let script = """
    import sys, random, datetime, decimal, numpy as np, pyarrow as pa, pyarrow.parquet as pq
    n = 5000; r = random.Random(1)
    def some(f): return [None if r.random() < .1 else f() for _ in range(n)]
    t = pa.table({
      'u32': pa.array(some(lambda: r.randrange(2**32)), pa.uint32()),
      'u64': pa.array(some(lambda: r.randrange(2**64)), pa.uint64()),
      'i64': pa.array(sorted(r.randrange(-2**63, 2**63) for _ in range(n)), pa.int64()),
      'dec': pa.array(some(lambda: decimal.Decimal(r.randrange(-10**30, 10**30)).scaleb(-3)), pa.decimal128(38, 3)),
      'dec256': pa.array(some(lambda: decimal.Decimal(r.randrange(-10**37, 10**37))), pa.decimal256(60, 0)),
      'f16': pa.array(np.array([r.gauss(0, 9) for _ in range(n)], dtype=np.float16)),
      'f32': pa.array(some(lambda: r.choice([0.0, -0.0, float('nan'), r.gauss(0, 1)])), pa.float32()),
      'f64': pa.array(some(lambda: r.choice([0.0, -0.0, float('inf'), r.gauss(0, 1)]))),
      'text': pa.array(some(lambda: 'ä' * r.randrange(4) + str(r.randrange(9**9)))),
      'bytes': pa.array(some(lambda: r.randbytes(r.randrange(9))), pa.binary()),
      'fixed': pa.array(some(lambda: r.randbytes(7)), pa.binary(7)),
      'bool': pa.array(some(lambda: r.random() < .5)),
      'date': pa.array(some(lambda: datetime.date(1970, 1, 1) + datetime.timedelta(r.randrange(-9999, 9999)))),
      'list': pa.array(some(lambda: [r.choice([None, 1, -5, 7]) for _ in range(r.randrange(5))]), pa.list_(pa.int32())),
      'map': pa.array(some(lambda: [(str(k), r.choice([None, 'x'])) for k in range(r.randrange(3))]), pa.map_(pa.string(), pa.string())),
      'struct': pa.array(some(lambda: {'a': r.choice([None, 1]), 'b': [{'c': 'x'}] * r.randrange(3)}),
                         pa.struct([('a', pa.int64()), ('b', pa.list_(pa.struct([('c', pa.string())])))])),
    })
    pq.write_table(t, sys.argv[1], row_group_size=2000, data_page_size=2000, write_batch_size=50,
      data_page_version=sys.argv[2], write_page_index=True, write_page_checksum=True, compression='zstd')
    """
}

import ByteBuffers
import Foundation
import Parquet
import Testing

/// Broken files end in an error or in values, soon and within limits; a trap would end the test process.
@Suite(.enabled(if: Surroundings.corpus != nil, "the corpus is not here"))
struct HostileTests {
  /// Files of the default run: each physical type, lists, dictionaries, both page versions, all codecs that are read.
  static let sample = [
    "data/alltypes_dictionary.parquet", "data/alltypes_plain.snappy.parquet", "data/list_columns.parquet",
    "data/null_list.parquet", "data/page_v2_empty_compressed.parquet", "data/rle-dict-snappy-checksum.parquet",
    "data/fixed_length_decimal.parquet", "data/float16_nonzeros_and_nans.parquet", "data/int96_from_spark.parquet",
    "data/concatenated_gzip_members.parquet", "data/hadoop_lz4_compressed.parquet", "data/lz4_raw_compressed.parquet",
    "data/binary.parquet", "data/sort_columns.parquet", "data/datapage_v2.snappy.parquet",
    "data/delta_encoding_optional_column.parquet", "data/byte_stream_split.zstd.parquet",
    "bad_data/ARROW-GH-43605.parquet", "bad_data/ARROW-GH-45185.parquet",
  ]

  /// Files small enough to be cut at every byte.
  static let small = CorpusTests.files.filter { file in
    guard let corpus = Surroundings.corpus else { return false }
    let path = corpus.appendingPathComponent(file).path
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? Int ?? .max
    return size < 1200
  }

  private static func bytes(_ file: String) throws -> [UInt8] {
    try Surroundings.bytes(try #require(Surroundings.corpus).appendingPathComponent(file))
  }

  /// Reads as much as a careful program would.
  private func tryReading(_ bytes: [UInt8], _ what: @autoclosure () -> String) async {
    var options = ReaderOptions()
    options.limits.pageBytes = 16 << 20
    options.limits.batchBytes = 16 << 20
    options.limits.valueBytes = 1 << 20
    let start = ContinuousClock.now
    let source = MemorySource(Bytes(bytes))
    if let reader = try? await NativeParquetCodec(readerOptions: options).openReader(source) {
      _ = try? await drain(reader)
      if reader.metadata.rowGroups.first?.columns.isEmpty == false,
        var pages = try? ParquetPages(source, metadata: reader.metadata, rowGroup: 0, leaf: 0, options: options)
      {
        while (try? await pages.next()) != nil {}
      }
    }
    let took = ContinuousClock.now - start
    // A hang, not a speed: milliseconds as a rule, and other tests may have the machine meanwhile.
    #expect(took < .seconds(120), "\(what()): took \(took)")
  }

  /// Reads rows and checks that every buffer holds what its column claims.
  private func drain(_ reader: any ParquetFileReader) async throws(ParquetError) {
    let rows = try reader.rows(RowSelection())
    var count = 0
    while count < 20_000, let batch = try await rows.next(limit: 1000) {
      count += batch.rowCount
      for column in batch.columns {
        #expect(column.count == batch.rowCount)
        #expect(isWhole(column))
      }
    }
  }

  private func isWhole(_ column: Column) -> Bool {
    if let validity = column.validity {
      guard validity.bits.count >= (column.count + 7) / 8 else { return false }
      guard (0..<column.count).count(where: { !validity.isValid($0) }) == validity.nullCount else { return false }
    }
    switch column.storage {
    case .fixed(let values, let width): return values.count == column.count * width
    case .variable(let offsets, let data): return ascend(offsets, column.count, to: data.count)
    case .list(let offsets, let elements): return ascend(offsets, column.count, to: elements.count) && isWhole(elements)
    case .structure(let fields): return fields.allSatisfy { $0.count == column.count && isWhole($0) }
    case .dictionary(let indices, let values): return indices.count == 4 * column.count && isWhole(values)
    }
  }

  private func ascend(_ offsets: Bytes, _ count: Int, to end: Int) -> Bool {
    guard offsets.count == 4 * (count + 1) else { return false }
    var last: Int32 = 0
    for index in 0...count {
      let next = offsets.base.load(fromByteOffset: 4 * index, as: Int32.self)
      guard next >= last, index > 0 || next == 0 else { return false }
      last = next
    }
    return Int(last) == end
  }

  @Test(arguments: small)
  func `a file that is cut off anywhere is an error`(_ file: String) async throws {
    let whole = try Self.bytes(file)
    for length in 0..<whole.count {
      let source = MemorySource(Bytes(Array(whole[..<length])))
      await #expect(throws: ParquetError.self, "\(file) cut at \(length)") {
        try await readTable(source) { 1000 }
      }
    }
  }

  @Test(arguments: small)
  func `a file that lacks bytes before its footer is an error or values`(_ file: String) async throws {
    let whole = try Self.bytes(file)
    for removed in stride(from: 1, to: whole.count - 12, by: 3) {
      await tryReading(Array(whole[..<4] + whole[(4 + removed)...]), "\(file) without \(removed) bytes")
    }
  }

  @Test(arguments: sample)
  func `single changed bytes are errors or values`(_ file: String) async throws {
    let whole = try Self.bytes(file)
    var generator = SeededGenerator(Surroundings.seed)
    for _ in 0..<2000 {
      var changed = whole
      let at = Int.random(in: 0..<whole.count, using: &generator)
      changed[at] = UInt8.random(in: 0...255, using: &generator)
      await tryReading(changed, "\(file) with \(changed[at]) at \(at), seed \(Surroundings.seed)")
    }
  }

  @Test(arguments: sample)
  func `many changed bytes are errors or values`(_ file: String) async throws {
    let whole = try Self.bytes(file)
    var generator = SeededGenerator(Surroundings.seed ^ 1)
    for _ in 0..<300 {
      var changed = whole
      for _ in 0..<Int.random(in: 2...20, using: &generator) {
        changed[Int.random(in: 0..<whole.count, using: &generator)] =
          [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &generator) ?? 0
      }
      await tryReading(changed, "\(file), seed \(Surroundings.seed)")
    }
  }
}

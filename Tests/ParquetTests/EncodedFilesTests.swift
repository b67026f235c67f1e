import ByteBuffers
import Foundation
import Testing

@testable import Parquet

/// Files that pyarrow wrote in chosen encodings: read, and written again to the same bytes.
@Suite(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
struct EncodedFilesTests {
  private func withFiles(_ body: (URL, [String]) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("parquet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = Surroundings.testFolder.appendingPathComponent("Fixtures/make_encodings.py").path
    try Surroundings.run(try #require(Surroundings.python), ["-B", script, folder.path, "\(Surroundings.seed)"])
    try await body(folder, Surroundings.files(folder, endings: [".parquet"]))
  }

  @Test func `values in every encoding of every type are those that were given`() async throws {
    try await withFiles { folder, files in
      #expect(files.count == 24)
      var generator = SeededGenerator(Surroundings.seed)
      for file in files {
        let path = folder.appendingPathComponent(file)
        let source = MemorySource(Bytes(try Surroundings.bytes(path)), name: file)
        let json = path.deletingPathExtension().appendingPathExtension("json")
        let truth = try TruthJSON.table(try Surroundings.bytes(json))
        let most = [1, 3, 50, 700, 5000].randomElement(using: &generator) ?? 1
        let own = try await readTable(source) { Int.random(in: 1...most, using: &generator) }
        let difference = own.difference(from: truth)
        #expect(difference == nil, "\(file), seed \(Surroundings.seed): \(difference ?? "")")
      }
    }
  }

  @Test func `values of required columns are encoded to the bytes that pyarrow wrote`() async throws {
    try await withFiles { folder, files in
      var compared: [Encoding: Int] = [:]
      for file in files {
        let source = MemorySource(Bytes(try Surroundings.bytes(folder.appendingPathComponent(file))), name: file)
        let reader = try await NativeParquetReader(source, options: ReaderOptions())
        for group in reader.metadata.rowGroups.indices {
          for leaf in reader.metadata.schema.leaves where leaf.maxDefinitionLevel == 0 {
            let chunk = reader.metadata.rowGroups[group].columns[leaf.index]
            guard chunk.codec == .uncompressed, chunk.valueCount > 0, leaf.type != .boolean else { continue }
            let pages = try PageStream(
              reader.source,
              chunk: chunk,
              dataEnd: reader.footerStart,
              column: leaf.dottedPath,
              rowGroup: group,
              options: ReaderOptions()
            )
            var left = Int(chunk.valueCount)
            while left > 0, let raw = try await pages.next() {
              let (encoding, count) = try compare(raw, leaf)
              compared[encoding, default: 0] += count
              left -= count
            }
          }
        }
      }
      for encoding in [Encoding.deltaBinaryPacked, .deltaByteArray, .deltaLengthByteArray, .byteStreamSplit] {
        #expect(compared[encoding, default: 0] > 0, "\(encoding) was not compared")
      }
    }
  }

  /// Decodes a page without levels, encodes its values and compares the bytes.
  private func compare(_ raw: RawPage, _ leaf: LeafColumn) throws -> (encoding: Encoding, count: Int) {
    let opened = try OpenPage(raw, leaf: leaf, codec: .uncompressed, dictionary: nil, limits: ReaderLimits())
    let page = try #require(opened)
    let encoding: Encoding
    switch raw.header.kind {
    case .dataV1(let details): encoding = details.encoding
    case .dataV2(let details): encoding = details.encoding
    default: return (.plain, 0)
    }
    let count = page.entriesLeft
    let values = try page.values.values(count, leaf.layout)
    let width = leaf.type == .byteArray ? nil : leaf.slotWidth
    let plain = EncodedValues.plain(values, width: width)
    let bytes = EncodedValues.encoded(plain) { source, out in
      switch encoding {
      case .deltaBinaryPacked:
        DeltaBinaryPackedEncoder.encode(source, count: count, width: leaf.slotWidth, into: &out)
      case .deltaLengthByteArray:
        DeltaLengthByteArrayEncoder.encode(plain: source, byteCount: plain.count, count: count, into: &out)
      case .deltaByteArray:
        DeltaByteArrayEncoder.encode(plain: source, byteCount: plain.count, count: count, width: width, into: &out)
      default:
        ByteStreamSplitEncoder.encode(source, count: count, width: leaf.slotWidth, into: &out)
      }
    }
    // Blocks of 64-bit integers have 256 values there.
    let same = bytes == raw.body.array || encoding == .deltaBinaryPacked && leaf.slotWidth == 8
    #expect(same, "\(leaf.dottedPath), \(count) values, seed \(Surroundings.seed)")
    return (encoding, count)
  }
}

import ByteBuffers
import Foundation
import Testing

@testable import Parquet

/// What one side compresses the other decompresses, within this library and with others.
struct CompressionTests {
  /// Every codec with its default level and with the ends of its range.
  static let ways: [(codec: CompressionCodec, level: Int?)] = Compressor.codecs.flatMap { codec in
    guard codec != .uncompressed else { return [(codec: CompressionCodec, level: Int?)]() }
    let levels = Compressor.levels(of: codec).map { [$0.lowerBound, $0.upperBound] } ?? []
    return ([nil] + levels).map { (codec, $0) }
  }

  /// Blocks without a pattern, with words that repeat, and of one byte only.
  static func blocks(_ generator: inout SeededGenerator) -> [[UInt8]] {
    let words = (0..<40).map { _ in (0..<Int.random(in: 1...9, using: &generator)).map { UInt8($0 * 37 & 0xff) } }
    var text: [UInt8] = []
    while text.count < 100_000 { text += words.randomElement(using: &generator) ?? [] }
    let noise = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return [[], [7], noise, text, [UInt8](repeating: 65, count: 100_000)]
  }

  static func compressed(
    _ block: [UInt8],
    _ codec: CompressionCodec,
    _ level: Int? = nil
  ) throws(ParquetError) -> [UInt8] {
    let compressor = Compressor(pool: .shared)
    return try Bytes(block).withUnsafeBytes { source throws(ParquetError) in
      Array(try compressor.compress(source, codec, level: level))
    }
  }

  @Test func `every codec gives back what it took, at the ends of its levels`() throws {
    var generator = SeededGenerator(Surroundings.seed)
    let blocks = Self.blocks(&generator)
    #expect(Self.ways.count == 12)
    for (codec, level) in Self.ways {
      for (index, block) in blocks.enumerated() {
        let packed = try Self.compressed(block, codec, level)
        let back = try Decompressor.decompress(Bytes(packed), codec: codec, size: block.count)
        let same = back.array == block
        #expect(same, "\(codec) \(level ?? -1), block \(index), seed \(Surroundings.seed)")
        guard index > 2, level ?? 1 > 0 else { continue }
        #expect(packed.count < block.count, "\(codec) \(level ?? -1) does not compress")
      }
    }
  }

  @Test func `a compressor that went from codec to codec gives the same bytes as a fresh one`() throws {
    var generator = SeededGenerator(Surroundings.seed)
    let blocks = Self.blocks(&generator)
    let compressor = Compressor(pool: .shared)
    for (codec, level) in Self.ways.shuffled(using: &generator) where codec != .zstd || level == nil {
      for block in blocks {
        let used = try block.withUnsafeBytes { Array(try compressor.compress($0, codec, level: level)) }
        let fresh = try Self.compressed(block, codec, level)
        #expect(used == fresh, "\(codec) \(level ?? -1)")
      }
    }
  }

  @Test func `levels are those of the libraries, and the defaults lie within`() {
    #expect(Compressor.levels(of: .gzip) == 0...9)
    #expect(Compressor.levels(of: .brotli) == 0...11)
    #expect(Compressor.levels(of: .zstd)?.upperBound == 22)
    #expect(Compressor.defaultLevel(of: .gzip) == 6)
    #expect(Compressor.defaultLevel(of: .zstd) == 3)
    for codec in Compressor.codecs {
      #expect(Compressor.supports(codec))
      guard let levels = Compressor.levels(of: codec) else {
        #expect(Compressor.defaultLevel(of: codec) == nil)
        continue
      }
      #expect(Compressor.defaultLevel(of: codec).map(levels.contains) == true)
    }
    #expect(!Compressor.supports(.lzo))
    #expect(!Compressor.supports(CompressionCodec(rawValue: 8)))
  }

  @Test(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
  func `blocks of other implementations are read, in every framing that occurs`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("blocks-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = Surroundings.testFolder.appendingPathComponent("Fixtures/compress_blocks.py").path
    try Surroundings.run(try #require(Surroundings.python), [script, folder.path, "\(Surroundings.seed)"])
    let files = Surroundings.files(folder, endings: [".packed"])
    #expect(files.count == 5 * 25)
    for file in files {
      let path = folder.appendingPathComponent(file)
      let number = try #require(file.split(separator: ".").dropFirst().first.flatMap { Int32($0) })
      let plain = try Surroundings.bytes(path.deletingPathExtension().appendingPathExtension("plain"))
      let packed = Bytes(try Surroundings.bytes(path))
      let codec = CompressionCodec(rawValue: number)
      do throws(ParquetError) {
        let same = try Decompressor.decompress(packed, codec: codec, size: plain.count).array == plain
        #expect(same, "\(file), seed \(Surroundings.seed)")
      } catch {
        Issue.record("\(file), seed \(Surroundings.seed): \(error)")
      }
      for wrong in [plain.count - 1, plain.count + 1] where wrong >= 0 {
        #expect(throws: ParquetError.self, "\(file) with \(wrong) bytes, seed \(Surroundings.seed)") {
          try Decompressor.decompress(packed, codec: codec, size: wrong)
        }
      }
    }
  }
}

import ByteBuffers
import Testing

@testable import Parquet

/// Broken blocks are errors that name their codec, or bytes of exactly the stated size.
struct CompressionHostileTests {
  static let codecs: [CompressionCodec] = Compressor.codecs.filter { $0 != .uncompressed }

  /// A block of words, which uses literals and copies of several lengths.
  private static func block(_ generator: inout SeededGenerator) -> [UInt8] {
    let words = (0..<30).map { _ in
      (0..<Int.random(in: 1...40, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
    return (0..<150).flatMap { _ in words.randomElement(using: &generator) ?? [] }
  }

  /// Whether the outcome is one of those that are allowed.
  private func isSound(_ packed: [UInt8], _ codec: CompressionCodec, _ size: Int) -> Bool {
    do throws(ParquetError) {
      return try Decompressor.decompress(Bytes(packed), codec: codec, size: size).count == size
    } catch {
      return error.code == .corrupt && error.message.contains(codec.description)
    }
  }

  @Test(arguments: codecs)
  func `a block that is cut off is an error`(_ codec: CompressionCodec) throws {
    var generator = SeededGenerator(Surroundings.seed)
    let block = Self.block(&generator)
    let packed = try CompressionTests.compressed(block, codec)
    for length in 0..<packed.count {
      let cut = Bytes(Array(packed[..<length]))
      do throws(ParquetError) {
        _ = try Decompressor.decompress(cut, codec: codec, size: block.count)
        Issue.record("\(codec) cut at \(length) of \(packed.count) was read, seed \(Surroundings.seed)")
      } catch {
        #expect(error.code == .corrupt)
        #expect(error.message.contains(codec.description), "\(error)")
      }
    }
  }

  @Test(arguments: codecs)
  func `bytes behind a block are an error`(_ codec: CompressionCodec) throws {
    let block = [UInt8](repeating: 3, count: 5000)
    for tail in [[0], [1, 2, 3], [UInt8](repeating: 0, count: 40)] as [[UInt8]] {
      let packed = try CompressionTests.compressed(block, codec) + tail
      #expect(throws: ParquetError.self, "\(codec) with \(tail.count) bytes more") {
        try Decompressor.decompress(Bytes(packed), codec: codec, size: block.count)
      }
    }
  }

  @Test(arguments: codecs)
  func `two thousand changed bytes are errors or pages of the stated size`(_ codec: CompressionCodec) throws {
    var generator = SeededGenerator(Surroundings.seed)
    let block = Self.block(&generator)
    let packed = try CompressionTests.compressed(block, codec)
    for _ in 0..<2000 {
      var changed = packed
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        // Half of the changes go to the headers.
        let end = Bool.random(using: &generator) ? packed.count : min(packed.count, 24)
        changed[Int.random(in: 0..<end, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      #expect(isSound(changed, codec, block.count), "\(codec), \(changed), seed \(Surroundings.seed)")
    }
  }

  private static let magic: [CompressionCodec: [UInt8]] = [
    .gzip: [0x1f, 0x8b, 8, 0], .zstd: [0x28, 0xb5, 0x2f, 0xfd],
  ]

  @Test(arguments: codecs)
  func `noise is an error or a page of the stated size`(_ codec: CompressionCodec) {
    var generator = SeededGenerator(Surroundings.seed ^ 2)
    for _ in 0..<2000 {
      let count = Int.random(in: 0...60, using: &generator)
      var noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      if count > 3, codec == .lz4 {
        if Bool.random(using: &generator) { noise.replaceSubrange(0..<3, with: [0, 0, 0] as [UInt8]) }
      } else if count > 4, let magic = Self.magic[codec] {
        noise.replaceSubrange(0..<4, with: magic)
      }
      let size = Int.random(in: 0...300, using: &generator)
      #expect(isSound(noise, codec, size), "\(codec), \(noise) as \(size), seed \(Surroundings.seed)")
    }
  }

  /// Codecs with the most bytes that 300 bytes of them can stand for, by their formats.
  static let bounds: [(CompressionCodec, Int)] = [
    (.snappy, 6400), (.gzip, 309_600), (.lz4, 76_500), (.lz4Raw, 76_500), (.zstd, 9_830_400),
  ]

  @Test(arguments: bounds)
  func `a size that cannot come out of a page is refused before memory is taken`(
    _ codec: CompressionCodec,
    _ most: Int
  ) {
    let packed = Bytes([UInt8](repeating: 0, count: 300))
    for size in [most, most + 1, Int(Int32.max)] {
      do throws(ParquetError) {
        _ = try Decompressor.decompress(packed, codec: codec, size: size)
        Issue.record("\(codec) was read as \(size) bytes")
      } catch {
        #expect(error.code == .corrupt)
        #expect(error.message.contains("cannot yield; \(most) is the most") == (size > most), "\(error)")
      }
    }
  }

  @Test(arguments: codecs)
  func `sizes beyond 31 bits are refused`(_ codec: CompressionCodec) {
    for size in [Int(Int32.max) + 1, Int.max, -1, Int.min] {
      #expect(throws: ParquetError.self) {
        try Decompressor.decompress(Bytes([1, 2, 3]), codec: codec, size: size)
      }
    }
  }

  /// The longest runs that encoders make stay within the bounds; zeros are the best that can happen.
  @Test func `the bounds let through what compresses best`() throws {
    let zeros = [UInt8](repeating: 0, count: 4 << 20)
    for codec in Self.codecs {
      let packed = try CompressionTests.compressed(zeros, codec, Compressor.levels(of: codec)?.upperBound)
      #expect(try Decompressor.decompress(Bytes(packed), codec: codec, size: zeros.count).array == zeros, "\(codec)")
    }
  }

  @Test func `nothing is a legal form of nothing, and so is what a codec makes of it`() throws {
    for codec in Self.codecs + [.uncompressed] {
      #expect(try Decompressor.decompress(.empty, codec: codec, size: 0).count == 0)
      #expect(throws: ParquetError.self) { try Decompressor.decompress(.empty, codec: codec, size: 1) }
    }
    let empty: [(CompressionCodec, [UInt8])] = [
      (.snappy, [0]), (.brotli, [6]), (.lz4Raw, [0]), (.lz4, [0]), (.lz4, [0, 0, 0, 0]),
      (.lz4, [0, 0, 0, 0, 0, 0, 0, 1, 0]), (.zstd, [0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0]),
      (.gzip, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ]
    for (codec, packed) in empty {
      #expect(try Decompressor.decompress(Bytes(packed), codec: codec, size: 0).count == 0, "\(codec) \(packed)")
    }
  }

  @Test func `an uncompressed page is passed on, and its two sizes agree`() throws {
    let page = Bytes([1, 2, 3])
    #expect(try Decompressor.decompress(page, codec: .uncompressed, size: 3).base == page.base)
    for size in [2, 4, -1, Int.max] {
      #expect(throws: ParquetError.self) { try Decompressor.decompress(page, codec: .uncompressed, size: size) }
    }
  }

  @Test func `LZO and unknown codecs are refused by name and number`() {
    for (number, word) in [(3, "LZO, which nobody supports"), (8, "codec 8"), (-7, "codec -7")] as [(Int32, String)] {
      let codec = CompressionCodec(rawValue: number)
      do throws(ParquetError) {
        _ = try Decompressor.decompress(Bytes([1, 2, 3]), codec: codec, size: 3)
        Issue.record("\(codec) was read")
      } catch {
        #expect(error.code == .unsupported)
        #expect(error.message.contains(word) && error.message.contains("ZSTD"), "\(error)")
      }
      do throws(ParquetError) {
        _ = try CompressionTests.compressed([1], codec)
        Issue.record("\(codec) was written")
      } catch {
        #expect(error.code == .unsupported)
      }
    }
  }
}

import ByteBuffers
import Foundation
import Testing

@testable import Parquet

/// Split-block bloom filters, against filters of other writers and the formulas of BloomFilter.md.
struct BloomFilterTests {
  private static func corpusFile(_ name: String) throws -> Bytes {
    let corpus = try #require(Surroundings.corpus)
    return Bytes(try Surroundings.bytes(corpus.appendingPathComponent("data/\(name)")))
  }

  @Test func `a filter of another writer holds what its description says`() throws {
    let bytes = try Self.corpusFile("bloom_filter.xxhash.bin")
    let filter = try BloomFilter(decoding: bytes)
    for word in ["hello", "parquet", "bloom", "filter"] {
      #expect(filter.mightContain(hash: BloomFilter.hash(word)), "\(word)")
    }
    let others = (0..<1000).count { filter.mightContain(hash: BloomFilter.hash("other \($0)")) }
    #expect(others == 0)
    #expect(filter.encoded() == bytes)
    #expect(try BloomFilter.encodedSize(startingWith: bytes[0..<min(64, bytes.count)]) == bytes.count)
    var again = BloomFilter(byteCount: filter.byteCount)
    for word in ["hello", "parquet", "bloom", "filter"] { again.insert(hash: BloomFilter.hash(word)) }
    #expect(again == filter)
  }

  @Test(arguments: ["data_index_bloom_encoding_stats.parquet", "data_index_bloom_encoding_with_length.parquet"])
  func `the filter of a file holds the values of its column`(_ name: String) async throws {
    let source = MemorySource(try Self.corpusFile(name))
    let reader = try await NativeParquetCodec().openReader(source)
    let place = try #require(reader.metadata.rowGroups[0].columns[0].bloomFilter)
    let start = Int(place.offset)
    let head = try await source.read(start..<min(source.size, start + BloomFilter.longestHeader))
    let size = try BloomFilter.encodedSize(startingWith: head)
    if let length = place.length { #expect(Int(length) == size) }
    let filter = try BloomFilter(decoding: try await source.read(start..<start + size))
    let rows = try reader.rows(RowSelection())
    var values = 0
    while let batch = try await rows.next(limit: 100) {
      guard case .variable(let offsets, let data) = batch.columns[0].storage else { continue }
      for row in 0..<batch.rowCount {
        let range = PlainEncoder.offset(offsets.base, row)..<PlainEncoder.offset(offsets.base, row + 1)
        #expect(filter.mightContain(hash: BloomFilter.hash(data[range])))
        values += 1
      }
    }
    #expect(values == 14)
    #expect((0..<1000).count { filter.mightContain(hash: BloomFilter.hash("other \($0)")) } < 50)
  }

  @Test func `one value sets one bit in each word of the block that the specification names`() {
    var filter = BloomFilter(byteCount: 128)
    let hash: UInt64 = 0xc000_0000_0000_0001
    filter.insert(hash: hash)
    // The block is 0xc0000000 * 4 >> 32 = 3. The salts times 1, shifted by 27, are their leading five bits.
    let bits: [UInt32] = [8, 8, 17, 20, 14, 5, 19, 11]
    #expect(filter.words[..<24].allSatisfy { $0 == 0 })
    #expect(Array(filter.words[24...]) == bits.map { 1 << $0 })
    #expect(filter.mightContain(hash: hash) && !filter.mightContain(hash: hash ^ 0x8000_0000))
    // numBytes 128 as zigzag varint, then three unions with member 1.
    let header: [UInt8] = [0x15, 0x80, 0x02, 0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0]
    let blocks =
      [UInt8](repeating: 0, count: 96)
      + bits.flatMap { (bit: UInt32) in
        (0..<4).map { UInt8(truncatingIfNeeded: (UInt32(1) << bit) >> UInt32(8 * $0)) }
      }
    #expect(filter.encoded().array == header + blocks)
  }

  @Test func `the size keeps the rate and is a power of two`() {
    // -8 * 1,000,000 / ln(1 - 0.01^(1/8)) = 9,681,527 bits = 1,210,191 bytes.
    #expect(BloomFilter(distinctValues: 1_000_000, falsePositiveRate: 0.01).byteCount == 2 << 20)
    #expect(BloomFilter.byteCount(distinctValues: 0, falsePositiveRate: 0.5) == 32)
    #expect(BloomFilter.byteCount(distinctValues: .max, falsePositiveRate: 0.001) == 128 << 20)
    var filter = BloomFilter(distinctValues: 10_000, falsePositiveRate: 0.01)
    for value in 0..<10_000 { filter.insert(hash: BloomFilter.hash(Int64(value))) }
    #expect((0..<10_000).allSatisfy { filter.mightContain(hash: BloomFilter.hash(Int64($0))) })
    #expect((10_000..<110_000).count { filter.mightContain(hash: BloomFilter.hash(Int64($0))) } < 1000)
  }

  @Test func `a shrunk filter is what a small one would have become`() {
    for values in [1, 100, 5000] {
      var large = BloomFilter(distinctValues: 1 << 20, falsePositiveRate: 0.01)
      var small = BloomFilter(distinctValues: values, falsePositiveRate: 0.01)
      for value in 0..<values {
        large.insert(hash: BloomFilter.hash(Int32(value)))
        small.insert(hash: BloomFilter.hash(Int32(value)))
      }
      large.shrink(distinctValues: values, falsePositiveRate: 0.01)
      #expect(large == small)
    }
  }

  @Test func `values in PLAIN form are hashed without their lengths`() {
    var filter = BloomFilter(byteCount: 1024)
    let strings = Bytes([2, 0, 0, 0] + Array("ab".utf8) + [0, 0, 0, 0] + [1, 0, 0, 0] + Array("c".utf8))
    filter.insert(plain: strings.base, byteCount: strings.count, width: nil)
    let numbers = Bytes([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])
    filter.insert(plain: numbers.base, byteCount: 8, width: 4)
    var expected = BloomFilter(byteCount: 1024)
    for text in ["ab", "", "c"] { expected.insert(hash: BloomFilter.hash(text)) }
    for number: Int32 in [1, -1] { expected.insert(hash: BloomFilter.hash(number)) }
    #expect(filter == expected)
    #expect(BloomFilter.hash("") == 0xef46_db37_51d8_e999)
  }

  @Test func `damaged headers are refused`() throws {
    let good = BloomFilter(byteCount: 32).encoded().array
    for length in 0..<good.count {
      #expect(throws: ParquetError.self) { _ = try BloomFilter(decoding: Bytes(Array(good[..<length]))) }
    }
    for at in 0..<(good.count - 32) {
      for value in UInt8.min...UInt8.max {
        var damaged = good
        damaged[at] = value
        if let filter = try? BloomFilter(decoding: Bytes(damaged)) { #expect(filter.byteCount == 32) }
      }
    }
    // 33, 0, 256 MiB and -32 bytes.
    for size: [UInt8] in [[0x42], [0x00], [0x80, 0x80, 0x80, 0x80, 0x02], [0x3f]] {
      let bytes = [0x15] + size + good[2...]
      let error = #expect(throws: ParquetError.self) { _ = try BloomFilter(decoding: Bytes(bytes)) }
      #expect(error?.code == .corrupt)
    }
    var other = good
    other[3] = 0x2c
    let error = #expect(throws: ParquetError.self) { _ = try BloomFilter(decoding: Bytes(other)) }
    #expect(error?.code == .unsupported)
  }
}

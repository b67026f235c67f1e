import ByteBuffers
import Testing

@testable import Parquet

/// DELTA_BINARY_PACKED against the specification's layout, written bit by bit.
struct DeltaTests {
  private func decoder(_ bytes: [UInt8], width: Int, most: Int = 1 << 20) throws(ParquetError) -> ValueDecoder {
    try DeltaBinaryPackedDecoder(Bytes(bytes), width: width, most: most)
  }

  /// Values whose deltas lie within `bits` bits.
  private func random(_ count: Int, bits: Int, width: Int, _ generator: inout SeededGenerator) -> [Int64] {
    var last = Int64(truncatingIfNeeded: generator.next())
    let base = Int64.random(in: -1000...1000, using: &generator)
    return (0..<count).map { _ in
      let delta = bits == 0 ? 0 : Int64(bitPattern: generator.next() >> UInt64(64 - bits))
      last = last &+ base &+ delta
      return width == 4 ? Int64(Int32(truncatingIfNeeded: last)) : last
    }
  }

  @Test func `the specification's first example, an arithmetic sequence, has no packed data`() throws {
    // 128 values in 4 miniblocks, 5 of them, the first 1; a least delta of 1 and four widths of 0.
    let bytes: [UInt8] = [0x80, 0x01, 4, 5, 2, 2, 0, 0, 0, 0]
    for width in [4, 8] {
      let values = EncodedValues.integers([1, 2, 3, 4, 5], width: width)
      #expect(try decoder(bytes, width: width).values(5, .fixed(width: width)) == values)
      let encoded = EncodedValues.encoded(values.flatMap { $0 }) { source, out in
        DeltaBinaryPackedEncoder.encode(source, count: 5, width: width, into: &out)
      }
      #expect(encoded == bytes)
    }
  }

  @Test func `the specification's second example packs what is above the least delta`() throws {
    // 7 5 3 1 2 3 4 5: deltas -2 -2 -2 1 1 1 1, above -2: 0 0 0 3 3 3 3 in two bits each, padded to 32 of them.
    let bytes: [UInt8] = [0x80, 0x01, 4, 8, 14, 3, 2, 0, 0, 0, 0b1100_0000, 0b0011_1111, 0, 0, 0, 0, 0, 0]
    for width in [4, 8] {
      let values = EncodedValues.integers([7, 5, 3, 1, 2, 3, 4, 5], width: width)
      #expect(try decoder(bytes, width: width).values(8, .fixed(width: width)) == values)
      let encoded = EncodedValues.encoded(values.flatMap { $0 }) { source, out in
        DeltaBinaryPackedEncoder.encode(source, count: 8, width: width, into: &out)
      }
      #expect(encoded == bytes)
    }
  }

  @Test func `deltas that overflow wrap, in 32 bits for 32-bit integers`() throws {
    // Max to min is a delta of 1, and back of -1: above -1 that is 2 and 0, of two bits.
    let narrow: [Int64] = [Int64(Int32.max), Int64(Int32.min), Int64(Int32.max)]
    let bytes: [UInt8] = [0x80, 0x01, 4, 3, 0xfe, 0xff, 0xff, 0xff, 0x0f, 1, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
    let values = EncodedValues.integers(narrow, width: 4)
    #expect(try decoder(bytes, width: 4).values(3, .fixed(width: 4)) == values)
    let encoded = EncodedValues.encoded(values.flatMap { $0 }) { source, out in
      DeltaBinaryPackedEncoder.encode(source, count: 3, width: 4, into: &out)
    }
    #expect(encoded == bytes)
  }

  @Test(arguments: 0...64)
  func `deltas of every width come back, however they are asked for`(_ bits: Int) throws {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(bits))
    for width in bits <= 32 ? [4, 8] : [8] {
      for (block, miniblocks) in [(128, 4), (128, 1), (256, 2), (1024, 32), (384, 3)] {
        let count = Int.random(in: 1...1500, using: &generator)
        let values = random(count, bits: bits, width: width, &generator)
        let bytes = EncodedValues.deltas(values, bits: 8 * width, block: block, miniblocks: miniblocks)
        let expected = EncodedValues.integers(values, width: width)
        for skipping in [false, true] {
          let got = try decoder(bytes, width: width)
            .allValues(count, .fixed(width: width), skipping: skipping, &generator)
          let same = got.indices.allSatisfy { got[$0] == nil || got[$0] == expected[$0] }
          #expect(same, "\(bits) bits, width \(width), block \(block), seed \(Surroundings.seed)")
        }
      }
    }
  }

  @Test(arguments: 33...64)
  func `32-bit integers with wider deltas are cut to 32 bits`(_ bits: Int) throws {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(bits))
    let values = random(400, bits: bits, width: 8, &generator)
    let bytes = EncodedValues.deltas(values)
    let got = try decoder(bytes, width: 4).allValues(400, .fixed(width: 4), skipping: true, &generator)
    let expected = EncodedValues.integers(values, width: 4)
    #expect(got.indices.allSatisfy { got[$0] == nil || got[$0] == expected[$0] }, "seed \(Surroundings.seed)")
  }

  @Test(arguments: [0, 1, 2, 31, 32, 33, 34, 127, 128, 129, 130, 256, 257, 258, 1000])
  func `what is encoded is decoded again, and ends where it says`(_ count: Int) throws {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(count))
    let extremes: [Int64] = [.min, .max, 0, -1, 1]
    for width in [4, 8] {
      for bits in [0, 1, 7, 20, 31, 32, 33, 50, 64] {
        var values = random(count, bits: bits, width: width, &generator)
        for index in values.indices where Int.random(in: 0..<20, using: &generator) == 0 {
          let extreme = extremes.randomElement(using: &generator) ?? 0
          let narrow = [Int32.min, .max, 0, -1].randomElement(using: &generator) ?? 0
          values[index] = width == 4 ? Int64(narrow) : extreme
        }
        let plain = EncodedValues.integers(values, width: width)
        let bytes = EncodedValues.encoded(plain.flatMap { $0 }) { source, out in
          DeltaBinaryPackedEncoder.encode(source, count: count, width: width, into: &out)
        }
        #expect(try decoder(bytes, width: width).values(count, .fixed(width: width)) == plain)
        let held = Bytes(bytes + [0xff, 0xff, 0xff])
        let sequence = try DeltaSequence(UnsafeRawBufferPointer(start: held.base, count: held.count), most: count)
        #expect(try sequence.findEnd() - held.base == bytes.count)
      }
    }
  }

  @Test func `headers and blocks that cannot be are errors`() {
    let first = EncodedValues.varint
    let cases: [(name: String, bytes: [UInt8])] = [
      ("block of 0", [0, 4, 2, 0, 0, 0, 0, 0, 0]),
      ("block of 100", [100, 4, 2, 0, 0, 0, 0, 0, 0]),
      ("block of 2^32", first(1 << 32) + [4, 2, 0, 0, 0, 0, 0, 0]),
      ("block of 2^63", first(1 << 63) + [4, 2, 0, 0, 0, 0, 0, 0]),
      ("no miniblocks", [0x80, 1, 0, 2, 0, 0, 0, 0, 0, 0]),
      ("3 miniblocks", [0x80, 1, 3, 2, 0, 0, 0, 0, 0, 0]),
      ("8 miniblocks", [0x80, 1, 8, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
      ("more miniblocks than bytes", first(1 << 30) + first(1 << 20) + [2, 0, 0, 0, 0, 0]),
      ("11 values", [0x80, 1, 4, 11, 0, 0, 0, 0, 0, 0]),
      ("2^40 values", [0x80, 1, 4] + first(1 << 40) + [0, 0, 0, 0, 0, 0]),
      ("width of 65", [0x80, 1, 4, 2, 0, 0, 65, 0, 0, 0] + [UInt8](repeating: 0, count: 300)),
      ("width of 255", [0x80, 1, 4, 2, 0, 0, 255, 0, 0, 0] + [UInt8](repeating: 0, count: 2000)),
      ("no first value", [0x80, 1, 4, 2]),
      ("no block", [0x80, 1, 4, 2, 0]),
      ("half a block header", [0x80, 1, 4, 2, 0, 0, 0, 0]),
      ("miniblock cut off", [0x80, 1, 4, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
      ("number of 11 bytes", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 4, 2, 0]),
      ("number of 65 bits", [0x80, 1, 4, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 0]),
      ("one value", [0x80, 1, 4, 1, 0]), ("no values", [0x80, 1, 4, 0, 0]), ("nothing", []),
    ]
    for (name, bytes) in cases {
      for width in [4, 8] {
        #expect(throws: ParquetError.self, "\(name)") {
          try decoder(bytes, width: width, most: 10).values(2, .fixed(width: width))
        }
      }
    }
  }

  @Test func `no values may be nothing at all, a header, or a header without its first value`() throws {
    for bytes in [[], [0x80, 1, 4, 0, 0], [0x80, 1, 4, 0]] as [[UInt8]] {
      #expect(try decoder(bytes, width: 8, most: 0).values(0, .fixed(width: 8)) == [])
    }
  }

  @Test func `a huge block of few values is read without room for the block`() throws {
    let bytes = EncodedValues.varint(0x7fff_ff80) + EncodedValues.varint(1) + [3, 2, 4, 0]
    let got = try decoder(bytes, width: 8).values(3, .fixed(width: 8))
    #expect(got == EncodedValues.integers([1, 3, 5], width: 8))
  }
}

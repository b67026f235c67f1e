import ByteBuffers
import Testing

@testable import Parquet

/// Levels in both encodings, decoded, as bits, and stepped over.
struct LevelDecoderTests {
  /// Levels packed from the most significant bit on.
  private func packed(_ levels: [UInt8], width: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (levels.count * width + 7) / 8)
    for (index, level) in levels.enumerated() {
      for bit in 0..<width where level >> UInt8(width - 1 - bit) & 1 == 1 {
        bytes[(index * width + bit) / 8] |= 0x80 >> UInt8((index * width + bit) % 8)
      }
    }
    return bytes
  }

  private func hybrid(_ levels: [UInt8], width: Int) -> [UInt8] {
    var out = ByteWriter()
    levels.withUnsafeBufferPointer { buffer in
      if let first = buffer.baseAddress {
        HybridEncoder.encode(first, count: levels.count, width: width, into: &out)
      }
    }
    return out.take().array
  }

  private func random(_ count: Int, maximum: UInt8, _ generator: inout SeededGenerator) -> [UInt8] {
    var levels: [UInt8] = []
    while levels.count < count {
      if Bool.random(using: &generator) {
        let level = UInt8.random(in: 0...maximum, using: &generator)
        levels += [UInt8](repeating: level, count: Int.random(in: 1...100, using: &generator))
      } else {
        levels.append(UInt8.random(in: 0...maximum, using: &generator))
      }
    }
    return Array(levels.prefix(count))
  }

  /// Decoders of the same levels; the bytes must be held.
  private func decoders(_ levels: [UInt8], width: Int) throws -> [(decoder: LevelDecoder, held: Bytes)] {
    let runs = Bytes(hybrid(levels, width: width))
    let bits = Bytes(packed(levels, width: width))
    #expect(bits.count == BitPackedDecoder.byteCount(levels.count, width: width))
    return [
      (.hybrid(try HybridDecoder(UnsafeRawBufferPointer(start: runs.base, count: runs.count), width: width)), runs),
      (.bitPacked(BitPackedDecoder(bits.base, count: levels.count, width: width)), bits),
    ]
  }

  @Test func `the specification's example begins with the most significant bit`() throws {
    let bytes = Bytes([0b0000_0101, 0b0011_1001, 0b0111_0111])
    var levels = BitPackedDecoder(bytes.base, count: 8, width: 3)
    var got = [UInt8](repeating: 9, count: 8)
    try levels.decodeLevels(into: &got, count: 8, maximum: 7)
    #expect(got == [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(throws: ParquetError.self) { try levels.decodeLevels(into: &got, count: 1, maximum: 7) }
    withExtendedLifetime(bytes) {}
  }

  @Test(arguments: 1...8)
  func `levels come back and are counted, in any order of both`(_ width: Int) throws {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(width))
    for _ in 0..<30 {
      let maximum = UInt8.random(in: 1 << UInt8(width - 1)...UInt8.max >> UInt8(8 - width), using: &generator)
      let levels = random(Int.random(in: 1...700, using: &generator), maximum: maximum, &generator)
      for (start, held) in try decoders(levels, width: width) {
        var decoder = start
        var at = 0
        while at < levels.count {
          let take = min(levels.count - at, Int.random(in: 1...150, using: &generator))
          let part = Array(levels[at..<at + take])
          switch Int.random(in: 0..<3, using: &generator) {
          case 0:
            let level = Bool.random(using: &generator) ? maximum : UInt8.random(in: 0...255, using: &generator)
            #expect(try decoder.skipCounting(take, of: level) == part.count { $0 == level })
          case 1:
            if try decoder.skipRuns(of: UInt32(part[0]), count: take) {
              #expect(part.allSatisfy { $0 == part[0] })
            } else {
              #expect(try decoder.skipCounting(take, of: part[0]) == part.count { $0 == part[0] })
            }
          default:
            var got = [UInt8](repeating: 0, count: take)
            try decoder.decodeLevels(into: &got, count: take, maximum: maximum)
            #expect(got == part, "width \(width), seed \(Surroundings.seed)")
          }
          at += take
        }
        withExtendedLifetime(held) {}
      }
    }
  }

  @Test func `levels of one bit come as bits, behind any offset`() throws {
    var generator = SeededGenerator(Surroundings.seed)
    for _ in 0..<60 {
      let levels = random(Int.random(in: 1...400, using: &generator), maximum: 1, &generator)
      for (start, held) in try decoders(levels, width: 1) {
        var decoder = start
        let skipped = Int.random(in: 0...levels.count, using: &generator)
        let offset = Int.random(in: 0...70, using: &generator)
        let target = AlignedBuffer(capacity: offset + levels.count + 64)
        target.base.initializeMemory(as: UInt8.self, repeating: 0, count: target.capacity)
        let before = try decoder.skipCounting(skipped, of: 0)
        let ones = try decoder.decodeBits(into: target.base, bitOffset: offset, count: levels.count - skipped)
        #expect(before == levels.prefix(skipped).count { $0 == 0 })
        #expect(ones == levels.dropFirst(skipped).count { $0 == 1 })
        #expect(
          (skipped..<levels.count).allSatisfy { bitIsSet(target.base, offset + $0 - skipped) == (levels[$0] == 1) }
        )
        withExtendedLifetime(held) {}
      }
    }
  }

  @Test func `levels that are too high or too few are errors`() throws {
    let levels: [UInt8] = [1, 2, 3, 1, 0, 2, 3, 3]
    for (start, held) in try decoders(levels, width: 2) {
      var decoder = start
      var got = [UInt8](repeating: 0, count: 8)
      #expect(throws: ParquetError.self) { try decoder.decodeLevels(into: &got, count: 8, maximum: 2) }
      decoder = start
      #expect(throws: ParquetError.self) { try decoder.skipCounting(9, of: 3) }
      withExtendedLifetime(held) {}
    }
  }

  @Test func `indices are stepped over as they are decoded`() throws {
    var generator = SeededGenerator(Surroundings.seed)
    for width in [0, 1, 5, 12, 17, 32] {
      let values = (0..<500).flatMap { _ in
        [UInt32](
          repeating: width == 0 ? 0 : UInt32(truncatingIfNeeded: generator.next() >> UInt64(64 - width)),
          count: Int.random(in: 0...3, using: &generator) == 0 ? 20 : 1
        )
      }
      var out = ByteWriter()
      values.withUnsafeBufferPointer { buffer in
        if let first = buffer.baseAddress, width > 0 {
          HybridEncoder.encode(first, count: values.count, width: width, into: &out)
        } else {
          out.append(varint: UInt64(values.count) << 1)
        }
      }
      let held = out.take()
      var decoder = try HybridDecoder(UnsafeRawBufferPointer(start: held.base, count: held.count), width: width)
      var at = 0
      while at < values.count {
        let step = min(values.count - at, Int.random(in: 0...90, using: &generator))
        try decoder.skip(step)
        at += step
        let take = min(values.count - at, Int.random(in: 0...50, using: &generator))
        var got = [UInt32](repeating: 0, count: take)
        try decoder.decode(into: &got, count: take)
        #expect(got == Array(values[at..<at + take]), "width \(width), seed \(Surroundings.seed)")
        at += take
      }
      #expect(throws: ParquetError.self) { try decoder.skip(8) }
      withExtendedLifetime(held) {}
    }
  }
}

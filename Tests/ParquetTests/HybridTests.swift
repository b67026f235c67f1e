import ByteBuffers
import Testing

@testable import Parquet

/// Runs of the RLE / bit-packed hybrid against a slow reference.
struct HybridTests {
  /// Encodes values by random runs; the reference is the list of values itself.
  private struct Encoder {
    let width: Int
    var bytes: [UInt8] = []
    var values: [UInt32] = []

    private mutating func append(varint value: Int) {
      var rest = value
      while rest > 0x7f {
        bytes.append(UInt8(rest & 0x7f) | 0x80)
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }

    mutating func appendRun(_ value: UInt32, count: Int) {
      append(varint: count << 1)
      for index in 0..<(width + 7) / 8 { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * index))) }
      values += Array(repeating: value, count: count)
    }

    mutating func appendPacked(_ group: [UInt32]) {
      append(varint: (group.count / 8) << 1 | 1)
      var bits = [UInt8](repeating: 0, count: group.count / 8 * width)
      for (index, value) in group.enumerated() {
        for bit in 0..<width where value >> UInt32(bit) & 1 == 1 {
          let place = index * width + bit
          bits[place / 8] |= 1 << UInt8(place % 8)
        }
      }
      bytes += bits
      values += group
    }
  }

  private func random(_ width: Int, _ generator: inout SeededGenerator) -> UInt32 {
    width == 0 ? 0 : UInt32(truncatingIfNeeded: generator.next() >> UInt64(64 - width))
  }

  private func encoded(_ width: Int, _ generator: inout SeededGenerator) -> Encoder {
    var encoder = Encoder(width: width)
    for _ in 0..<Int.random(in: 1...12, using: &generator) {
      if Bool.random(using: &generator) {
        encoder.appendRun(random(width, &generator), count: Int.random(in: 0...300, using: &generator))
      } else {
        let groups = Int.random(in: 0...20, using: &generator)
        encoder.appendPacked((0..<8 * groups).map { _ in random(width, &generator) })
      }
    }
    return encoder
  }

  /// Calls `body` with a decoder over the bytes, as pages are held.
  private func decode<R>(
    _ bytes: [UInt8],
    width: Int,
    _ body: (inout HybridDecoder) throws(ParquetError) -> R
  ) throws(ParquetError) -> R {
    let held = Bytes(bytes)
    var decoder = try HybridDecoder(UnsafeRawBufferPointer(start: held.base, count: held.count), width: width)
    defer { withExtendedLifetime(held) {} }
    return try body(&decoder)
  }

  private func all(_ decoder: inout HybridDecoder, _ count: Int) throws(ParquetError) -> [UInt32] {
    let target = UnsafeMutablePointer<UInt32>.allocate(capacity: count + 1)
    defer { target.deallocate() }
    try decoder.decode(into: target, count: count)
    return Array(UnsafeBufferPointer(start: target, count: count))
  }

  @Test(arguments: 0...32)
  func `values of every width come back, however they are asked for`(_ width: Int) throws {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(width))
    for _ in 0..<20 {
      let encoder = encoded(width, &generator)
      let got = try decode(encoder.bytes, width: width) { (decoder) throws(ParquetError) in
        var got: [UInt32] = []
        while got.count < encoder.values.count {
          let take = min(Int.random(in: 1...200, using: &generator), encoder.values.count - got.count)
          got += try all(&decoder, take)
        }
        return got
      }
      #expect(got == encoder.values, "width \(width), seed \(Surroundings.seed)")
    }
  }

  @Test(arguments: 1...8)
  func `levels come back and the highest is checked`(_ width: Int) throws {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(width))
    for _ in 0..<20 {
      let encoder = encoded(width, &generator)
      guard let highest = encoder.values.max() else { continue }
      let target = UnsafeMutablePointer<UInt8>.allocate(capacity: encoder.values.count)
      defer { target.deallocate() }
      try decode(encoder.bytes, width: width) { (decoder) throws(ParquetError) in
        try decoder.decodeLevels(into: target, count: encoder.values.count, maximum: UInt8(highest))
      }
      #expect(UnsafeBufferPointer(start: target, count: encoder.values.count).map(UInt32.init) == encoder.values)
      guard highest > 0 else { continue }
      #expect(throws: ParquetError.self) {
        try decode(encoder.bytes, width: width) { (decoder) throws(ParquetError) in
          try decoder.decodeLevels(into: target, count: encoder.values.count, maximum: UInt8(highest - 1))
        }
      }
    }
  }

  @Test func `bits are copied behind any offset and counted, however they are asked for`() throws {
    var generator = SeededGenerator(Surroundings.seed)
    for _ in 0..<100 {
      let encoder = encoded(1, &generator)
      let offset = Int.random(in: 0...70, using: &generator)
      let target = AlignedBuffer(capacity: offset + encoder.values.count + 64)
      target.base.initializeMemory(as: UInt8.self, repeating: 0, count: target.capacity)
      let ones = try decode(encoder.bytes, width: 1) { (decoder) throws(ParquetError) in
        var (done, ones) = (0, 0)
        while done < encoder.values.count {
          let take = min(Int.random(in: 1...400, using: &generator), encoder.values.count - done)
          ones += try decoder.decodeBits(into: target.base, bitOffset: offset + done, count: take)
          done += take
        }
        return ones
      }
      #expect(ones == encoder.values.reduce(0) { $0 + Int($1) })
      #expect(encoder.values.indices.allSatisfy { bitIsSet(target.base, offset + $0) == (encoder.values[$0] == 1) })
    }
  }

  @Test func `a last group that was cut short holds the values that are there`() throws {
    var encoder = Encoder(width: 3)
    encoder.appendPacked([1, 2, 3, 4, 5, 6, 7, 0, 7, 7, 7, 7, 7, 7, 7, 7])
    let bytes = Array(encoder.bytes.dropLast(2))
    let there = try decode(bytes, width: 3) { (decoder) throws(ParquetError) in try all(&decoder, 10) }
    #expect(there == Array(encoder.values.prefix(10)))
    #expect(throws: ParquetError.self) {
      try decode(bytes, width: 3) { (decoder) throws(ParquetError) in try all(&decoder, 11) }
    }
  }

  @Test func `runs of no values are stepped over, and only so many`() throws {
    let empty: [UInt8] = Array(repeating: [0x00, 0x05], count: 1000).flatMap { $0 }
    let got = try decode(empty + [0x08, 0x05], width: 4) { (decoder) throws(ParquetError) in try all(&decoder, 4) }
    #expect(got == [5, 5, 5, 5])
    #expect(throws: ParquetError.self) {
      try decode(empty, width: 4) { (decoder) throws(ParquetError) in try all(&decoder, 1) }
    }
  }

  @Test func `a width of zero has values and no bytes`() throws {
    let got = try decode([0x06, 0x03], width: 0) { (decoder) throws(ParquetError) in try all(&decoder, 11) }
    #expect(got == [UInt32](repeating: 0, count: 11))
  }

  @Test func `what does not fit is an error`() {
    let cases: [(bytes: [UInt8], width: Int)] = [
      ([], 1), ([0x80], 1), ([0x02], 8), ([0x02, 0x01, 0x02], 32), ([0x03], 1), ([0x02, 0x02], 1), ([0x02, 0xff], 7),
      ([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 1), ([0x02, 0x00], 33), ([0x02, 0x00], -1),
    ]
    for (bytes, width) in cases {
      #expect(throws: ParquetError.self, "\(bytes) of width \(width)") {
        try decode(bytes, width: width) { (decoder) throws(ParquetError) in try all(&decoder, 1) }
      }
      guard width == 1 else { continue }
      #expect(throws: ParquetError.self, "\(bytes) as bits") {
        try decode(bytes, width: 1) { (decoder) throws(ParquetError) in
          let target = AlignedBuffer(capacity: 64)
          target.base.initializeMemory(as: UInt8.self, repeating: 0, count: 64)
          _ = try decoder.decodeBits(into: target.base, bitOffset: 3, count: 1)
        }
      }
    }
  }

  @Test func `runs of one value are stepped over together, or not at all`() throws {
    var encoder = Encoder(width: 1)
    encoder.appendRun(1, count: 5)
    encoder.appendRun(1, count: 300)
    encoder.appendRun(0, count: 2)
    let rest = try decode(encoder.bytes, width: 1) { (decoder) throws(ParquetError) in
      #expect(try decoder.skipRuns(of: 1, count: 4))
      #expect(try !decoder.skipRuns(of: 1, count: 302))
      #expect(try !decoder.skipRuns(of: 0, count: 1))
      #expect(try decoder.skipRuns(of: 1, count: 300))
      return try all(&decoder, 3)
    }
    #expect(rest == [1, 0, 0])
  }

  @Test func `a huge run count is clamped to what is asked for`() throws {
    let run: [UInt8] = [0xfe, 0xff, 0xff, 0xff, 0xff, 0x01, 0x01]
    let got = try decode(run, width: 1) { (decoder) throws(ParquetError) in try all(&decoder, 100) }
    #expect(got == [UInt32](repeating: 1, count: 100))
    let packed: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0xaa]
    #expect(try decode(packed, width: 1) { (decoder) throws(ParquetError) in try all(&decoder, 8) }.count == 8)
  }
}

import ByteBuffers
import Testing

@testable import Parquet

@Suite("Encoding runs of levels and indices")
struct WritingHybridEncoderTests {
  private func encode(_ values: [UInt32], width: Int) -> [UInt8] {
    var out = ByteWriter()
    values.withUnsafeBufferPointer { buffer in
      if let first = buffer.baseAddress {
        HybridEncoder.encode(first, count: values.count, width: width, into: &out)
      }
    }
    return out.take().array
  }

  @Test("Eight equal values become a run of copies")
  func copies() {
    // Header 8 << 1, then the value in one byte.
    #expect(encode([UInt32](repeating: 5, count: 8), width: 3) == [16, 5])
    // Header 200 << 1 = 400 = 0x90 0x03, the value in two bytes.
    #expect(encode([UInt32](repeating: 0x123, count: 200), width: 9) == [0x90, 0x03, 0x23, 0x01])
  }

  @Test("Seven equal values are packed, with a zero behind them")
  func packedTail() {
    // Header 1 << 1 | 1, then 101 seven times and 000: 0b01_101_101, 0b1_101_101_1, 0b000_101_10.
    #expect(encode([UInt32](repeating: 5, count: 7), width: 3) == [3, 0b0110_1101, 0b1101_1011, 0b0001_0110])
  }

  @Test("The numbers 0 to 7 at width 3 are packed as the specification shows")
  func specificationExample() {
    #expect(encode(Array(0..<8), width: 3) == [3, 0b1000_1000, 0b1100_0110, 0b1111_1010])
  }

  @Test("A run of copies begins only at a group of eight, and packed groups before it are complete")
  func mixed() {
    // 0 1 0 1 0 1 0 1 | ten ones | 0 1: one group, copies, and a last group of two values.
    let values: [UInt32] = [0, 1, 0, 1, 0, 1, 0, 1] + [UInt32](repeating: 1, count: 10) + [0, 1]
    #expect(encode(values, width: 1) == [3, 0b1010_1010, 20, 1, 3, 0b10])
  }

  @Test("Nothing is written for no values")
  func empty() {
    #expect(encode([], width: 4) == [])
  }

  @Test("What is encoded at any width is decoded again", arguments: 1...32)
  func everyWidth(width: Int) {
    let seed = UInt64(width) &* 977
    var random = TestRandom(seed: seed)
    let largest = UInt32(truncatingIfNeeded: UInt64(1) << UInt64(width) - 1)
    for _ in 0..<60 {
      var values: [UInt32] = []
      for _ in 0..<Int.random(in: 0..<8, using: &random) {
        let value = UInt32.random(in: 0...largest, using: &random)
        if Bool.random(using: &random) {
          values += [UInt32](repeating: value, count: Int.random(in: 1..<30, using: &random))
        } else {
          let count = Int.random(in: 1..<30, using: &random)
          values += (0..<count).map { _ in UInt32.random(in: 0...largest, using: &random) }
        }
      }
      let bytes = encode(values, width: width)
      #expect(decode(bytes, width: width, count: values.count) == values, "seed \(seed)")
    }
  }

  @Test("Bits are appended at any position, in any pieces")
  func bitAppender() {
    var random = TestRandom(seed: 41)
    var bits = BitAppender(pool: .shared)
    var expected: [UInt8] = []
    for _ in 0..<400 {
      let count = Int.random(in: 0..<100, using: &random)
      switch Int.random(in: 0..<3, using: &random) {
      case 0:
        bits.append(ones: count)
        expected += [UInt8](repeating: 1, count: count)
      case 1:
        let flags = (0..<count).map { _ in UInt8.random(in: 0...1, using: &random) }
        let bytes = Bytes(flags)
        bits.append(lowBitsOf: bytes.base, count: count)
        expected += flags
      default:
        let start = Int.random(in: 0..<20, using: &random)
        let source = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let bytes = Bytes(source)
        bits.append(bytes.base, from: start, count: count)
        expected += (start..<(start + count)).map { source[$0 / 8] >> UInt8($0 % 8) & 1 }
      }
    }
    var packed = [UInt8](repeating: 0, count: (expected.count + 7) / 8)
    for (at, bit) in expected.enumerated() { packed[at / 8] |= bit << UInt8(at % 8) }
    #expect(bits.count == expected.count)
    #expect(bits.ones == expected.count { $0 == 1 })
    #expect(Array(UnsafeRawBufferPointer(start: bits.base, count: bits.byteCount)) == packed)
  }

  /// A slow and obvious decoder, bit by bit.
  private func decode(_ bytes: [UInt8], width: Int, count: Int) -> [UInt32] {
    var at = 0
    var values: [UInt32] = []
    while values.count < count, at < bytes.count {
      var header = 0
      var shift = 0
      while true {
        header |= Int(bytes[at] & 0x7f) << shift
        shift += 7
        at += 1
        if bytes[at - 1] < 0x80 { break }
      }
      if header & 1 == 0 {
        let size = (width + 7) / 8
        let value = (0..<size).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
        values += [UInt32](repeating: value, count: header >> 1)
        at += size
      } else {
        for index in 0..<(header >> 1) * 8 where values.count < count {
          var value: UInt32 = 0
          for bit in 0..<width {
            let place = index * width + bit
            value |= UInt32(bytes[at + place / 8] >> UInt8(place % 8) & 1) << UInt32(bit)
          }
          values.append(value)
        }
        at += (header >> 1) * width
      }
    }
    return at == bytes.count ? values : []
  }
}

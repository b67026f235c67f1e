import ByteBuffers
import Testing

@testable import Parquet

/// BYTE_STREAM_SPLIT against byte loops.
struct ByteStreamSplitTests {
  @Test func `the specification's example is transposed`() throws {
    // AA BB CC DD | 00 11 22 33 | A3 B4 C5 D6
    let values: [[UInt8]] = [[0xaa, 0xbb, 0xcc, 0xdd], [0, 0x11, 0x22, 0x33], [0xa3, 0xb4, 0xc5, 0xd6]]
    let bytes: [UInt8] = [0xaa, 0, 0xa3, 0xbb, 0x11, 0xb4, 0xcc, 0x22, 0xc5, 0xdd, 0x33, 0xd6]
    #expect(try ByteStreamSplitDecoder(Bytes(bytes), width: 4).values(3, .fixed(width: 4)) == values)
    let encoded = EncodedValues.encoded(values.flatMap { $0 }) { source, out in
      ByteStreamSplitEncoder.encode(source, count: 3, width: 4, into: &out)
    }
    #expect(encoded == bytes)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 100])
  func `values of any width come back, however they are asked for`(_ width: Int) throws {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(width))
    for count in Array(0...18) + [63, 64, 127, 128, 129, 1000, 2047] {
      let values = (0..<count).map { _ in (0..<width).map { _ in UInt8.random(in: 0...255, using: &generator) } }
      let bytes = EncodedValues.streams(values, width: width)
      let encoded = EncodedValues.encoded(values.flatMap { $0 }) { source, out in
        ByteStreamSplitEncoder.encode(source, count: count, width: width, into: &out)
      }
      #expect(encoded == bytes, "width \(width), \(count) values")
      for skipping in [false, true] {
        let decoder = try ByteStreamSplitDecoder(Bytes(bytes), width: width)
        let got = try decoder.allValues(count, .fixed(width: width), skipping: skipping, &generator)
        let same = got.indices.allSatisfy { got[$0] == nil || got[$0] == values[$0] }
        #expect(same, "width \(width), \(count) values, seed \(Surroundings.seed)")
        #expect(throws: ParquetError.self) { try decoder.values(1, .fixed(width: width)) }
      }
    }
  }

  @Test func `streams of different lengths are an error`() {
    #expect(throws: ParquetError.self) { try ByteStreamSplitDecoder(Bytes([1, 2, 3, 4, 5]), width: 4) }
  }
}

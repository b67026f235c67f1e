import ByteBuffers
import Testing

@testable import Parquet

/// Bit loops against loops over single bits.
struct BitTests {
  private func randomBytes(_ count: Int, _ generator: inout SeededGenerator) -> Bytes {
    Bytes((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }

  private func zeros(_ count: Int) -> AlignedBuffer {
    let block = AlignedBuffer(capacity: count)
    block.base.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    return block
  }

  @Test(arguments: 0...32)
  func `unpacking agrees with single bits`(_ width: Int) {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(width))
    let source = randomBytes(400, &generator)
    let fits = width == 0 ? 100 : source.count * 8 / width
    var target = [UInt32](repeating: 0, count: fits)
    for first in [0, 1, 7, 8, 9, 31] where first < fits {
      let count = fits - first
      target.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return }
        unpackBits(source.base, firstValue: first, width: width, into: start, count: count)
      }
      for index in 0..<count {
        var expected: UInt32 = 0
        for bit in 0..<width where bitIsSet(source.base, (first + index) * width + bit) { expected |= 1 << UInt32(bit) }
        #expect(target[index] == expected, "width \(width), value \(first + index)")
      }
    }
  }

  @Test func `copying bits agrees with single bits`() {
    var generator = SeededGenerator(Surroundings.seed)
    for _ in 0..<500 {
      let source = randomBytes(64, &generator)
      let count = Int.random(in: 0...300, using: &generator)
      let from = Int.random(in: 0...200, using: &generator)
      let to = Int.random(in: 0...200, using: &generator)
      let target = zeros(96)
      setBits(target.base, from: 0, count: to)
      let ones = copyBits(source.base, sourceBit: from, to: target.base, targetBit: to, count: count)
      let expected = (0..<count).map { bitIsSet(source.base, from + $0) }
      #expect(ones == expected.count { $0 })
      #expect((0..<to).allSatisfy { bitIsSet(target.base, $0) })
      #expect((0..<count).allSatisfy { bitIsSet(target.base, to + $0) == expected[$0] })
      #expect((to + count..<96 * 8).allSatisfy { !bitIsSet(target.base, $0) })
    }
  }

  @Test func `setting bits sets these and no others`() {
    for first in 0..<20 {
      for count in 0..<70 {
        let target = zeros(16)
        setBits(target.base, from: first, count: count)
        #expect((0..<128).allSatisfy { bitIsSet(target.base, $0) == (first..<first + count).contains($0) })
      }
    }
  }

  @Test(arguments: [1, 4, 8, 12, 5])
  func `spreading puts every value at its row and zeros at nulls`(_ width: Int) {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(width))
    for _ in 0..<50 {
      let count = Int.random(in: 0...200, using: &generator)
      let first = Int.random(in: 0...20, using: &generator)
      let isValid = (0..<count).map { _ in Bool.random(using: &generator) }
      let bits = zeros(64)
      for (index, flag) in isValid.enumerated() where flag { setBits(bits.base, from: first + index, count: 1) }
      let dense = randomBytes(count * width, &generator)
      let slots = zeros(count * width + 64)
      slots.base.copyMemory(from: dense.base, byteCount: dense.count)
      let valid = isValid.count { $0 }
      spreadSlots(slots.base, width: width, bits: bits.base, firstBit: first, count: count, valid: valid)
      let got = Bytes(slots, count: count * width).array
      var expected: [UInt8] = []
      var next = 0
      for flag in isValid {
        expected += flag ? dense.array[next * width..<(next + 1) * width] : ArraySlice(repeating: 0, count: width)
        next += flag ? 1 : 0
      }
      #expect(got == expected)
    }
  }
}

import Testing

@testable import Parquet

/// Bits of validity against single bits: copied, set, counted and packed.
@Suite("Copying bits")
struct BitCopyingTests {
  private let arena = KernelArena()

  /// Zeros with ones around a range, so that a store beyond it is seen.
  private func frame(_ range: Range<Int>, of bits: Int) -> KernelMemory {
    arena.memory(ReferenceKernels.bytes((0..<bits).map { !range.contains($0) }))
  }

  private func bits(_ memory: KernelMemory) -> [Bool] {
    let bytes = memory.bytes
    return (0..<bytes.count * 8).map { ReferenceKernels.bit(bytes, $0) }
  }

  @Test func `bits are copied between any positions, and those around them stay`() {
    var generator = SeededGenerator(Surroundings.seed)
    for count in 0...200 {
      for _ in 0..<4 {
        let (from, to) = (generator.int(0...70), generator.int(0...70))
        let bytes = generator.bytes((from + count + 7) / 8)
        let target = frame(to..<to + count, of: 384)
        let ones = copyBits(
          arena.memory(bytes).base,
          sourceBit: from,
          to: target.base,
          targetBit: to,
          count: count
        )
        let copied = (0..<count).map { ReferenceKernels.bit(bytes, from + $0) }
        #expect(ones == copied.count { $0 })
        let around = (Array(repeating: true, count: to), Array(repeating: true, count: 384 - to - count))
        #expect(bits(target) == around.0 + copied + around.1, "from \(from), to \(to), count \(count)")
      }
    }
  }

  @Test func `bits are set from any position, and no others`() {
    for first in 0..<20 {
      for count in 0...100 {
        let target = arena.memory(count: 16, filledWith: 0)
        setBits(target.base, from: first, count: count)
        #expect(bits(target) == (0..<128).map { (first..<first + count).contains($0) }, "\(first), \(count)")
      }
    }
  }

  @Test func `ones are counted, and the first zero is found`() {
    var generator = SeededGenerator(Surroundings.seed)
    for count in 0...200 {
      let first = generator.int(0...70)
      let flags = generator.flags(first + count, percentFalse: 3)
      let memory = arena.memory(ReferenceKernels.bytes(flags))
      #expect(ValidityWords.ones(memory.base, first, count) == flags[first...].count { $0 })
      #expect(ValidityWords.firstZero(memory.base, count) == flags[..<count].firstIndex(of: false))
    }
  }

  @Test func `bytes of 0 and 1 are packed behind any position`() {
    var generator = SeededGenerator(Surroundings.seed)
    for count in 0...200 {
      let to = generator.int(0...70)
      let flags = generator.flags(count, percentFalse: 50)
      let source = arena.memory(flags.map { UInt8($0 ? 1 : 0) })
      let target = frame(to..<to + count, of: 384)
      packFlags(source.pointer(to: UInt8.self), count: count, to: target.base, targetBit: to)
      let around = (Array(repeating: true, count: to), Array(repeating: true, count: 384 - to - count))
      #expect(bits(target) == around.0 + flags + around.1, "to \(to), count \(count)")
    }
  }

  @Test(arguments: [(0, 1), (0, 3), (1, 3), (2, 3), (3, 3), (1, 1), (127, 128), (128, 255), (200, 255)])
  func `levels become flags of slots`(_ slotLevel: Int, _ maximum: Int) {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(maximum))
    for count in 0...200 {
      let start = generator.int(0...20)
      let rare = generator.int(0...100)
      let definitions = generator.flags(start + count, percentFalse: rare).map { flag in
        flag ? UInt8(maximum) : UInt8(generator.int(0...maximum))
      }
      let source = arena.memory(definitions)
      let target = arena.memory(count: count)
      let (slots, valid) = slotFlags(
        source.pointer(to: UInt8.self),
        start..<start + count,
        slotLevel: UInt8(slotLevel),
        maximum: UInt8(maximum),
        into: target.pointer(to: UInt8.self)
      )
      let part = Array(definitions[start...])
      let expected = ReferenceKernels.slotFlags(part, slotLevel: UInt8(slotLevel), maximum: UInt8(maximum))
      #expect(slots == expected.count)
      #expect(valid == expected.count { $0 == 1 })
      #expect(Array(target.bytes[..<slots]) == expected, "start \(start), count \(count)")
    }
  }
}

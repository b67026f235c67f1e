import Testing

@testable import Parquet

/// Values and offsets that are moved apart for nulls.
@Suite("Spreading")
struct SpreadingTests {
  private let arena = KernelArena()

  /// Bits of slots behind `first` others, which are random.
  private func bitmap(_ isValid: [Bool], first: Int, _ generator: inout SeededGenerator) -> KernelMemory {
    arena.memory(ReferenceKernels.bytes(generator.flags(first, percentFalse: 50) + isValid))
  }

  @Test(arguments: [1, 2, 4, 8, 16, 3, 5, 12, 40], [0, 1, 10, 50, 90, 100])
  func `every value comes to its slot and zeros to nulls`(_ width: Int, _ percentNull: Int) {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(width * 1000 + percentNull))
    for count in 0...200 {
      let first = generator.int(0...40)
      let isValid = generator.flags(count, percentFalse: percentNull)
      let valid = isValid.count { $0 }
      let dense = generator.bytes(valid * width)
      let free = Array(repeating: KernelMemory.untouched, count: (count - valid) * width)
      let slots = arena.memory(free + dense)
      let bits = bitmap(isValid, first: first, &generator)
      spreadSlots(slots.base, width: width, bits: bits.base, firstBit: first, count: count, valid: valid)
      #expect(slots.bytes == ReferenceKernels.spread(dense, width: width, isValid), "first \(first), count \(count)")
    }
  }

  @Test(arguments: [0, 1, 10, 50, 90, 100])
  func `offsets are repeated for nulls`(_ percentNull: Int) {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(percentNull))
    for count in 0...200 {
      let first = generator.int(0...40)
      let isValid = generator.flags(count, percentFalse: percentNull)
      let valid = isValid.count { $0 }
      let dense = (0...valid).map { Int32($0 * 7 + 3) }
      let offsets = arena.memory(dense, room: count + 1)
      let bits = bitmap(isValid, first: first, &generator)
      spreadOffsets(offsets.pointer(to: Int32.self), bits: bits.base, firstBit: first, count: count, valid: valid)
      let expected = ReferenceKernels.spread(offsets: dense, isValid)
      #expect(offsets.integers(Int32.self) == expected, "first \(first), count \(count)")
    }
  }
}

import Testing

@testable import Parquet

/// Values of a dictionary that indices name.
@Suite("Gathering")
struct GatheringTests {
  private let arena = KernelArena()

  private func indices(_ count: Int, below limit: Int, _ generator: inout SeededGenerator) -> [UInt32] {
    (0..<count).map { _ in UInt32(generator.int(0...limit - 1)) }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 40])
  func `values of any width are gathered`(_ width: Int) {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(width))
    for count in 0...100 {
      let size = generator.int(1...50)
      let values = generator.bytes(size * width)
      let named = indices(count, below: size, &generator)
      let target = arena.memory(count: count * width)
      gatherFixed(
        arena.memory(values).base,
        width,
        arena.memory(named).pointer(to: UInt32.self),
        count,
        into: target.base
      )
      #expect(target.bytes == ReferenceKernels.gather(values, width: width, named), "count \(count)")
    }
  }

  @Test(arguments: [0, 1, 16, 31, 32, 33, 64, 65, 200])
  func `byte arrays are gathered with their offsets`(_ longest: Int) {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(longest))
    for count in 0...100 {
      let values = (0..<generator.int(1...50)).map { _ in generator.bytes(generator.int(0...longest)) }
      let whole = ReferenceKernels.gather(values, values.indices.map { UInt32($0) })
      let bounds = arena.memory(whole.offsets).pointer(to: Int32.self)
      let named = arena.memory(indices(count, below: values.count, &generator))
      let expected = ReferenceKernels.gather(values, named.integers(UInt32.self))
      #expect(longestValue(bounds, values.count) == values.map(\.count).max())
      #expect(gatheredBytes(bounds, named.pointer(to: UInt32.self), count) == expected.bytes.count)

      let target = arena.memory(count: expected.bytes.count)
      let offsets = arena.memory([Int32(7)], room: count + 1)
      let written = gatherVariable(
        arena.memory(whole.bytes).base,
        bounds,
        longest: longestValue(bounds, values.count),
        named.pointer(to: UInt32.self),
        count,
        into: target.base,
        offsets: offsets.pointer(to: Int32.self)
      )
      #expect(written == expected.bytes.count)
      #expect(target.bytes == expected.bytes, "count \(count)")
      #expect(offsets.integers(Int32.self) == expected.offsets.map { $0 + 7 })
    }
  }

  @Test(arguments: [0, 1, 2, 255, 256, 1000, Int(Int32.max)])
  func `an index outside the dictionary is found, wherever it stands`(_ limit: Int) {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(limit))
    for count in 1...70 {
      let inside = limit == 0 ? [] : indices(count, below: limit, &generator)
      #expect(limit == 0 || indicesLie(arena.memory(inside).pointer(to: UInt32.self), count, below: limit))
      for outside in [limit, limit + 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff] where outside >= limit {
        var wrong = limit == 0 ? Array(repeating: 0, count: count) : inside
        wrong[generator.int(0...count - 1)] = UInt32(outside)
        let memory = arena.memory(wrong)
        #expect(!indicesLie(memory.pointer(to: UInt32.self), count, below: limit), "\(outside) of \(limit)")
      }
    }
  }
}

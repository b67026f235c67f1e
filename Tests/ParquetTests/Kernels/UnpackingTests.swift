import Testing

@testable import Parquet

/// Bit-packed values, levels and deltas against single bits.
@Suite("Unpacking")
struct UnpackingTests {
  private let arena = KernelArena()

  /// Lengths around groups of eight, and a few long ones.
  private static let counts = Array(0...40) + [63, 64, 65, 127, 128, 129, 200]

  @Test(arguments: 0...32)
  func `values of every width come out, from any position and in any number`(_ width: Int) {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(width))
    for count in UnpackingTests.counts {
      let first = generator.int(0...40)
      let bytes = generator.bytes(((first + count) * width + 7) / 8)
      let source = arena.memory(bytes)
      let target = arena.memory(count: (count + 1) * 4)
      unpackBits(source.base, firstValue: first, width: width, into: target.pointer(to: UInt32.self), count: count)
      let expected = ReferenceKernels.unpack(bytes, first: first, width: width, count: count).map { UInt32($0) }
      #expect(target.integers(UInt32.self) == expected + [0xeeee_eeee], "first \(first), count \(count)")
    }
  }

  @Test(arguments: 1...8)
  func `levels of every width come out, with the highest of them`(_ width: Int) {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(width))
    for count in UnpackingTests.counts {
      let first = generator.int(0...40)
      let bytes = generator.bytes(((first + count) * width + 7) / 8)
      let source = arena.memory(bytes)
      let target = arena.memory(count: count + 1)
      let highest = unpackLevels(
        source.base,
        firstValue: first,
        width: width,
        into: target.pointer(to: UInt8.self),
        count: count
      )
      let expected = ReferenceKernels.unpack(bytes, first: first, width: width, count: count).map { UInt8($0) }
      #expect(target.bytes == expected + [KernelMemory.untouched], "first \(first), count \(count)")
      #expect(highest == expected.max() ?? 0)
    }
  }

  @Test(arguments: 1...8)
  func `levels are counted where they lie`(_ width: Int) {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(width))
    for count in UnpackingTests.counts {
      let first = generator.int(0...40)
      let bytes = generator.bytes(((first + count) * width + 7) / 8)
      let source = arena.memory(bytes)
      let levels = ReferenceKernels.unpack(bytes, first: first, width: width, count: count)
      for level in [0, 1, (1 << width) - 1, generator.int(0...255)] {
        let equal = countLevels(source.base, firstValue: first, width: width, equalTo: UInt8(level), count: count)
        #expect(equal == levels.count { $0 == UInt64(level) }, "level \(level), first \(first), count \(count)")
      }
    }
  }

  @Test(arguments: 0...64)
  func `deltas of every width are summed up, in 64 bits and in 32`(_ width: Int) {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(width))
    for count in UnpackingTests.counts {
      let first = generator.int(0...40)
      let bytes = generator.bytes(((first + count) * width + 7) / 8)
      let (least, last) = (generator.next(), generator.next())
      let long: [UInt64] = sums(bytes, first, width, least, last, count)
      let expected = ReferenceKernels.sumDeltas(
        bytes,
        first: first,
        width: width,
        least: least,
        after: last,
        count: count,
        bits: 64
      )
      #expect(long == expected + [0xeeee_eeee_eeee_eeee], "first \(first), count \(count)")
      let short: [UInt32] = sums(bytes, first, width, least, last, count)
      let wrapped = ReferenceKernels.sumDeltas(
        bytes,
        first: first,
        width: width,
        least: least,
        after: last,
        count: count,
        bits: 32
      )
      #expect(short == wrapped.map { UInt32($0) } + [0xeeee_eeee], "first \(first), count \(count)")
    }
  }

  /// The sums of the kernel, and what stands behind them; the last must be what it returns.
  private func sums<T: DeltaInteger>(
    _ bytes: [UInt8],
    _ first: Int,
    _ width: Int,
    _ least: UInt64,
    _ last: UInt64,
    _ count: Int
  ) -> [T] {
    let source = arena.memory(bytes)
    let target = arena.memory(count: (count + 1) * MemoryLayout<T>.size)
    let end = sumDeltas(
      source.base,
      firstDelta: first,
      width: width,
      least: T(truncatingIfNeeded: least),
      after: T(truncatingIfNeeded: last),
      into: target.pointer(to: T.self),
      count: count
    )
    let sums = target.integers(T.self)
    #expect(end == (count > 0 ? sums[count - 1] : T(truncatingIfNeeded: last)))
    return sums
  }
}

import Testing

@testable import Parquet

/// BYTE_STREAM_SPLIT against byte loops.
@Suite("Byte streams")
struct ByteStreamsTests {
  private let arena = KernelArena()

  @Test(arguments: [1, 2, 3, 4, 5, 8, 12, 16, 17, 40])
  func `values of any width and number are put together and taken apart`(_ width: Int) {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(width))
    for count in Array(0...100) + [127, 128, 129, 200, 257] {
      let values = generator.bytes(count * width)
      let streams = ReferenceKernels.split(values, width: width)
      let split = arena.memory(count: streams.count + 1)
      ByteStreams.split(arena.memory(values).base, width: width, count: count, into: split.base, stride: count)
      #expect(split.bytes == streams + [KernelMemory.untouched], "count \(count)")
      let joined = arena.memory(count: values.count + 1)
      ByteStreams.join(arena.memory(streams).base, stride: count, width: width, into: joined.base, count: count)
      #expect(joined.bytes == values + [KernelMemory.untouched], "count \(count)")
    }
  }

  @Test(arguments: [1, 2, 4, 8, 16, 5])
  func `some values of longer streams are put together`(_ width: Int) {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(width))
    for _ in 0..<100 {
      let total = generator.int(1...200)
      let streams = generator.bytes(total * width)
      let all = ReferenceKernels.join(streams, width: width)
      let first = generator.int(0...total - 1)
      let count = generator.int(0...total - first)
      let joined = arena.memory(count: count * width)
      ByteStreams.join(arena.memory(streams).base + first, stride: total, width: width, into: joined.base, count: count)
      #expect(joined.bytes == Array(all[first * width..<(first + count) * width]), "\(first), \(count) of \(total)")
    }
  }
}

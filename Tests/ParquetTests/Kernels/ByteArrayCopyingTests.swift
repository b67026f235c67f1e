import ByteBuffers
import Testing

@testable import Parquet

/// PLAIN byte arrays against byte loops, and lengths that lie.
@Suite("Copying byte arrays")
struct ByteArrayCopyingTests {
  private let arena = KernelArena()

  private func page(_ lengths: [Int], _ generator: inout SeededGenerator) -> [UInt8] {
    lengths.flatMap { length in
      (0..<4).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + generator.bytes(length)
    }
  }

  /// What the kernel makes of a page, into memory of just `room` bytes.
  private func copied(
    _ page: [UInt8],
    count: Int,
    room: Int,
    valueLimit: Int = 1 << 20,
    start: Int32 = 0
  ) -> (end: Int, offsets: [Int32], bytes: [UInt8])? {
    let source = arena.memory(page)
    let target = arena.memory(count: room)
    let offsets = arena.memory([start], room: count + 1)
    let end = copyPlainBytes(
      source.base,
      end: UnsafeRawPointer(source.base + page.count),
      into: target.base,
      room: room,
      offsets: offsets.pointer(to: Int32.self),
      count: count,
      valueLimit: valueLimit
    )
    return end.map { ($0 - UnsafeRawPointer(source.base), offsets.integers(Int32.self), target.bytes) }
  }

  @Test(arguments: [0...0, 0...1, 0...20, 8...24, 30...34, 60...68, 0...300])
  func `values of any length are copied with their offsets`(_ lengths: ClosedRange<Int>) {
    var generator = SeededGenerator(Surroundings.seed &+ UInt64(lengths.upperBound))
    for count in 0...80 {
      let page = page((0..<count).map { _ in generator.int(lengths) }, &generator)
      let start = Int32(generator.int(0...1000))
      let got = copied(page, count: count, room: page.count - 4 * count, start: start)
      let expected = ReferenceKernels.plainBytes(page, count: count)
      #expect(got?.end == page.count)
      #expect(got?.offsets == expected?.offsets.map { $0 + start })
      #expect(got?.bytes == expected?.bytes, "count \(count)")
    }
  }

  @Test func `some values of a page are copied, and what follows them is not`() {
    var generator = SeededGenerator(Surroundings.seed)
    for count in 0...60 {
      let lengths = (0..<60).map { _ in generator.int(0...80) }
      let page = page(lengths, &generator)
      let got = copied(page, count: count, room: page.count - 4 * count)
      let expected = ReferenceKernels.plainBytes(page, count: count)
      #expect(got?.end == 4 * count + lengths[..<count].reduce(0, +))
      #expect(got?.offsets == expected?.offsets)
      #expect((got?.bytes).map { Array($0[..<(expected?.bytes.count ?? 0)]) } == expected?.bytes)
    }
  }

  @Test func `a length that does not fit is refused, wherever it stands`() {
    var generator = SeededGenerator(Surroundings.seed)
    for wrong in 0..<40 {
      let lengths = (0..<40).map { _ in generator.int(0...50) }
      let whole = page(lengths, &generator)
      let room = whole.count - 160
      let at = lengths[..<wrong].reduce(0, +) + 4 * wrong
      let rest = whole.count - at - 4
      // One byte too many for the page, for what is left of the room, and many too many.
      for length in [rest + 1, rest - 4 * (39 - wrong) + 1, 1 << 24, 0xffff_ffff] {
        var page = whole
        for byte in 0..<4 { page[at + byte] = UInt8(truncatingIfNeeded: length >> (byte * 8)) }
        #expect(copied(page, count: 40, room: room) == nil, "value \(wrong), length \(length)")
      }
    }
  }

  @Test func `neither more bytes than there is room for, nor longer values than the limit, are copied`() {
    var generator = SeededGenerator(Surroundings.seed)
    for length in 0...100 {
      let page = page(Array(repeating: length, count: 10), &generator)
      #expect(copied(page, count: 10, room: 10 * length) != nil)
      #expect(copied(page, count: 10, room: 10 * length + 500) != nil)
      #expect(copied(page, count: 10, room: 10 * length, valueLimit: length) != nil)
      guard length > 0 else { continue }
      #expect(copied(page, count: 10, room: 10 * length - 1) == nil)
      #expect(copied(page, count: 10, room: 10 * length, valueLimit: length - 1) == nil)
    }
    // More lengths than the page has bytes for.
    #expect(copied([1, 0, 0], count: 1, room: 10) == nil)
    #expect(copied([0, 0, 0, 0], count: 2, room: 10) == nil)
  }
}

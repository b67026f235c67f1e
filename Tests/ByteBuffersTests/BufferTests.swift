import Testing

@testable import ByteBuffers

/// Blocks, pools and runs of bytes.
struct BufferTests {
  @Test func `size classes are at least what is wanted and at most a quarter more`() {
    for wanted in [0, 1, 4095, 4096, 4097, 5000, 5120, 5121, 8191, 8192, 8193, 1 << 20, (1 << 20) + 1, 100_000_007] {
      let size = BufferPool.sizeClass(wanted)
      #expect(size >= wanted)
      #expect(size <= max(4096, wanted + wanted / 4 + 1))
      #expect(BufferPool.sizeClass(size) == size)
    }
  }

  @Test func `a block is aligned and has readable bytes behind it`() {
    let block = AlignedBuffer(capacity: 100)
    #expect(Int(bitPattern: block.base) % 64 == 0)
    for index in 0..<AlignedBuffer.spareBytes {
      #expect(block.base.load(fromByteOffset: 100 + index, as: UInt8.self) == 0)
    }
  }

  @Test func `a block that is given back is taken again`() {
    let pool = BufferPool(retainedBytesLimit: 1 << 20)
    let first = pool.take(10_000).base
    let second = pool.take(10_000)
    #expect(second.base == first)
    #expect(pool.take(10_000).base != second.base)
  }

  @Test func `a pool keeps no more than its limit and no block above the largest`() {
    let pool = BufferPool(retainedBytesLimit: 8192, largestPooled: 8192)
    var blocks: [AlignedBuffer] = (0..<4).map { _ in pool.take(4096) }
    let bases = Set(blocks.map { Int(bitPattern: $0.base) })
    blocks.removeAll()
    let again = (0..<2).map { _ in pool.take(4096) }
    #expect(Set(again.map { Int(bitPattern: $0.base) }).isSubset(of: bases))
    #expect(pool.take(100_000).capacity >= 100_000)
  }

  @Test func `a pool serves many tasks at once`() async {
    let pool = BufferPool(retainedBytesLimit: 1 << 20)
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          for round in 0..<200 {
            let block = pool.take(4096 + round * 10)
            let mark = UInt8(truncatingIfNeeded: task * 31 + round)
            block.base.initializeMemory(as: UInt8.self, repeating: mark, count: block.capacity)
            await Task.yield()
            guard block.base.load(as: UInt8.self) == mark else { return false }
          }
          return true
        }
      }
      for await isWhole in group { #expect(isWhole) }
    }
  }

  @Test func `slices share memory and compare by content`() {
    let whole = Bytes([1, 2, 3, 4, 5])
    let slice = whole[1..<4]
    #expect(slice.array == [2, 3, 4])
    #expect(slice.base == whole.base + 1)
    #expect(slice[1..<1].array.isEmpty)
    #expect(slice == Bytes([2, 3, 4]))
    #expect(slice.hashValue == Bytes([2, 3, 4]).hashValue)
    #expect(slice != Bytes([2, 3]))
    #expect(Bytes.empty == Bytes([]))
    #expect(Bytes(utf8: "ä").array == [0xc3, 0xa4])
    #expect(slice.span.byteCount == 3)
  }

  @Test func `runs that follow each other in one block are one run`() {
    let whole = Bytes([1, 2, 3, 4, 5])
    #expect(whole[0..<2].joined(with: whole[2..<5]) == whole)
    #expect(whole[1..<1].joined(with: whole[1..<3]) == Bytes([2, 3]))
    #expect(whole[0..<2].joined(with: whole[3..<5]) == nil)
    #expect(whole[2..<5].joined(with: whole[0..<2]) == nil)
    // The same place in another block.
    #expect(whole[0..<2].joined(with: Bytes([1, 2, 3, 4, 5])[2..<5]) == nil)
  }

  @Test func `a sink in memory keeps everything in order`() async throws {
    let sink = MemorySink()
    try await sink.write(Bytes([1, 2]))
    try await sink.write(.empty)
    try await sink.write(Bytes([3]))
    #expect(await sink.contents.array == [1, 2, 3])
  }

  @Test func `a source in memory returns the ranges in the order asked for`() async throws {
    let source = MemorySource(Bytes([0, 1, 2, 3]), name: "four")
    let runs = try await source.read([2..<4, 0..<1, 1..<1])
    #expect(runs.map(\.array) == [[2, 3], [0], []])
    #expect(source.size == 4)
    #expect(source.name == "four")
  }
}

internal import ByteBuffers

/// The encoded pages of a column chunk, in pooled blocks, until the row group is complete.
///
/// Small pieces are gathered in blocks that double in size up to 1 MiB, so that a narrow column takes little memory and
/// the sink gets few runs; a large piece that has a block of its own is kept as it is. Runs share blocks with memory
/// that is still written, which is legal because none of them leaves before ``take()``.
struct ChunkPages: ~Copyable {
  private static let smallestBlock = 4096
  private static let largestBlock = 1 << 20

  private let pool: BufferPool
  private var runs: [Bytes] = []
  private var block: AlignedBuffer?
  /// Size of the first block.
  private var nextBlock = ChunkPages.smallestBlock
  private var runStart = 0
  private var end = 0

  /// Bytes of all pages.
  private(set) var count = 0

  init(pool: BufferPool) {
    self.pool = pool
  }

  /// Copies bytes.
  mutating func append(_ source: UnsafeRawBufferPointer) {
    guard var from = source.baseAddress else { return }
    var left = source.count
    count += left
    while left > 0 {
      let target = blockWithRoom()
      let part = min(left, target.capacity - end)
      (target.base + end).copyMemory(from: from, byteCount: part)
      end += part
      from += part
      left -= part
    }
  }

  /// Copies bytes.
  mutating func append(_ source: Bytes) {
    source.withUnsafeBytes { append($0) }
  }

  /// Keeps bytes without copying them.
  mutating func adopt(_ source: Bytes) {
    endRun()
    runs.append(source)
    count += source.count
  }

  /// Hands out the pages and starts anew.
  ///
  /// - Parameter isEnd: whether no pages of the chunk follow.
  mutating func take(isEnd: Bool = true) -> [Bytes] {
    endRun()
    let result = runs
    runs = []
    nextBlock = isEnd ? ChunkPages.smallestBlock : block?.capacity ?? nextBlock
    block = nil
    runStart = 0
    end = 0
    count = 0
    return result
  }

  private mutating func blockWithRoom() -> AlignedBuffer {
    if let block, end < block.capacity { return block }
    endRun()
    let size = block.map { min(2 * $0.capacity, ChunkPages.largestBlock) } ?? nextBlock
    let fresh = pool.take(size)
    block = fresh
    runStart = 0
    end = 0
    return fresh
  }

  private mutating func endRun() {
    guard let block, end > runStart else { return }
    runs.append(Bytes(block, offset: runStart, count: end - runStart))
    runStart = end
  }
}

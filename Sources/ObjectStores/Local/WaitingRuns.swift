internal import ByteBuffers

/// Bytes on their way to a file, gathered so that a thread is woken for many of them: large runs as they are, small ones
/// copied together.
struct WaitingRuns: Sendable {
  /// Bytes that are worth a call.
  private static let enough = 2 << 20
  /// Longer runs are not copied.
  private static let longestCopied = 8 << 10
  private static let blockBytes = 64 << 10

  private var runs: [Bytes] = []
  private var count = 0
  /// Small runs that are copied together, from `start` to `end`.
  private var block: AlignedBuffer?
  private var start = 0
  private var end = 0

  /// Whether it is time to write.
  var isEnough: Bool { count >= WaitingRuns.enough }

  mutating func append(_ bytes: Bytes) {
    guard bytes.count > 0 else { return }
    count += bytes.count
    guard bytes.count <= WaitingRuns.longestCopied else {
      endCopies()
      runs.append(bytes)
      return
    }
    let target = blockWithRoom(bytes.count)
    target.copy(bytes, at: end)
    end += bytes.count
  }

  /// Hands out the runs in their order and begins anew.
  mutating func take() -> [Bytes] {
    endCopies()
    defer { (runs, count) = ([], 0) }
    return runs
  }

  private mutating func blockWithRoom(_ wanted: Int) -> AlignedBuffer {
    if let block, wanted <= block.capacity - end { return block }
    endCopies()
    let fresh = BufferPool.shared.take(WaitingRuns.blockBytes)
    (block, start, end) = (fresh, 0, 0)
    return fresh
  }

  private mutating func endCopies() {
    guard let block, end > start else { return }
    // What follows goes behind these bytes, which are shared from here on.
    runs.append(Bytes(block, offset: start, count: end - start))
    start = end
  }
}

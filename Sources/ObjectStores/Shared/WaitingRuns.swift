package import ByteBuffers

/// Bytes on their way out, gathered so that many leave together: large runs as they are, small ones copied together.
package struct WaitingRuns: Sendable {
  /// Longer runs are not copied.
  private static let longestCopied = 8 << 10
  private static let blockBytes = 64 << 10

  private var runs: [Bytes] = []
  /// Bytes that wait.
  package private(set) var count = 0
  /// Small runs that are copied together, from `start` to `end`.
  private var block: AlignedBuffer?
  private var start = 0
  private var end = 0

  /// Begins without any.
  package init() {}

  /// Adds bytes.
  package mutating func append(_ bytes: Bytes) {
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
  package mutating func take() -> [Bytes] {
    endCopies()
    defer { (runs, count) = ([], 0) }
    return runs
  }

  /// Hands out the first bytes, cutting a run if need be; all of them if there are fewer.
  package mutating func take(first wanted: Int) -> [Bytes] {
    var left = wanted
    var taken: [Bytes] = []
    let all = take()
    for (number, run) in all.enumerated() {
      guard run.count > left else {
        taken.append(run)
        left -= run.count
        continue
      }
      if left > 0 { taken.append(run[0..<left]) }
      runs = [run[left..<run.count]] + all[(number + 1)...]
      count = runs.reduce(0) { $0 + $1.count }
      break
    }
    return taken
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

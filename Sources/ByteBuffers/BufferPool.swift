internal import Synchronization

/// Free lists of ``AlignedBuffer`` blocks by size class, bounded in bytes.
///
/// Touching fresh memory costs more than decoding into it, so page and column buffers come from here. Size classes are
/// four steps to each power of two, from 4 KiB; blocks above `largestPooled` are never kept.
public final class BufferPool: Sendable {
  /// The pool that readers and writers use unless they are given another.
  public static let shared = BufferPool(retainedBytesLimit: sharedRetention)

  #if EXACT_BUFFERS
    // Nothing is used again, so that a sanitizer sees uses after the end.
    private static let sharedRetention = 0
  #else
    private static let sharedRetention = 256 << 20
  #endif

  private struct State {
    var free: [Int: [MemoryBlock]] = [:]
    var retained = 0
    /// Bounds that hold for a while, by a number that tells them apart.
    var bounds: [Int: Int] = [:]
    var boundsMade = 0
  }

  /// Keeps a pool's free lists small for as long as it is held; see ``BufferPool/boundRetention(_:)``.
  public final class RetentionBound: Sendable {
    private let pool: BufferPool
    private let number: Int

    fileprivate init(_ pool: BufferPool, _ number: Int) {
      self.pool = pool
      self.number = number
    }

    deinit {
      pool.state.withLock { $0.bounds[number] = nil }
    }
  }

  private let state: Mutex<State>
  private let retainedBytesLimit: Int
  private let largestPooled: Int

  /// Creates an empty pool.
  ///
  /// - Parameters:
  ///   - retainedBytesLimit: the most bytes that lie in the free lists.
  ///   - largestPooled: larger blocks go back to the system at once.
  public init(retainedBytesLimit: Int, largestPooled: Int = .max) {
    self.retainedBytesLimit = retainedBytesLimit
    self.largestPooled = largestPooled
    state = Mutex(State())
  }

  deinit {
    state.withLock { state in
      for blocks in state.free.values {
        for block in blocks { block.free() }
      }
    }
  }

  /// Takes a block of at least `minimumCapacity` bytes; its contents are undefined.
  ///
  /// - Parameter minimumCapacity: usable bytes wanted.
  /// - Returns: a block that goes back to this pool when its last reference goes away.
  public func take(_ minimumCapacity: Int) -> AlignedBuffer {
    let capacity = BufferPool.sizeClass(minimumCapacity)
    let reused = state.withLock { state -> MemoryBlock? in
      guard let block = state.free[capacity]?.popLast() else { return nil }
      state.retained -= capacity
      return block
    }
    return AlignedBuffer(reused ?? MemoryBlock(capacity), pool: self)
  }

  /// Bounds what lies in the free lists, for programs that have to stay within a budget.
  ///
  /// The bound holds for everyone who uses the pool; the smallest of several counts.
  ///
  /// - Parameter bytes: the most bytes that lie in the free lists.
  /// - Returns: an object that ends the bound when its last reference goes away.
  public func boundRetention(_ bytes: Int) -> RetentionBound {
    let (number, dropped) = state.withLock { state -> (Int, [MemoryBlock]) in
      state.boundsMade += 1
      // Every block that comes back is held against the bounds, so there are none that say nothing.
      if bytes < retainedBytesLimit { state.bounds[state.boundsMade] = max(0, bytes) }
      var dropped: [MemoryBlock] = []
      // The largest first: few of them make room for many small ones.
      for capacity in state.free.keys.sorted(by: >) {
        while state.retained > bytes, let block = state.free[capacity]?.popLast() {
          state.retained -= capacity
          dropped.append(block)
        }
      }
      return (state.boundsMade, dropped)
    }
    for block in dropped { block.free() }
    return RetentionBound(self, number)
  }

  func recycle(_ block: MemoryBlock) {
    let kept = state.withLock { state -> Bool in
      let limit = min(retainedBytesLimit, state.bounds.values.min() ?? .max)
      guard block.capacity <= largestPooled, state.retained + block.capacity <= limit else { return false }
      state.free[block.capacity, default: []].append(block)
      state.retained += block.capacity
      return true
    }
    if !kept { block.free() }
  }

  /// The capacity that a request is rounded up to.
  static func sizeClass(_ wanted: Int) -> Int {
    #if EXACT_BUFFERS
      // Overrunning a block by a byte is then seen by a sanitizer.
      return wanted
    #else
      return rounded(wanted)
    #endif
  }

  private static func rounded(_ wanted: Int) -> Int {
    guard wanted > 4096 else { return 4096 }
    let power = Int.bitWidth - 1 - (wanted - 1).leadingZeroBitCount
    let step = 1 << (power - 2)
    return (wanted + step - 1) & ~(step - 1)
  }
}

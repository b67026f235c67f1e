internal import CZstd
internal import Synchronization

/// A few zstd compression contexts that writers share one after the other.
///
/// A context holds the tables of its level, up to many megabytes, and is dear to create.
final class CompressorContexts: Sendable {
  /// The contexts that writers use unless they are given others.
  static let shared = CompressorContexts(limit: 4)

  private struct Context: @unchecked Sendable {
    // Sendable: a context has one owner at a time, which took it out of the list.
    let pointer: OpaquePointer
  }

  private let free = Mutex<[Context]>([])
  private let limit: Int

  /// - Parameter limit: contexts that are kept for the next writer.
  init(limit: Int) {
    self.limit = limit
  }

  deinit {
    free.withLock { free in
      for context in free { ZSTD_freeCCtx(context.pointer) }
    }
  }

  /// A free context, or a new one; nil when there is no memory.
  func take() -> OpaquePointer? {
    let reused = free.withLock { $0.popLast() }
    return reused?.pointer ?? ZSTD_createCCtx()
  }

  /// Keeps a context for the next writer, or frees it.
  func give(back pointer: OpaquePointer) {
    let context = Context(pointer: pointer)
    let kept = free.withLock { free -> Bool in
      guard free.count < limit else { return false }
      free.append(context)
      return true
    }
    if !kept { ZSTD_freeCCtx(pointer) }
  }
}

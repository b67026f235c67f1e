internal import CZstd
internal import Synchronization

/// Decompression contexts that are kept, since making one costs more than a small page.
final class ZstdContexts: Sendable {
  static let shared = ZstdContexts()

  private static let kept = 16

  private struct Context: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  private let free = Mutex<[Context]>([])

  /// Calls `body` with a context that nobody else uses; nil when there is no memory for one.
  func withDecompression<R>(_ body: (OpaquePointer) -> R) -> R? {
    guard let context = free.withLock({ $0.popLast() }) ?? ZSTD_createDCtx().map(Context.init) else { return nil }
    let result = body(context.pointer)
    let keep = free.withLock { list -> Bool in
      guard list.count < ZstdContexts.kept else { return false }
      list.append(context)
      return true
    }
    if !keep { ZSTD_freeDCtx(context.pointer) }
    return result
  }
}

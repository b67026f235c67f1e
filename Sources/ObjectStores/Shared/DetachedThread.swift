internal import Glibc

/// Threads of the library's own, for calls that block.
package enum DetachedThread {
  private final class Start: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
      self.body = body
    }
  }

  /// Runs `body` on a new thread that nobody waits for.
  ///
  /// - Returns: 0, or the system's code for why there is no thread; `body` is not run then.
  package static func start(_ body: @escaping @Sendable () -> Void) -> Int32 {
    let start = Unmanaged.passRetained(Start(body))
    var thread = pthread_t()
    let code = pthread_create(
      &thread,
      nil,
      { argument in
        if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      },
      start.toOpaque()
    )
    if code == 0 { pthread_detach(thread) } else { start.release() }
    return code
  }
}

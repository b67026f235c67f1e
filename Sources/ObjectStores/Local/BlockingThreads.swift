internal import Synchronization

/// Tells a call on another thread that its task does not want the answer any more.
final class Cancellation: Sendable {
  private let requested = Atomic(false)

  var isRequested: Bool { requested.load(ordering: .relaxed) }

  func request() {
    requested.store(true, ordering: .relaxed)
  }

  /// Throws when the task was cancelled.
  func check(_ key: ObjectKey?) throws(ObjectStoreError) {
    if isRequested { throw .cancelled(key) }
  }
}

/// A few threads for calls that block, so that no thread of the cooperative pool does.
///
/// They belong to one ``LocalStore``: more start when there is work and no idle one, up to the limit, and all end when
/// the store, its bodies and its writers have gone away and the queued work is done. The queue is as long as there are callers waiting.
final class BlockingThreads: Sendable {
  private typealias Job = @Sendable () -> Void

  private struct State {
    var queue: [Job] = []
    /// First job not taken yet; the ones before are gone.
    var head = 0
    var threads = 0
    var idle = 0
    var closed = false

    /// Counts a thread before it is there, so that callers at the same time do not start too many.
    mutating func countThread() {
      threads += 1
      idle += 1
    }

    mutating func take() -> Job? {
      guard head < queue.count else { return nil }
      let job = queue[head]
      head += 1
      if head == queue.count || head > 1024 {
        queue.removeFirst(head)
        head = 0
      }
      return job
    }
  }

  /// What the threads hold: not `BlockingThreads` itself, so that its end can end them.
  private final class Shared: Sendable {
    let state = Mutex(State())
    let wake = ThreadSemaphore()

    func work() {
      while true {
        wake.wait()
        let (job, closed) = state.withLock { state -> (Job?, Bool) in
          state.idle -= 1
          return (state.take(), state.closed)
        }
        if let job { job() } else if closed { return }
        state.withLock { $0.idle += 1 }
      }
    }
  }

  private let shared = Shared()
  private let limit: Int

  /// Starts the first thread, so that work always has one to run on; the others start on demand.
  ///
  /// - Parameter limit: the most threads, at least 1.
  init(limit: Int) throws(ObjectStoreError) {
    self.limit = max(1, limit)
    shared.state.withLock { $0.countThread() }
    do throws(Errno) {
      try startCountedThread()
    } catch {
      throw ObjectStoreError(.transport, "No thread could be started: \(error.text); end some and try again.")
    }
  }

  deinit {
    let threads = shared.state.withLock { state in
      state.closed = true
      return state.threads
    }
    for _ in 0..<threads { shared.wake.signal() }
  }

  /// Queues work; it needs no caller that waits.
  func post(_ job: @escaping @Sendable () -> Void) {
    let needsThread = shared.state.withLock { state in
      state.queue.append(job)
      guard state.idle < state.queue.count - state.head, state.threads < limit else { return false }
      state.countThread()
      return true
    }
    if needsThread {
      do throws(Errno) {
        try startCountedThread()
      } catch {
        // The threads there are do the work, only later.
      }
    }
    shared.wake.signal()
  }

  private func startCountedThread() throws(Errno) {
    let code = DetachedThread.start { [shared] in shared.work() }
    guard code != 0 else { return }
    shared.state.withLock { state in
      state.threads -= 1
      state.idle -= 1
    }
    throw Errno(code: code)
  }

  /// Runs a blocking function on one of the threads.
  ///
  /// - Parameters:
  ///   - key: the object it is about, for errors.
  ///   - body: is handed what tells it that the calling task was cancelled.
  /// - Returns: what `body` returns.
  func run<T: Sendable>(
    _ key: ObjectKey?,
    _ body: @escaping @Sendable (Cancellation) throws(ObjectStoreError) -> T
  ) async throws(ObjectStoreError) -> T {
    let call = BlockingCall(key: key, body: body)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if call.enqueue(continuation) { post { call.execute() } }
      }
    } onCancel: {
      call.cancel()
    }
    return try result.get()
  }
}

/// One call from a task to a thread: resumed exactly once, by the thread or by cancellation before it began.
private final class BlockingCall<T: Sendable>: Sendable {
  typealias Answer = Result<T, ObjectStoreError>

  private enum State {
    case created
    case queued(CheckedContinuation<Answer, Never>)
    case taken
  }

  private let state = Mutex(State.created)
  private let cancellation = Cancellation()
  private let key: ObjectKey?
  private let body: @Sendable (Cancellation) throws(ObjectStoreError) -> T

  init(key: ObjectKey?, body: @escaping @Sendable (Cancellation) throws(ObjectStoreError) -> T) {
    self.key = key
    self.body = body
  }

  /// Keeps the continuation; false when the task was cancelled already and has its answer.
  func enqueue(_ continuation: CheckedContinuation<Answer, Never>) -> Bool {
    let isQueued = state.withLock { state in
      guard case .created = state else { return false }
      state = .queued(continuation)
      return true
    }
    if !isQueued { continuation.resume(returning: .failure(.cancelled(key))) }
    return isQueued
  }

  func cancel() {
    cancellation.request()
    take()?.resume(returning: .failure(.cancelled(key)))
  }

  func execute() {
    guard let continuation = take() else { return }
    do throws(ObjectStoreError) {
      continuation.resume(returning: .success(try body(cancellation)))
    } catch {
      continuation.resume(returning: .failure(error))
    }
  }

  private func take() -> CheckedContinuation<Answer, Never>? {
    state.withLock { state in
      defer { state = .taken }
      guard case .queued(let continuation) = state else { return nil }
      return continuation
    }
  }
}

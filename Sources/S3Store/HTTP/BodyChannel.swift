internal import ByteBuffers
internal import Synchronization

/// Runs of a body on their way from the engine's thread to one reader, which holds the sender back when it is slow.
final class BodyChannel: Sendable {
  private struct State {
    var runs: [Bytes] = []
    var buffered = 0
    /// How the body ended; nil while it has not.
    var end: Result<Void, HTTPError>?
    var reader: CheckedContinuation<Void, Never>?
    var isPaused = false
    /// The block that is being filled, and how far.
    var block: AlignedBuffer?
    var filled = 0
  }

  /// Bytes that wait for the reader at most, but for what one call of libcurl brings.
  static let mostBuffered = 1 << 20
  private static let blockBytes = 256 << 10

  private let state = Mutex(State())

  /// Takes what arrived; false when it has to come again, later.
  func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let (taken, reader) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
      guard state.buffered < BodyChannel.mostBuffered else {
        state.isPaused = true
        return (false, nil)
      }
      BodyChannel.append(bytes, &state)
      defer { state.reader = nil }
      return (true, state.reader)
    }
    reader?.resume()
    return taken
  }

  private static func append(_ bytes: UnsafeRawBufferPointer, _ state: inout State) {
    var at = 0
    while at < bytes.count, let source = bytes.baseAddress {
      let block = state.block ?? BufferPool.shared.take(blockBytes)
      let part = min(bytes.count - at, block.capacity - state.filled)
      (block.base + state.filled).copyMemory(from: source + at, byteCount: part)
      state.block = block
      state.filled += part
      state.buffered += part
      at += part
      if state.filled == block.capacity { closeBlock(&state) }
    }
  }

  private static func closeBlock(_ state: inout State) {
    if let block = state.block, state.filled > 0 { state.runs.append(Bytes(block, count: state.filled)) }
    state.block = nil
    state.filled = 0
  }

  /// Ends the body.
  func finish(_ result: Result<Void, HTTPError>) {
    let reader = state.withLock { state in
      if state.end == nil { state.end = result }
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume()
  }

  /// Whether the sender has no more to do with it.
  var hasEnded: Bool { state.withLock { $0.end != nil } }

  /// The next run, without waiting.
  ///
  /// - Returns: what there is; `resumes` says that the sender waits for the room that there is now.
  func take() throws(HTTPError) -> (run: Bytes?, isOver: Bool, resumes: Bool) {
    let (run, end, resumes) = state.withLock { state -> (Bytes?, Result<Void, HTTPError>?, Bool) in
      if state.runs.isEmpty { BodyChannel.closeBlock(&state) }
      guard !state.runs.isEmpty else { return (nil, state.end, false) }
      let run = state.runs.removeFirst()
      state.buffered -= run.count
      let resumes = state.isPaused && state.buffered < BodyChannel.mostBuffered / 2
      if resumes { state.isPaused = false }
      return (run, nil, resumes)
    }
    if run != nil { return (run, false, resumes) }
    try end?.get()
    return (nil, end != nil, false)
  }

  /// Waits until there is something to take.
  func wait() async {
    await withCheckedContinuation { continuation in
      let isReady = state.withLock { state in
        if state.buffered > 0 || state.end != nil { return true }
        state.reader = continuation
        return false
      }
      if isReady { continuation.resume() }
    }
  }
}

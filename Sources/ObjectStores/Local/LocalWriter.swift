internal import ByteBuffers
internal import Synchronization

/// Writes one object of a ``LocalStore`` front to back, through a hidden file.
final class LocalWriter: ObjectWriter {
  /// Shorter runs are gathered up to this many bytes before a thread is woken for them.
  private static let gathered = 256 << 10

  /// The file and the bytes that are not in it yet.
  private struct Draft: Sendable {
    let file: TemporaryFile
    var block: AlignedBuffer
    var count = 0

    init(_ file: TemporaryFile) {
      self.file = file
      block = BufferPool.shared.take(LocalWriter.gathered)
    }

    /// Keeps bytes for later when there is room.
    mutating func gather(_ bytes: Bytes) -> Bool {
      guard count + bytes.count <= LocalWriter.gathered else { return false }
      (block.base + count).copyMemory(from: bytes.base, byteCount: bytes.count)
      count += bytes.count
      return true
    }

    /// Hands out what was kept and takes a fresh block, since the old one is shared now.
    mutating func takeGathered() -> Bytes {
      defer {
        block = BufferPool.shared.take(LocalWriter.gathered)
        count = 0
      }
      return Bytes(block, count: count)
    }
  }

  private enum State {
    case ready(Draft)
    case busy
    case over
  }

  private let key: ObjectKey
  private let options: PutStreamOptions
  private let threads: BlockingThreads
  private let state: Mutex<State>

  init(_ file: TemporaryFile, _ key: ObjectKey, _ options: PutStreamOptions, threads: BlockingThreads) {
    self.key = key
    self.options = options
    self.threads = threads
    state = Mutex(.ready(Draft(file)))
  }

  deinit {
    guard case .ready(let draft) = state.withLock({ $0 }) else { return }
    threads.post { draft.file.discard() }
  }

  func write(_ bytes: Bytes) async throws(ObjectStoreError) {
    var draft = try takeDraft()
    if !Task.isCancelled, draft.gather(bytes) { return state.withLock { $0 = .ready(draft) } }
    let gathered = draft.takeGathered()
    let file = draft.file
    do throws(ObjectStoreError) {
      try await threads.run(key) { (cancellation) throws(ObjectStoreError) in
        try file.write(gathered, cancellation)
        try file.write(bytes, cancellation)
      }
    } catch {
      await giveUp(file)
      throw error
    }
    state.withLock { $0 = .ready(draft) }
  }

  func finish() async throws(ObjectStoreError) -> PutResult {
    var draft = try takeDraft()
    let gathered = draft.takeGathered()
    let file = draft.file
    let options = options
    do throws(ObjectStoreError) {
      let metadata = try await threads.run(key) { (cancellation) throws(ObjectStoreError) in
        try file.write(gathered, cancellation)
        return try file.publish(options.mode, options.durability, cancellation)
      }
      state.withLock { $0 = .over }
      return PutResult(etag: metadata.etag)
    } catch {
      await giveUp(file)
      throw error
    }
  }

  func abort() async {
    let draft = state.withLock { state -> Draft? in
      guard case .ready(let draft) = state else { return nil }
      state = .over
      return draft
    }
    if let draft { await giveUp(draft.file) }
  }

  /// Removes the hidden file, also in a cancelled task.
  private func giveUp(_ file: TemporaryFile) async {
    state.withLock { $0 = .over }
    await withCheckedContinuation { continuation in
      threads.post {
        file.discard()
        continuation.resume()
      }
    }
  }

  private func takeDraft() throws(ObjectStoreError) -> Draft {
    let state = state.withLock { state in
      let before = state
      if case .ready = before { state = .busy }
      return before
    }
    switch state {
    case .ready(let draft): return draft
    case .busy: throw .writerBusy(key)
    case .over: throw .writerOver(key)
    }
  }
}

extension ObjectStoreError {
  /// A writer was called while another call was under way.
  static func writerBusy(_ key: ObjectKey) -> ObjectStoreError {
    ObjectStoreError(.unsupported, "A writer takes one call at a time; wait for the one before.", key: key)
  }

  /// A writer was used after its end.
  static func writerOver(_ key: ObjectKey) -> ObjectStoreError {
    ObjectStoreError(.unsupported, "The writer has finished, failed or was given up; open another.", key: key)
  }
}

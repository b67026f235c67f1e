internal import ByteBuffers
internal import Synchronization

/// Writes one object of a ``LocalStore`` front to back, through a hidden file.
final class LocalWriter: ObjectWriter {
  /// The file and the bytes that are not in it yet.
  private struct Draft: Sendable {
    let file: TemporaryFile
    var waiting = WaitingRuns()
  }

  private enum State {
    case ready(Draft)
    case busy
    case over
  }

  /// Bytes that are worth waking a thread for.
  private static let enough = 2 << 20

  private let key: ObjectKey
  private let options: PutStreamOptions
  private let threads: BlockingThreads
  private let state: Mutex<State>

  init(_ file: TemporaryFile, _ key: ObjectKey, _ options: PutStreamOptions, threads: BlockingThreads) {
    self.key = key
    self.options = options
    self.threads = threads
    state = Mutex(.ready(Draft(file: file)))
  }

  deinit {
    guard case .ready(let draft) = state.withLock({ $0 }) else { return }
    threads.post { draft.file.discard() }
  }

  func write(_ bytes: Bytes) async throws(ObjectStoreError) {
    var draft = try takeDraft()
    draft.waiting.append(bytes)
    if !Task.isCancelled, draft.waiting.count < LocalWriter.enough { return state.withLock { $0 = .ready(draft) } }
    let runs = draft.waiting.take()
    let file = draft.file
    do throws(ObjectStoreError) {
      try await threads.run(key) { (cancellation) throws(ObjectStoreError) in
        try file.write(runs, cancellation)
      }
    } catch {
      await giveUp(file)
      throw error
    }
    state.withLock { $0 = .ready(draft) }
  }

  func finish() async throws(ObjectStoreError) -> PutResult {
    var draft = try takeDraft()
    let runs = draft.waiting.take()
    let file = draft.file
    let options = options
    do throws(ObjectStoreError) {
      let metadata = try await threads.run(key) { (cancellation) throws(ObjectStoreError) in
        try file.write(runs, cancellation)
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
  package static func writerBusy(_ key: ObjectKey) -> ObjectStoreError {
    ObjectStoreError(.unsupported, "A writer takes one call at a time; wait for the one before.", key: key)
  }

  /// A writer was used after its end.
  package static func writerOver(_ key: ObjectKey) -> ObjectStoreError {
    ObjectStoreError(.unsupported, "The writer has finished, failed or was given up; open another.", key: key)
  }
}

internal import Synchronization

/// A row group that a task of its own reads ahead of the caller, as far as some bytes go.
final class RowGroupAhead: Sendable {
  private struct State {
    var batches: [ColumnBatch] = []
    var bytes = 0
    var end: Result<Void, ParquetError>?
    var isCancelled = false
    /// The caller, waiting for a batch.
    var taker: CheckedContinuation<Void, Never>?
    /// The task, waiting for room.
    var giver: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())
  private let aheadBytes: Int
  private let task: Mutex<Task<Void, Never>?> = Mutex(nil)

  /// Begins to read.
  ///
  /// - Parameters:
  ///   - reader: the file.
  ///   - selection: names one row group.
  ///   - limit: rows of a batch.
  ///   - aheadBytes: bytes of the batches that wait; one batch may always.
  ///   - threads: columns that are read at the same time.
  init(_ reader: NativeParquetReader, _ selection: RowSelection, limit: Int, aheadBytes: Int, threads: Int) {
    self.aheadBytes = aheadBytes
    let started = Task { [weak self] in
      do throws(ParquetError) {
        let rows = try BatchReader(reader, selection, threads: threads)
        while let batch = try await rows.next(limit: limit) {
          guard let self, await self.put(batch) else { return }
        }
        self?.finish(.success(()))
      } catch {
        self?.finish(.failure(error))
      }
    }
    task.withLock { $0 = started }
  }

  deinit {
    task.withLock { $0?.cancel() }
  }

  /// The next batch; nil at the end of the row group.
  func next() async throws(ParquetError) -> ColumnBatch? {
    while true {
      let (batch, end, giver) = state.withLock { state in
        let batch = state.batches.isEmpty ? nil : state.batches.removeFirst()
        if let batch { state.bytes -= RowGroupAhead.bytes(of: batch) }
        defer { state.giver = nil }
        return (batch, state.end, state.giver)
      }
      giver?.resume()
      if let batch { return batch }
      if let end {
        try end.get()
        return nil
      }
      await waitForBatch()
    }
  }

  /// Ends the task; the caller that waits gets an error.
  func cancel() {
    task.withLock { $0?.cancel() }
    let waiting = state.withLock { state in
      state.isCancelled = true
      if state.end == nil { state.end = .failure(.wrapping(CancellationError())) }
      defer { (state.taker, state.giver) = (nil, nil) }
      return [state.taker, state.giver]
    }
    for continuation in waiting { continuation?.resume() }
  }

  private func waitForBatch() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          if !state.batches.isEmpty || state.end != nil { return true }
          state.taker = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      cancel()
    }
  }

  /// Hands a batch over and waits until there is room for another; false when nobody wants more.
  private func put(_ batch: ColumnBatch) async -> Bool {
    let taker = state.withLock { state in
      state.batches.append(batch)
      state.bytes += RowGroupAhead.bytes(of: batch)
      defer { state.taker = nil }
      return state.taker
    }
    taker?.resume()
    await withCheckedContinuation { continuation in
      let hasRoom = state.withLock { state in
        if state.isCancelled || state.batches.isEmpty || state.bytes < aheadBytes { return true }
        state.giver = continuation
        return false
      }
      if hasRoom { continuation.resume() }
    }
    return state.withLock { !$0.isCancelled }
  }

  private func finish(_ end: Result<Void, ParquetError>) {
    let taker = state.withLock { state in
      if state.end == nil { state.end = end }
      defer { state.taker = nil }
      return state.taker
    }
    taker?.resume()
  }

  private static func bytes(of batch: ColumnBatch) -> Int {
    batch.columns.reduce(0) { $0 + $1.byteCount }
  }
}

internal import ObjectStores
internal import Synchronization

/// The request that begins an upload, in a task of its own: a caller that is cancelled goes on at once, and the upload,
/// whose name only the answer tells, is given up when it comes.
final class UploadBeginning: Sendable {
  private typealias Outcome = Result<String, ObjectStoreError>

  private enum State {
    case underWay
    case awaited(CheckedContinuation<Outcome, Never>)
    case over(Outcome)
    /// Nobody waits any more.
    case abandoned
  }

  private let key: ObjectKey?
  private let state = Mutex(State.underWay)

  private init(_ key: ObjectKey?) {
    self.key = key
  }

  /// Begins an upload.
  ///
  /// - Parameters:
  ///   - request: CreateMultipartUpload.
  ///   - store: where to.
  /// - Returns: the upload's name.
  static func begin(_ request: S3Request, _ store: S3ObjectStore) async throws(ObjectStoreError) -> String {
    let beginning = UploadBeginning(request.key)
    var request = request
    // It is not repeated for nobody.
    request.isAbandoned = { beginning.isAbandoned }
    let wire = request
    Task.detached {
      let outcome: Outcome
      do throws(ObjectStoreError) {
        outcome = .success(try UploadAnswer(try await store.send(wire).body).uploadID)
      } catch {
        outcome = .failure(error)
      }
      guard !beginning.finish(outcome), case .success(let uploadID) = outcome, let key = wire.key else { return }
      await store.giveUp(uploadID, key)
    }
    return try await beginning.outcome().get()
  }

  private var isAbandoned: Bool {
    state.withLock { if case .abandoned = $0 { true } else { false } }
  }

  private func outcome() async -> Outcome {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let outcome: Outcome? = state.withLock { state in
          switch state {
          case .over(let outcome): return outcome
          case .abandoned: return .failure(.cancelled(key))
          case .underWay, .awaited:
            state = .awaited(continuation)
            return nil
          }
        }
        if let outcome { continuation.resume(returning: outcome) }
      }
    } onCancel: {
      abandon()
    }
  }

  private func abandon() {
    let waiting = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
      switch state {
      case .over, .abandoned: return nil
      case .underWay:
        state = .abandoned
        return nil
      case .awaited(let continuation):
        state = .abandoned
        return continuation
      }
    }
    waiting?.resume(returning: .failure(.cancelled(key)))
  }

  /// Hands the outcome over.
  ///
  /// - Returns: whether somebody takes it.
  private func finish(_ outcome: Outcome) -> Bool {
    let (isTaken, waiting) = state.withLock { state -> (Bool, CheckedContinuation<Outcome, Never>?) in
      switch state {
      case .abandoned, .over: return (false, nil)
      case .underWay:
        state = .over(outcome)
        return (true, nil)
      case .awaited(let continuation):
        state = .over(outcome)
        return (true, continuation)
      }
    }
    waiting?.resume(returning: outcome)
    return isTaken
  }
}

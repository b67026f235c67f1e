internal import Glibc
internal import ObjectStores
internal import Synchronization

/// The present credentials of a provider, shared by all who sign with them.
///
/// At most one request for new ones is under way at any time, on a task of its own: a caller that is cancelled stops
/// waiting and leaves it to the others.
final class CredentialCache: Sendable {
  private typealias Outcome = Result<S3Credentials, ObjectStoreError>

  private struct State {
    var schedule = CredentialSchedule()
    var waiting: [UInt64: CheckedContinuation<Outcome?, Never>] = [:]
    var lastNumber: UInt64 = 0
    var refresh: Task<Void, Never>?
  }

  private let provider: any S3CredentialProvider
  private let log: S3Log
  private let now: @Sendable () -> Int64
  private let jitter: @Sendable () -> Double
  private let state = Mutex(State())

  /// Asks nothing yet.
  ///
  /// - Parameters:
  ///   - provider: where credentials come from.
  ///   - log: is told what comes.
  ///   - now: Unix time.
  ///   - jitter: 0 to 1, at random.
  init(
    _ provider: any S3CredentialProvider,
    log: S3Log = .silent,
    now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) },
    jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
  ) {
    self.provider = provider
    self.log = log
    self.now = now
    self.jitter = jitter
  }

  deinit {
    state.withLock { $0.refresh }?.cancel()
  }

  /// What messages call the place that the present credentials came from.
  var sourceName: String { state.withLock { $0.schedule.held?.source } ?? provider.name }

  /// Callers that wait for credentials.
  var waitingCount: Int { state.withLock { $0.waiting.count } }

  /// Credentials that are good now, as far as is known.
  func current() async throws(ObjectStoreError) -> S3Credentials {
    while true {
      switch state.withLock({ $0.schedule.ask(at: now()) }) {
      case .use(let credentials, let refreshes):
        if refreshes { refresh() }
        return credentials
      case .fail(let error): throw error
      case .wait(let begins):
        if begins { refresh() }
        if let outcome = await outcome() { return try outcome.get() }
      }
    }
  }

  /// Says that the server refused credentials because they have expired: the next caller gets new ones.
  ///
  /// Nothing happens if there are newer ones already. A place that has no others gives the same again; whoever gets the
  /// same credentials twice should give up.
  func reject(_ credentials: S3Credentials) {
    state.withLock { $0.schedule.reject(credentials, at: now()) }
  }

  /// Says that the server refused a request without a word of why, which may be because its credentials have expired.
  ///
  /// - Returns: whether others may help: there are newer ones, or the next caller gets new ones. Temporary ones are
  ///   given up so once a minute at most, since the reason may as well be another one.
  func suspect(_ credentials: S3Credentials) -> Bool {
    state.withLock { $0.schedule.suspect(credentials, at: now()) }
  }

  /// How the request that is under way ends; nil if it has ended meanwhile.
  private func outcome() async -> Outcome? {
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isWaiting = state.withLock { state in
          guard state.schedule.isRefreshing else { return false }
          state.waiting[number] = continuation
          return true
        }
        guard isWaiting else { return continuation.resume(returning: nil) }
        // The handler below may have come too early to find anybody.
        if Task.isCancelled { cancel(number) }
      }
    } onCancel: {
      cancel(number)
    }
  }

  private func cancel(_ number: UInt64) {
    let continuation = state.withLock { $0.waiting.removeValue(forKey: number) }
    let error = ObjectStoreError(.cancelled, "The task was cancelled while it waited for credentials.")
    continuation?.resume(returning: .failure(error))
  }

  private func refresh() {
    let task = Task.detached { [provider, weak self] in
      let result: Result<S3IssuedCredentials, ObjectStoreError>
      do throws(ObjectStoreError) {
        result = .success(try await Self.issued(by: provider))
      } catch {
        result = .failure(error)
      }
      self?.finish(result)
    }
    state.withLock { $0.refresh = task }
  }

  private static func issued(by provider: any S3CredentialProvider) async throws(ObjectStoreError)
    -> S3IssuedCredentials
  {
    if let issued = try await provider.credentials() { return issued }
    throw ObjectStoreError(
      .unauthenticated,
      "There are no credentials from \(provider.name): \(provider.absence). Give some there, or name another place."
    )
  }

  private func finish(_ result: Result<S3IssuedCredentials, ObjectStoreError>) {
    let (waiting, outcome, isFirst, hasOthers) = state.withLock { state in
      let isFirst = state.schedule.held == nil
      switch result {
      case .success(let issued): state.schedule.succeed(issued, at: now(), jitter: jitter())
      case .failure(let error): state.schedule.fail(error, at: now())
      }
      defer { state.waiting = [:] }
      // Suspected ones are better than none.
      let others = state.schedule.isUsable(at: now()) ? state.schedule.held : nil
      let outcome = others.map { Outcome.success($0.credentials) } ?? result.map(\.credentials)
      return (state.waiting.values, outcome, isFirst, others != nil)
    }
    switch result {
    case .success(let issued): log.obtained(issued, from: issued.source ?? provider.name, isFirst: isFirst)
    case .failure(let error): log.noCredentials(error, from: provider.name, hasOthers: hasOthers)
    }
    for continuation in waiting { continuation.resume(returning: outcome) }
  }
}

import ObjectStores
import Synchronization
import Testing

@testable import S3Store

@Suite("Credentials shared by callers")
struct CredentialCacheTests {
  /// Gives credentials when the test lets it, numbered from 1.
  private final class Source: S3CredentialProvider {
    private struct State {
      var asked = 0
      var open = false
      var waiting: [CheckedContinuation<Void, Never>] = []
      var error: ObjectStoreError?
      var lifetime: Int64? = 3600
      var wasCancelled = false
    }

    private let state = Mutex(State())
    let clock = Mutex<Int64>(0)
    let name = "the test"

    var asked: Int { state.withLock { $0.asked } }
    var wasCancelled: Bool { state.withLock { $0.wasCancelled } }
    var error: ObjectStoreError? {
      get { state.withLock { $0.error } }
      set { state.withLock { $0.error = newValue } }
    }

    /// From now on it answers, or waits.
    func answers(_ open: Bool) {
      let waiting = state.withLock { state in
        state.open = open
        defer { if open { state.waiting = [] } }
        return open ? state.waiting : []
      }
      for continuation in waiting { continuation.resume() }
    }

    func credentials() async throws(ObjectStoreError) -> S3IssuedCredentials? {
      state.withLock { $0.asked += 1 }
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          let open = state.withLock { state in
            if !state.open { state.waiting.append(continuation) }
            return state.open
          }
          if open { continuation.resume() }
        }
      } onCancel: {
        state.withLock { $0.wasCancelled = true }
      }
      let (number, error, lifetime) = state.withLock { ($0.asked, $0.error, $0.lifetime) }
      if let error { throw error }
      let now = clock.withLock { $0 }
      return S3IssuedCredentials(credentials: .sample("KEY\(number)"), expires: lifetime.map { now + $0 })
    }
  }

  private let source = Source()
  private let cache: CredentialCache

  init() {
    cache = CredentialCache(source, now: { [source] in source.clock.withLock { $0 } }, jitter: { 0 })
  }

  private func eventually(_ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    for _ in 0..<3000 {
      if condition() { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("it did not become so within 15 s", sourceLocation: sourceLocation)
  }

  private func key() async throws -> String { try await cache.current().accessKeyID }

  @Test("are fetched by one request for a hundred callers")
  func shared() async throws {
    let keys = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<100 { group.addTask { try await key() } }
      try await eventually { cache.waitingCount == 100 }
      source.answers(true)
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(keys == Array(repeating: "KEY1", count: 100))
    #expect(source.asked == 1 && cache.waitingCount == 0)
    #expect(try await key() == "KEY1" && source.asked == 1)
  }

  @Test("are fetched by one request when a hundred callers were refused, with those that came late")
  func refused() async throws {
    source.answers(true)
    let old = try await cache.current()
    source.answers(false)
    let keys = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<100 {
        group.addTask {
          cache.reject(old)
          return try await key()
        }
      }
      try await eventually { cache.waitingCount == 100 }
      source.answers(true)
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(keys) == ["KEY2"] && source.asked == 2)
    cache.reject(old)
    #expect(try await key() == "KEY2" && source.asked == 2)
  }

  @Test("are fetched ahead of their end while callers get the present ones")
  func ahead() async throws {
    source.answers(true)
    #expect(try await key() == "KEY1")
    source.answers(false)
    source.clock.withLock { $0 = 3300 }
    for _ in 0..<10 { #expect(try await key() == "KEY1") }
    try await eventually { source.asked == 2 }
    source.answers(true)
    try await eventually { cache.sourceName == "the test" && source.asked == 2 }
    for _ in 0..<1000 where try await key() == "KEY1" { try await Task.sleep(for: .milliseconds(5)) }
    #expect(try await key() == "KEY2" && source.asked == 2)
  }

  @Test("are used to their end when no others come, and then all callers get the error")
  func failing() async throws {
    source.answers(true)
    #expect(try await key() == "KEY1")
    source.error = ObjectStoreError(.transport, "The test is down.")
    source.clock.withLock { $0 = 3400 }
    #expect(try await key() == "KEY1")
    try await eventually { source.asked == 2 }
    #expect(try await key() == "KEY1")
    source.clock.withLock { $0 = 3600 }
    for _ in 0..<5 {
      let error = try await credentialFailure { _ = try await key() }
      #expect(error.code == .transport && error.message == "The test is down.")
    }
    #expect(source.asked == 3)
    source.error = nil
    source.clock.withLock { $0 = 3601 }
    #expect(try await key() == "KEY4")
  }

  @Test("are not waited for by a cancelled caller, and come to the others all the same")
  func cancelled() async throws {
    let waiting = Task { try await key() }
    let leaving = (0..<10).map { _ in Task { try await key() } }
    try await eventually { cache.waitingCount == 11 }
    // The source answers nobody yet: that they end at all shows that they do not wait.
    for task in leaving {
      task.cancel()
      #expect(try await credentialFailure { _ = try await task.value }.code == .cancelled)
    }
    #expect(cache.waitingCount == 1 && !source.wasCancelled)
    let late = Task { try await key() }
    late.cancel()
    _ = try await credentialFailure { _ = try await late.value }
    source.answers(true)
    #expect(try await waiting.value == "KEY1" && source.asked == 1)
  }

  @Test("are not fetched any more when nobody holds the cache")
  func end() async throws {
    var cache: CredentialCache? = CredentialCache(source)
    let task = Task { [weak cache] in _ = try await cache?.current() }
    try await eventually { source.asked == 1 }
    task.cancel()
    _ = try? await task.value
    cache = nil
    try await eventually { source.wasCancelled }
    source.answers(true)
  }

  @Test("of a place that has none are an error that names it")
  func none() async throws {
    let error = try await credentialFailure {
      _ = try await CredentialCache(EnvironmentCredentials(environment: [:])).current()
    }
    #expect(error.code == .unauthenticated)
    #expect(error.message.contains("environment variables: AWS_ACCESS_KEY_ID is not set"))
  }

  @Test("name the place that they came from")
  func names() async throws {
    let chain = CredentialChain([EnvironmentCredentials(environment: [:]), StaticCredentials(.sample())])
    let cache = CredentialCache(chain)
    #expect(cache.sourceName == "environment variables, the configuration")
    _ = try await cache.current()
    #expect(cache.sourceName == "the configuration")
  }

  @Test("survive callers that come, leave and are refused in any order")
  func storm() async throws {
    source.answers(true)
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<500 {
        let task = Task {
          for step in 0..<20 {
            if let credentials = try? await cache.current(), (number + step) % 7 == 0 { cache.reject(credentials) }
          }
        }
        if number % 3 == 0 { group.addTask { task.cancel() } }
        group.addTask { await task.value }
      }
    }
    #expect(cache.waitingCount == 0)
    _ = try await key()
  }
}

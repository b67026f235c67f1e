import ByteBuffers
import ObjectStores
import Synchronization
import Testing

@Suite("A store of so many operations at a time", .timeLimit(.minutes(5)))
struct LimitedStoreTests {
  /// Notes which operations run, and how many at once.
  private final class Witness: Sendable {
    private struct State {
      var running = 0
      var most = 0
      var keys: [ObjectKey] = []
    }

    private let state = Mutex(State())

    var most: Int { state.withLock { $0.most } }
    var keys: [ObjectKey] { state.withLock { $0.keys } }

    func enter(_ key: ObjectKey?) {
      state.withLock { state in
        state.running += 1
        state.most = max(state.most, state.running)
        if let key { state.keys.append(key) }
      }
    }

    func leave() { state.withLock { $0.running -= 1 } }
  }

  private struct WitnessedStore: WrappingStore {
    let base: any ObjectStore
    let witness: Witness

    func begin(_ operation: StoreOperation) async throws(ObjectStoreError) -> any StoreScope {
      witness.enter(operation.key)
      defer { witness.leave() }
      for _ in 0..<20 { await Task.yield() }
      return Silent()
    }

    private final class Silent: StoreScope {}
  }

  private let witness = Witness()
  private let store: LimitedStore

  init() {
    store = LimitedStore(WitnessedStore(base: MemoryStore(), witness: witness), limit: 2)
  }

  private func expectFree(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(store.underWay == 0 && store.waiting == 0, sourceLocation: sourceLocation)
  }

  @Test("lets all through, never more than the limit")
  func limit() async throws {
    let store = store
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<200 {
        group.addTask { try await store.put(ObjectKey("\(number)"), "x") }
      }
      try await group.waitForAll()
    }
    #expect(witness.most == 2 && witness.keys.count == 200)
    expectFree()
  }

  @Test("lets them through in the order in which they came")
  func order() async throws {
    let first = try await store.putStream("first", PutStreamOptions())
    let second = try await store.putStream("second", PutStreamOptions())
    let keys = (0..<10).map { ObjectKey("\($0)") }
    try await withThrowingTaskGroup(of: Void.self) { [store] group in
      for (place, key) in keys.enumerated() {
        group.addTask { _ = try await store.headIfPresent(key) }
        try await eventually { store.waiting == place + 1 }
      }
      await first.abort()
      try await group.waitForAll()
    }
    #expect(witness.keys.filter { keys.contains($0) } == keys)
    await second.abort()
    expectFree()
  }

  @Test("a body keeps its place until it was read to the end, or dropped")
  func bodies() async throws {
    try await store.put("key", "content")
    let result = try await store.get("key", GetOptions())
    #expect(store.underWay == 1)
    for try await run in result.body { #expect(run.count == 7 && store.underWay == 1) }
    expectFree()
    do {
      let dropped = try await store.get("key", GetOptions())
      #expect(store.underWay == 1 && dropped.range.count == 7)
    }
    expectFree()
    withExtendedLifetime(result) {}
    _ = try await failure { _ = try await store.get("missing", GetOptions()) }
    expectFree()
  }

  @Test("a writer keeps its place until it is finished, aborted or dropped, or failed")
  func writers() async throws {
    let finished = try await store.putStream("finished", PutStreamOptions())
    try await finished.write(Bytes(utf8: "x"))
    #expect(store.underWay == 1)
    _ = try await finished.finish()
    expectFree()
    let aborted = try await store.putStream("aborted", PutStreamOptions())
    await aborted.abort()
    await aborted.abort()
    expectFree()
    do {
      let dropped = try await store.putStream("dropped", PutStreamOptions())
      try await dropped.write(Bytes(utf8: "x"))
      #expect(store.underWay == 1)
    }
    expectFree()
    let late = try await store.putStream("finished", PutStreamOptions(.create))
    #expect(try await failure { _ = try await late.finish() }.code == .alreadyExists)
    expectFree()
  }

  @Test("waiting ends when the task is cancelled, and costs no place")
  func cancellation() async throws {
    let first = try await store.putStream("first", PutStreamOptions())
    let second = try await store.putStream("second", PutStreamOptions())
    let store = store
    let cancelled = Task { try await store.put("cancelled", "x") }
    try await eventually { store.waiting == 1 }
    let patient = Task { try await store.put("patient", "x") }
    try await eventually { store.waiting == 2 }
    let start = ContinuousClock.now
    cancelled.cancel()
    let error = try await failure { _ = try await cancelled.value }
    #expect(error.code == .cancelled && error.key == "cancelled")
    #expect(start.duration(to: .now) < .seconds(30))
    #expect(store.waiting == 1 && store.underWay == 2)
    await first.abort()
    _ = try await patient.value
    await second.abort()
    #expect(witness.keys.contains("patient") && !witness.keys.contains("cancelled"))
    expectFree()
  }

  @Test("no place is lost or made when many come, and some give up")
  func stress() async throws {
    let store = store
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<500 {
        group.addTask {
          let task = Task { try await store.put(ObjectKey("\(number)"), "x") }
          for _ in 0..<(number % 7) { await Task.yield() }
          if number % 3 == 0 { task.cancel() }
          _ = await task.result
        }
      }
    }
    #expect(witness.most <= 2)
    let keys = try await store.keys()
    #expect((0..<500).allSatisfy { $0 % 3 == 0 || keys.contains("\($0)") })
    expectFree()
  }
}

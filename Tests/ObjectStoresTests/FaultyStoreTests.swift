import ByteBuffers
import ObjectStores
import Testing

@Suite("A store that fails as planned")
struct FaultyStoreTests {
  private let base = MemoryStore()

  private func store(_ change: (inout FaultPlan) -> Void) -> FaultyStore {
    var plan = FaultPlan(seed: 42)
    change(&plan)
    return FaultyStore(base, plan: plan)
  }

  @Test("an error before means that nothing was done, one after that it was")
  func beforeAndAfter() async throws {
    let store = store { $0.listed = [0: [.before(.throttled)], 1: [.after(.timeout)], 3: [.after(.server)]] }
    let first = try await failure { try await store.put("first", "x") }
    #expect(first.code == .throttled && first.key == "first" && first.isRetryable)
    let second = try await failure { try await store.put("second", "x") }
    #expect(second.code == .timeout && second.key == "second")
    try await store.put("third", "x")
    #expect(try await failure { try await store.delete("third") }.code == .server)
    #expect(try await base.keys() == ["second"])
    #expect(store.counts.before == 1 && store.counts.after == 2 && store.counts.operations == 4)
  }

  @Test("a create-only put whose answer is lost finds its own object")
  func lostCreation() async throws {
    let store = store { $0.listed = [0: [.after(.transport)]] }
    #expect(try await failure { try await store.put("key", "x", .create) }.code == .transport)
    #expect(try await failure { try await store.put("key", "x", .create) }.code == .alreadyExists)
    #expect(try await store.text("key") == "x")
  }

  @Test("a body breaks off in the middle, the same bytes every time")
  func brokenBody() async throws {
    let content = Bytes((0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 >> 8) })
    try await base.put("key", content, PutOptions())
    try await base.put("empty", "")
    let store = store { $0.listed = [0: [.brokenBody], 2: [.brokenBody], 3: [.brokenBody]] }
    var arrived: [UInt8] = []
    let body = try await store.get("key", GetOptions()).body
    let error = try await failure { for try await run in body { arrived += run.array } }
    #expect(error.code == .transport && error.key == "key")
    #expect(
      !arrived.isEmpty && arrived.count < content.count && arrived.elementsEqual(content.array.prefix(arrived.count))
    )
    #expect(try await store.read("key").1 == content)
    #expect(try await failure { _ = try await store.read("empty") }.code == .transport)
    // Only bodies break off.
    _ = try await store.headIfPresent("key")
    #expect(store.counts.brokenBodies == 2)
    let again = self.store { $0.listed = [0: [.brokenBody]] }
    var anew: [UInt8] = []
    let sameBody = try await again.get("key", GetOptions()).body
    _ = try await failure { for try await run in sameBody { anew += run.array } }
    #expect(anew == arrived)
  }

  @Test("writers fail at any step")
  func writers() async throws {
    // Numbers: open 0, write 1, finish 2.
    for number in 0..<3 as Range<UInt64> {
      for isAfter in [false, true] {
        let store = store { $0.listed = [number: [isAfter ? .after(.server) : .before(.server)]] }
        let key = ObjectKey("\(number)-\(isAfter)")
        let error = try await failure {
          let writer = try await store.putStream(key, PutStreamOptions())
          try await writer.write(Bytes(utf8: "content"))
          _ = try await writer.finish()
        }
        #expect(error.code == .server)
        #expect(store.counts.operations == number + 1)
      }
    }
    // Only a lost answer to the end leaves an object.
    #expect(try await base.keys() == ["2-true"])
  }

  @Test("delays take their time, and end when the task is cancelled")
  func delays() async throws {
    let store = store { $0.listed = [0: [.delay(.milliseconds(30))], 1: [.delay(.seconds(1000))]] }
    let start = ContinuousClock.now
    try await store.put("key", "x")
    #expect(start.duration(to: .now) >= .milliseconds(29))
    let task = Task { try await store.put("key", "y") }
    try await eventually { store.counts.delays == 2 }
    task.cancel()
    #expect(try await failure { _ = try await task.value }.code == .cancelled)
    #expect(try await base.text("key") == "x")
  }

  /// What became of a number of puts.
  private func outcomes(_ count: Int, _ change: (inout FaultPlan) -> Void) async throws -> [ObjectStoreError.Code?] {
    let store = store(change)
    var outcomes: [ObjectStoreError.Code?] = []
    for number in 0..<count {
      do {
        try await store.put(ObjectKey("\(number)"), "x")
        outcomes.append(nil)
      } catch let error as ObjectStoreError {
        outcomes.append(error.code)
      }
    }
    return outcomes
  }

  @Test("a seed gives the same faults, another seed others")
  func deterministic() async throws {
    let first = try await outcomes(500) { $0.before = 0.2 }
    #expect(try await outcomes(500) { $0.before = 0.2 } == first)
    #expect(try await outcomes(500) { ($0.before, $0.seed) = (0.2, 43) } != first)
    // Other probabilities do not move these faults.
    let more = try await outcomes(500) { ($0.before, $0.brokenBody) = (0.2, 0.9) }
    #expect(more == first)
    #expect(Set(first.compactMap { $0 }) == [.transport, .timeout, .throttled, .server])
  }

  @Test("faults are about as frequent as they should be, of the kinds that should have them")
  func frequency() async throws {
    let store = store { ($0.before, $0.after, $0.delay, $0.longestDelay) = (0.1, 0.2, 0.3, .zero) }
    for number in 0..<2000 { _ = try? await store.put(ObjectKey("\(number)"), "x") }
    let counts = store.counts
    #expect(counts.operations == 2000)
    // Five standard deviations around 200, around 0.9 x 400, and around 600.
    #expect(abs(counts.before - 200) < 67 && abs(counts.after - 360) < 86 && abs(counts.delays - 600) < 103)
    let other = self.store { ($0.before, $0.kinds) = (1, [.list]) }
    try await other.put("key", "x")
    #expect(try await failure { _ = try await other.keys() }.code != .notFound)
    #expect(other.counts.before == 1)
  }
}

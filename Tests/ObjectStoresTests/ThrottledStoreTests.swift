import ByteBuffers
import Testing

@testable import ObjectStores

@Suite("A store of so many requests and bytes per second", .timeLimit(.minutes(5)))
struct ThrottledStoreTests {
  private func duration(_ call: () async throws -> Void) async throws -> Duration {
    let start = ContinuousClock.now
    try await call()
    return start.duration(to: .now)
  }

  @Test(
    "counts what a call asks of the store",
    arguments: [
      (StoreOperation(.list), 1, nil), (StoreOperation(.head), 1, nil), (StoreOperation(.get), 1, 0),
      (StoreOperation(.getRanges, bytes: 70), 1, 0), (StoreOperation(.getRange, bytes: .max), 1, 0),
      (StoreOperation(.put, bytes: 8), 1, 8), (StoreOperation(.putStream), 1, nil),
      (StoreOperation(.write, bytes: 9), 0, 9), (StoreOperation(.finish), 1, nil),
      (StoreOperation(.delete, objects: 0), 0, nil), (StoreOperation(.delete, objects: 1), 1, nil),
      (StoreOperation(.delete, objects: 1000), 1, nil), (StoreOperation(.delete, objects: 1001), 2, nil),
      (StoreOperation(.copy), 1, nil), (StoreOperation(.flush, objects: 5), 0, nil),
    ] as [(StoreOperation, Int, Int?)]
  )
  func demands(_ operation: StoreOperation, _ requests: Int, _ bytes: Int?) {
    #expect(ThrottledStore.demand(of: operation) == Throttle.Demand(requests: requests, bytes: bytes))
  }

  @Test("does not wait for bytes that do not exist")
  func impossibleRange() async throws {
    let base = MemoryStore()
    try await base.put("key", "content")
    let store = try ThrottledStore(base, rates: ThrottledStore.Rates(bytesPerSecond: 1, byteBurst: 1))
    for _ in 0..<3 {
      let error = try await failure { _ = try await store.getRanges("key", [0..<(1 << 40)], GetOptions()) }
      #expect(error.code == .invalidRange)
    }
  }

  @Test("makes requests wait")
  func requests() async throws {
    let store = try ThrottledStore(
      MemoryStore(),
      rates: ThrottledStore.Rates(requestsPerSecond: 50, requestBurst: 1)
    )
    // The first goes at once, the others 20 ms apart.
    let time = try await duration { for _ in 0..<5 { _ = try await store.headIfPresent("key") } }
    #expect(time >= .milliseconds(79))
  }

  @Test("makes bytes wait that are put, streamed and read")
  func bytes() async throws {
    let base = MemoryStore()
    let content = Bytes([UInt8](repeating: 7, count: 3 << 20))
    try await base.put("key", content, PutOptions())
    let calls: [@Sendable (any ObjectStore) async throws -> Void] = [
      { try await $0.put("put", content, PutOptions()) },
      { store in
        let writer = try await store.putStream("stream", PutStreamOptions())
        try await writer.write(content)
        _ = try await writer.finish()
      },
      { _ = try await $0.read("key") },
      { _ = try await $0.getRanges("key", [0..<(1 << 20), 0..<(2 << 20)], GetOptions()) },
      { try await $0.getRange("key", 0..<(3 << 20), into: AlignedBuffer(capacity: 3 << 20), at: 0, GetOptions()) },
    ]
    for call in calls {
      // One MiB goes at once, two take 100 ms.
      let rates = ThrottledStore.Rates(bytesPerSecond: 20 * 1_048_576, byteBurst: 1_048_576)
      let store = try ThrottledStore(base, rates: rates)
      #expect(try await duration { try await call(store) } >= .milliseconds(99))
      let free = try ThrottledStore(base, rates: ThrottledStore.Rates(requestsPerSecond: 1e6))
      try await call(free)
    }
  }

  @Test("waiting ends when the task is cancelled, and costs nothing")
  func cancellation() async throws {
    let store = try ThrottledStore(
      MemoryStore(),
      rates: ThrottledStore.Rates(requestsPerSecond: 0.01, requestBurst: 2)
    )
    _ = try await store.headIfPresent("key")
    let task = Task { try await store.delete((0..<3000).map { ObjectKey("\($0)") }) }
    try await Task.sleep(for: .milliseconds(20))
    let start = ContinuousClock.now
    task.cancel()
    #expect(try await failure { _ = try await task.value }.code == .cancelled)
    #expect(start.duration(to: .now) < .seconds(60))
    // One of the burst is left.
    #expect(try await duration { _ = try await store.headIfPresent("key") } < .seconds(60))
  }

  @Test("refuses rates that are none", arguments: [0, -1, .nan, .infinity])
  func refused(_ rate: Double) async throws {
    for rates in [
      ThrottledStore.Rates(requestsPerSecond: rate), ThrottledStore.Rates(bytesPerSecond: rate, byteBurst: 1),
    ] {
      let error = try await failure { _ = try ThrottledStore(MemoryStore(), rates: rates) }
      #expect(error.code == .configuration)
    }
  }
}

import ByteBuffers
import MetricsTestKit
import ObjectStores
import Testing

@Suite("A store that is measured")
struct MeteredStoreTests {
  private let metrics = TestMetrics()
  private let base = MemoryStore()
  private let store: MeteredStore

  init() {
    store = MeteredStore(base, name: "main", factory: metrics)
  }

  private func total(_ label: String, _ operation: String, _ more: [(String, String)] = []) throws -> Int64 {
    try metrics.expectCounter(label, [("store", "main"), ("operation", operation)] + more).totalValue
  }

  private func underWay() throws -> Double {
    try metrics.expectMeter("object_store_under_way", [("store", "main")]).lastValue ?? 0
  }

  @Test("counts operations, their bytes and their time")
  func operations() async throws {
    let content = Bytes([UInt8](repeating: 1, count: 3 << 20))
    try await store.put("key", content, PutOptions())
    _ = try await store.read("key")
    _ = try await store.getRanges("key", [0..<10, 5..<25], GetOptions())
    try await store.getRange("key", 0..<7, into: AlignedBuffer(capacity: 7), at: 0, GetOptions())
    _ = try await store.keys()
    _ = try await store.headIfPresent("key")
    try await store.copy("key", to: "copy", .overwrite)
    try await store.delete("copy")
    try await store.flush(["key"])
    for kind in ["put", "get", "getRanges", "getRange", "list", "head", "copy", "delete", "flush"] {
      #expect(try total("object_store_operations", kind) == 1, "\(kind)")
      let timer = try metrics.expectTimer("object_store_duration", [("store", "main"), ("operation", kind)])
      #expect(timer.values.count == 1 && timer.values.allSatisfy { $0 > 0 && $0 < 60_000_000_000 }, "\(kind)")
    }
    #expect(try total("object_store_sent_bytes", "put") == 3 << 20)
    #expect(try total("object_store_received_bytes", "get") == 3 << 20)
    #expect(try total("object_store_received_bytes", "getRanges") == 30)
    #expect(try total("object_store_received_bytes", "getRange") == 7)
    #expect(try total("object_store_received_bytes", "put") == 0)
    #expect(metrics.counters(label: "object_store_errors").isEmpty)
    #expect(try underWay() == 0)
  }

  @Test("a writer is one operation from its opening to its end")
  func writers() async throws {
    let writer = try await store.putStream("key", PutStreamOptions())
    #expect(try underWay() == 1)
    try await writer.write(Bytes(utf8: "one"))
    try await writer.write(Bytes(utf8: "three"))
    #expect(try total("object_store_operations", "putStream") == 0)
    _ = try await writer.finish()
    #expect(try total("object_store_operations", "putStream") == 1)
    #expect(try total("object_store_sent_bytes", "putStream") == 8)
    do {
      let dropped = try await store.putStream("key", PutStreamOptions())
      #expect(try underWay() == 1)
      withExtendedLifetime(dropped) {}
    }
    #expect(try underWay() == 0)
    #expect(try total("object_store_operations", "putStream") == 2)
    #expect(metrics.counters(label: "object_store_errors").isEmpty)
  }

  @Test("a body is one operation until it was read, or dropped")
  func bodies() async throws {
    try await base.put("key", Bytes([UInt8](repeating: 1, count: 3 << 20)), PutOptions())
    do {
      let result = try await store.get("key", GetOptions())
      var iterator = result.body.makeAsyncIterator()
      _ = try await iterator.next()
      #expect(try underWay() == 1)
      #expect(try total("object_store_operations", "get") == 0)
    }
    #expect(try underWay() == 0)
    #expect(try total("object_store_operations", "get") == 1)
    #expect(try total("object_store_received_bytes", "get") == 1 << 20)
  }

  @Test("errors are counted by their code, each once")
  func errors() async throws {
    try await base.put("key", "x")
    _ = try await failure { _ = try await store.text("missing") }
    _ = try await store.headIfPresent("missing")
    _ = try await store.headIfPresent("missing")
    let writer = try await store.putStream("key", PutStreamOptions(.create))
    _ = try await failure { _ = try await writer.finish() }
    _ = try await failure { _ = try await writer.finish() }
    await writer.abort()
    #expect(try total("object_store_errors", "get", [("code", "notFound")]) == 1)
    #expect(try total("object_store_errors", "head", [("code", "notFound")]) == 2)
    #expect(try total("object_store_errors", "putStream", [("code", "alreadyExists")]) == 1)
    #expect(metrics.counterTotal(label: "object_store_errors") == 4)
    #expect(metrics.counterTotal(label: "object_store_operations") == 4)
    #expect(try underWay() == 0)
  }

  @Test("a body that breaks off is an error of its operation")
  func brokenBodies() async throws {
    try await base.put("key", "content")
    var plan = FaultPlan()
    plan.listed = [0: [.brokenBody]]
    let store = MeteredStore(FaultyStore(base, plan: plan), name: "main", factory: metrics)
    _ = try await failure { _ = try await store.text("key") }
    #expect(try total("object_store_errors", "get", [("code", "transport")]) == 1)
    #expect(try underWay() == 0)
  }

  @Test("the number of metrics of errors has a limit")
  func manyCodes() async throws {
    var plan = FaultPlan()
    for number in 0..<1000 as Range<UInt64> { plan.listed[number] = [.before(.init(rawValue: "code-\(number)"))] }
    let store = MeteredStore(FaultyStore(base, plan: plan), name: "main", factory: metrics)
    for _ in 0..<1000 { _ = try? await store.head("key", GetOptions()) }
    #expect(metrics.counters(label: "object_store_errors").count == 501)
    #expect(metrics.counterTotal(label: "object_store_errors") == 1000)
  }
}

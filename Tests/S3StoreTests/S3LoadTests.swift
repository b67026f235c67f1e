import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

/// Many requests at once: connections are used again, and a store that asks for fewer gets fewer.
@Suite("Load on S3", .needsS3Server, .serialized)
struct S3LoadTests {
  @Test("47: a gateway that answers SlowDown is asked less, and in the end everything is done")
  func slowDown() async throws {
    let bucket = try await TestServer.bucket()
    let store = try TestServer.same(bucket) { configuration in
      configuration.endpoint = TestServer.server?.slowEndpoint
      configuration.concurrency = 32
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<200 {
        group.addTask { try await store.put(ObjectKey("key-\(number)"), Bytes(utf8: "x"), PutOptions()) }
      }
      try await group.waitForAll()
    }
    #expect(try await bucket.list(ListRequest()).objects.count == 200)
    #expect(store.client.retries > 0)
    #expect(store.client.limit.limit < 32)
    #expect(store.client.limit.running == 0)
  }

  @Test("56: many requests take no more connections than may be under way")
  func connections() async throws {
    // Counted by a proxy, since other tests use the engine at the same time.
    let scene = try await FaultScene.make { $0.concurrency = 8 }
    defer { scene.proxy.stop() }
    let store = scene.store
    try await store.put("key", Bytes(utf8: "x"), PutOptions())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<400 {
        group.addTask { _ = try await store.getRange("key", 0..<1) }
      }
      try await group.waitForAll()
    }
    #expect(scene.proxy.counters.requests == 401)
    #expect(scene.proxy.counters.connections <= 8)
  }
}

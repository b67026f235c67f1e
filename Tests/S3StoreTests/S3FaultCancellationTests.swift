import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

/// Tasks that are cancelled while they wait for the store; Tests/run runs them by themselves, since they measure.
@Suite("Cancellation on S3", .needsS3Server, .serialized)
struct S3FaultCancellationTests {
  /// Cancels a call that is held up, and sees that it ends within 50 ms, the best of ten; what a task waits for a thread
  /// on a machine that is busy is not counted.
  private func expectQuick(_ call: @escaping @Sendable () async throws -> Void) async throws {
    var best = Duration.seconds(60)
    for _ in 0..<10 where best > .milliseconds(50) {
      let task = Task { await errorCode(call) }
      try await Task.sleep(for: .milliseconds(100))
      let begun = ContinuousClock.now
      task.cancel()
      #expect(await task.value == .cancelled)
      let end = ContinuousClock.now
      let hop = await Task.detached { ContinuousClock.now }.value - end
      best = min(best, end - begun - hop * 4)
    }
    #expect(best < .milliseconds(50))
  }

  private func expectNothingLeft(_ scene: FaultScene, active: Int) async throws {
    #expect(try await eventually { scene.proxy.counters.openConnections == 0 })
    #expect(scene.store.client.limit.running == 0)
    // Tests of other suites use the engine at the same time.
    #expect(try await eventually { scene.store.client.engine.counts.active <= active })
  }

  @Test("51: while it connects to somebody who does not take connections", arguments: ["GET", "PUT", "LIST"])
  func connect(_ method: String) async throws {
    let listener = try FullListener()
    defer { listener.close() }
    var configuration = S3Configuration(
      bucket: "bucket",
      endpoint: "http://127.0.0.1:\(listener.port)",
      credentials: StaticCredentials(TestServer.keys)
    )
    configuration.connectTimeout = .seconds(60)
    let store = try S3ObjectStore(configuration)
    let active = store.client.engine.counts.active
    try await expectQuick {
      switch method {
      case "GET": _ = try await store.get("key", GetOptions())
      case "PUT": try await store.put("other", FaultScene.content(100_000), PutOptions(.create))
      default: _ = try await store.list(ListRequest())
      }
    }
    #expect(store.client.limit.running == 0 && store.client.retries == 0)
    #expect(try await eventually { store.client.engine.counts.active <= active })
  }

  @Test("51: while the answer is waited for", arguments: ["GET", "HEAD", "PUT", "LIST"])
  func head(_ method: String) async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    let active = scene.store.client.engine.counts.active
    try await scene.bucket.put("key", Bytes(utf8: "content"), PutOptions())
    scene.proxy.add(FaultRule(.delay(nil), times: nil))
    let store = scene.store
    try await expectQuick {
      switch method {
      case "GET": _ = try await store.get("key", GetOptions())
      case "HEAD": _ = try await store.head("key", GetOptions())
      case "PUT": try await store.put("other", FaultScene.content(100_000), PutOptions())
      default: _ = try await store.list(ListRequest())
      }
    }
    try await expectNothingLeft(scene, active: active)
  }

  @Test("51: in the middle of a body", arguments: [true, false])
  func body(_ streams: Bool) async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    let active = scene.store.client.engine.counts.active
    try await scene.bucket.put("key", FaultScene.content(500_000), PutOptions())
    scene.proxy.add(FaultRule(.stallInBody(after: 100_000, for: nil), times: nil))
    let store = scene.store
    try await expectQuick {
      if streams {
        for try await _ in try await store.get("key", GetOptions()).body {}
      } else {
        _ = try await store.getRanges("key", [0..<400_000, 450_000..<450_010], GetOptions())
      }
    }
    try await expectNothingLeft(scene, active: active)
  }

  @Test("51: while it waits to try again")
  func backoff() async throws {
    let scene = try await FaultScene.make { configuration in
      configuration.retry.baseDelay = .seconds(20)
      configuration.retry.longestDelay = .seconds(20)
    }
    defer { scene.proxy.stop() }
    scene.proxy.add(FaultRule(.answer(.internalError), times: nil))
    let store = scene.store
    try await expectQuick { _ = try await store.read("key") }
    #expect(store.client.limit.running == 0)
  }

  @Test("51: while too many others are under way, which are left alone")
  func permit() async throws {
    let scene = try await FaultScene.make { $0.concurrency = 1 }
    defer { scene.proxy.stop() }
    try await scene.bucket.put("key", Bytes(utf8: "content"), PutOptions())
    scene.proxy.add(FaultRule(.delay(nil)))
    let store = scene.store
    let first = Task { try await store.read("key").1.array }
    #expect(try await eventually { scene.proxy.counters.requests == 1 })
    try await expectQuick { _ = try await store.read("key") }
    scene.proxy.release()
    #expect(try await first.value == Array("content".utf8))
    #expect(store.client.limit.running == 0)
    #expect(try await store.read("key").1.array == Array("content".utf8))
  }

  @Test("51: while parts are on their way or put together; the upload is given up")
  func upload() async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    let content = FaultScene.content(12 << 20)
    let store = scene.store
    for held in ["partNumber=", "uploadId="] {
      scene.proxy.add(
        FaultRule(.delay(nil), times: nil) { request in
          request.query.contains(held) && (request.method == (held == "partNumber=" ? "PUT" : "POST"))
        }
      )
      let task = Task<(ObjectStoreError.Code?, ContinuousClock.Instant), Never> {
        let code = await errorCode {
          let writer = try await store.putStream("key", PutStreamOptions(partSize: 5 << 20))
          try await writer.write(content)
          _ = try await writer.finish()
        }
        return (code, .now)
      }
      #expect(
        try await eventually {
          scene.proxy.requests.contains {
            $0.query.contains(held) && $0.method == (held == "partNumber=" ? "PUT" : "POST")
          }
        }
      )
      try await Task.sleep(for: .milliseconds(100))
      // Not even giving up is waited for.
      scene.proxy.add(FaultRule(.delay(.milliseconds(300)), times: nil, method: "DELETE"))
      let begun = ContinuousClock.now
      task.cancel()
      let (code, end) = await task.value
      #expect(code == .cancelled && end - begun < .milliseconds(250))
      #expect(try await eventually { try await scene.uploads() == 0 })
      scene.proxy.clearFaults()
    }
  }
}

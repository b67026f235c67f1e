import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

/// Uploads that are given up before the store has said how they are called.
@Suite("Uploads begun in vain on S3", .needsS3Server)
struct S3UploadLeakTests {
  private func isBeginning(_ request: ProxiedRequest) -> Bool {
    request.method == "POST" && request.query.hasPrefix("uploads")
  }

  /// Cancels a call while the answer to CreateMultipartUpload is held up; the call returns before that comes.
  private func cancel(_ scene: FaultScene, _ call: @escaping @Sendable () async throws -> Void) async throws {
    let before = scene.proxy.requests.count { isBeginning($0) }
    scene.proxy.add(FaultRule(.delay(nil)) { $0.method == "POST" && $0.query.hasPrefix("uploads") })
    let task = Task { await errorCode(call) }
    #expect(try await eventually { scene.proxy.requests.count { isBeginning($0) } > before })
    // So long that the server has made the upload.
    #expect(try await eventually { try await scene.uploads() == 1 })
    task.cancel()
    #expect(await task.value == .cancelled)
    #expect(try await scene.uploads() == 1, "the call waited for the answer")
    scene.proxy.release()
    #expect(try await eventually { try await scene.uploads() == 0 })
    #expect(scene.store.client.limit.running == 0)
  }

  @Test("35: a writer that is cancelled while its upload is begun returns at once and leaves none")
  func writer() async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    let store = scene.store
    try await cancel(scene) {
      let writer = try await store.putStream("key", PutStreamOptions(partSize: 5 << 20))
      try await writer.write(FaultScene.content(6 << 20))
      _ = try await writer.finish()
    }
    await #expect(throws: ObjectStoreError.self) { _ = try await scene.bucket.head("key", GetOptions()) }
  }

  @Test("35: so does a copy in parts")
  func copy() async throws {
    let scene = try await FaultScene.make { $0.largestCopy = 5 << 20 }
    defer { scene.proxy.stop() }
    try await scene.bucket.put("key", FaultScene.content(6 << 20), PutOptions())
    let store = scene.store
    try await cancel(scene) { try await store.copy("key", to: "other", .overwrite) }
  }

  @Test("35: what nobody waits for is not sent again when it fails")
  func failing() async throws {
    let scene = try await FaultScene.make { configuration in
      configuration.retry.baseDelay = .milliseconds(300)
      configuration.retry.longestDelay = .milliseconds(300)
    }
    defer { scene.proxy.stop() }
    scene.proxy.add(FaultRule(.answer(.internalError), times: nil))
    let store = scene.store
    let task = Task {
      await errorCode {
        let writer = try await store.putStream("key", PutStreamOptions(partSize: 5 << 20))
        try await writer.write(FaultScene.content(6 << 20))
      }
    }
    #expect(try await eventually { scene.proxy.counters.requests == 1 })
    task.cancel()
    #expect(await task.value == .cancelled)
    try await Task.sleep(for: .milliseconds(700))
    #expect(scene.proxy.counters.requests == 1)
  }
}

import ByteBuffers
import Logging
import ObjectStores
import Testing

@testable import S3Store

/// What a logger is told.
@Suite("Logs of S3", .needsS3Server)
struct S3LogTests {
  private let log = CollectingLog()

  @Test("trace has each request with what was sent, where and what came of it")
  func attempts() async throws {
    let store = try await TestServer.bucket { $0.logger = log.logger() }
    try await store.put("a/b", Bytes(utf8: "content"), PutOptions())
    let put = try #require(log.entries(.trace, "S3 request").last)
    let expected = [
      "operation": "write", "method": "PUT", "key": "a/b", "status": "200", "attempt": "1", "bytes-sent": "7",
      "bucket": store.configuration.bucket,
    ]
    for (name, value) in expected { #expect(put.metadata[name] == value, "\(name)") }
    #expect(store.configuration.endpoint == put.metadata["host"].map { "http://" + $0 })
    #expect(put.metadata["request-id"]?.isEmpty == false)
    #expect(put.metadata["duration-ms"].flatMap { Double($0) }.map { $0 > 0 } == true)
    _ = try await store.getRanges("a/b", [1..<4], GetOptions())
    let get = try #require(log.entries(.trace, "S3 request").last)
    #expect(
      get.metadata["status"] == "206" && get.metadata["range"] == "1..<4" && get.metadata["bytes-received"] == "3"
    )
    await #expect(throws: ObjectStoreError.self) { _ = try await store.head("missing", GetOptions()) }
    let missing = try #require(log.entries(.trace, "S3 request").last)
    #expect(missing.metadata["status"] == "404" && missing.metadata["error"]?.contains("no such object") == true)
    #expect(log.entries(.warning).isEmpty && log.entries(.debug).isEmpty)
  }

  @Test("info says where keys came from, and of them no more than four characters")
  func keys() async throws {
    let store = try await TestServer.bucket { $0.logger = log.logger(.info) }
    _ = try await store.list(ListRequest())
    #expect(log.entries.count == 1)
    let entry = try #require(log.entries(.info, "S3 credentials were obtained").first)
    #expect(entry.metadata["source"] == "the configuration" && entry.metadata["access-key"] == "…skey")
  }

  @Test("debug has repetitions with reason and delay, warning what was given up")
  func repetitions() async throws {
    let scene = try await FaultScene.make { configuration in
      configuration.logger = log.logger()
      configuration.retry.attempts = 3
    }
    defer { scene.proxy.stop() }
    try await scene.bucket.put("key", Bytes(utf8: "content"), PutOptions())
    scene.proxy.add(FaultRule(.answer(.slowDown), times: 1))
    _ = try await scene.store.read("key")
    let again = try #require(log.entries(.debug, "S3 request is repeated").first)
    #expect(again.metadata["attempt"] == "2" && again.metadata["status"] == "503")
    #expect(again.metadata["reason"]?.contains("SlowDown") == true)
    #expect(again.metadata["delay-ms"].flatMap { Double($0) }.map { $0 >= 5 } == true)
    #expect(log.entries(.debug, "S3 asks for fewer").map { $0.metadata["concurrency"] } == ["32"])
    #expect(log.entries(.trace, "S3 request").compactMap { $0.metadata["attempt"] } == ["1", "2"])
    #expect(log.entries(.warning).isEmpty)
    scene.proxy.add(FaultRule(.answer(.internalError), times: nil))
    await #expect(throws: ObjectStoreError.self) { _ = try await scene.store.read("key") }
    let gaveUp = try #require(log.entries(.warning, "S3 request is given up").first)
    #expect(gaveUp.metadata["attempts"] == "3" && gaveUp.metadata["operation"] == "read")
    #expect(log.entries(.warning).count == 1)
  }

  @Test("debug says what was learned of region and clock")
  func learned() async throws {
    let scene = try await FaultScene.make { $0.logger = log.logger(.debug) }
    defer { scene.proxy.stop() }
    try await scene.bucket.put("key", Bytes(utf8: "content"), PutOptions())
    scene.proxy.add(FaultRule(.answer(.redirect(301, region: "eu-west-1"))))
    scene.proxy.add(FaultRule(.answer(.skewedClock(date: "Sun, 22 Nov 2026 02:00:00 GMT"))))
    // The clock is wrong now, and the server says so.
    _ = await errorCode { _ = try await scene.store.read("key") }
    #expect(log.entries(.debug, "S3 bucket is elsewhere").first?.metadata["region"] == "eu-west-1")
    #expect(log.entries(.debug, "S3 has another time").first?.metadata["offset-s"] != nil)
  }
}

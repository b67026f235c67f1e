import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

/// Many faults at once.
@Suite("S3 in a storm", .needsS3Server, .serialized)
struct S3FaultStormTests {
  @Test("Three hundred operations of all kinds come out right though three requests of ten fail")
  func random() async throws {
    let scene = try await FaultScene.make { configuration in
      configuration.concurrency = 16
      configuration.retry.attempts = 30
    }
    defer { scene.proxy.stop() }
    scene.proxy.failAtRandom(share: 0.3, seed: TestSeed.value)
    let store = scene.store
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<100 {
        group.addTask {
          let key = ObjectKey("key-\(number / 10)/\(number)")
          let content = FaultScene.content(number * 3001, number)
          let mode = number.isMultiple(of: 2) ? PutMode.create : .overwrite
          let tag = try await store.put(key, content, PutOptions(mode)).etag
          if content.count > 100 {
            let range = 50..<UInt64(content.count - 20)
            let got = try await store.getRanges(key, [range], GetOptions(ifMatch: tag))
            #expect(got.map(\.array) == [content[50..<content.count - 20].array])
          }
          let (metadata, bytes) = try await store.read(key)
          #expect(metadata.etag == tag && bytes == content, "object \(number)")
        }
      }
      try await group.waitForAll()
    }
    var listed = 0
    for folder in 0..<10 {
      listed += try await store.list(ListRequest(prefix: ObjectKey("key-\(folder)/"))).objects.count
    }
    #expect(listed == 100 && store.client.limit.running == 0)
    #expect(store.client.retries > 20)
    print("storm: \(store.client.retries) repetitions, \(scene.proxy.counters.faults)")
  }

  @Test("A server that is away for two seconds is waited for")
  func down() async throws {
    let scene = try await FaultScene.make { configuration in
      configuration.concurrency = 16
      configuration.retry.attempts = 40
      configuration.retry.longestDelay = .milliseconds(500)
      configuration.retry.budget = 5000
    }
    defer { scene.proxy.stop() }
    let content = FaultScene.content(1_000_000)
    try await scene.bucket.put("source", content, PutOptions())
    // Slowly enough that some are in the middle.
    scene.proxy.add(FaultRule(.stallInBody(after: 400_000, for: .milliseconds(30)), times: nil, method: "GET"))
    let store = scene.store
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<50 {
        group.addTask {
          switch number % 3 {
          case 0: try await store.put(ObjectKey("target-\(number)"), content, PutOptions(.create))
          case 1:
            let bytes = try await store.read("source").1
            #expect(bytes == content)
          default:
            let got = try await store.getRanges("source", [1000..<900_000], GetOptions())
            #expect(got.map(\.array) == [content[1000..<900_000].array])
          }
        }
      }
      group.addTask {
        try await Task.sleep(for: .milliseconds(60))
        scene.proxy.goDown()
        try await Task.sleep(for: .seconds(2))
        try scene.proxy.comeUp()
      }
      try await group.waitForAll()
    }
    #expect(store.client.retries > 0 && store.client.limit.running == 0)
    #expect(try await scene.bucket.list(ListRequest(prefix: "target-")).objects.count == 17)
  }

  @Test("No error tells a secret, whatever the answer repeats")
  func secrets() async throws {
    let secrets = ["secret-key-0123456789", "session-token-0123456789"]
    let keys = S3Credentials(accessKeyID: "someone", secretAccessKey: secrets[0], sessionToken: secrets[1])
    let scene = try await FaultScene.make { configuration in
      configuration.credentials = StaticCredentials(keys)
      configuration.retry.attempts = 2
      configuration.connectTimeout = .seconds(1)
    }
    defer { scene.proxy.stop() }
    let elements = "<Token-0>\(secrets[1])</Token-0><StringToSign>\(secrets[0])</StringToSign>"
    let answers: [(Int, String)] = [
      (400, "InvalidToken"), (400, "ExpiredToken"), (403, "SignatureDoesNotMatch"), (403, "AccessDenied"),
      (404, "NoSuchBucket"), (409, "Conflict"), (429, "TooMany"), (500, "InternalError"), (301, "PermanentRedirect"),
    ]
    let faults = answers.map { Fault.answer(.error($0.0, $0.1, elements: elements)) } + [.reset, .close, .loseAnswer]
    for signing in [S3Configuration.Signing.v4, .bearer] {
      let store = try TestServer.same(scene.store) { $0.signing = signing }
      for fault in faults {
        scene.proxy.clearFaults()
        scene.proxy.add(FaultRule(fault, times: nil))
        for call in [0, 1, 2] {
          do {
            switch call {
            case 0: _ = try await store.read("key")
            case 1: try await store.put("key", Bytes(utf8: "x"), PutOptions(.create))
            default: _ = try await store.list(ListRequest())
            }
            Issue.record("no error")
          } catch {
            let text = "\(error) \(String(reflecting: error))"
            #expect(!secrets.contains { text.contains($0) } && !text.lowercased().contains("bearer"), "\(fault.name)")
          }
        }
      }
    }
  }
}

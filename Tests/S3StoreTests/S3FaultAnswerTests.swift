import ByteBuffers
import Glibc
import ObjectStores
import Synchronization
import Testing

@testable import S3Store

/// Gives keys that have expired first, and good ones from then on.
private final class RenewedKeys: S3CredentialProvider {
  let name = "the test"
  private let calls = Mutex(0)
  private let isRenewing: Bool

  init(isRenewing: Bool = true) {
    self.isRenewing = isRenewing
  }

  var count: Int { calls.withLock { $0 } }

  func credentials() async throws(ObjectStoreError) -> S3IssuedCredentials? {
    let number = calls.withLock { calls in
      calls += 1
      return calls
    }
    if number > 1, isRenewing { return S3IssuedCredentials(credentials: TestServer.keys) }
    let old = S3Credentials(accessKeyID: "old", secretAccessKey: "old-secret", sessionToken: "old-token")
    return S3IssuedCredentials(credentials: old)
  }
}

/// Answers that call for another clock, region, key or pace.
@Suite("Answers of S3 that teach", .needsS3Server, .serialized)
struct S3FaultAnswerTests {
  /// Reads an object often at the same time.
  private func readOften(_ store: S3ObjectStore, _ times: Int, heads: Bool = false) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<times {
        group.addTask {
          if heads {
            let size = try await store.head("key", GetOptions()).size
            #expect(size == 7)
          } else {
            let bytes = try await store.read("key").1
            #expect(bytes.array == Array("content".utf8))
          }
        }
      }
      try await group.waitForAll()
    }
  }

  private func signed(with text: String) -> @Sendable (ProxiedRequest) -> Bool {
    { $0.header("Authorization")?.contains(text) == true }
  }

  @Test("45: a wrong clock is set by one answer, for all that are under way", arguments: [true, false])
  func clock(_ heads: Bool) async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    try await scene.bucket.put("key", Bytes(utf8: "content"), PutOptions())
    // Ten minutes are what the gateway itself puts up with.
    let now = Int64(time(nil))
    let limit = DateForms.basic(now + 300)
    let skewed = Fault.answer(.skewedClock(date: DateForms.http(now + 600)))
    scene.proxy.add(FaultRule(skewed, times: nil) { ($0.header("x-amz-date") ?? "") < limit })
    try await readOften(scene.store, 20, heads: heads)
    let refused = scene.store.client.retries
    #expect(1...20 ~= refused)
    try await readOften(scene.store, 20, heads: heads)
    #expect(scene.store.client.retries == refused)
  }

  @Test("45: the server's clock in the answer's body counts")
  func clockInBody() async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    try await scene.bucket.put("key", Bytes(utf8: "content"), PutOptions())
    let now = Int64(time(nil)) + 600
    let text = Array(DateForms.basic(now))
    func part(_ range: Range<Int>) -> String { String(text[range]) }
    let date = "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z"
    let answer = ProxiedAnswer.error(403, "RequestTimeTooSkewed", elements: "<ServerTime>\(date)</ServerTime>")
    scene.proxy.add(FaultRule(.answer(answer)))
    try await readOften(scene.store, 1)
    let sent = scene.requests("GET").last?.header("x-amz-date") ?? ""
    #expect(DateForms.basic(now - 10) <= sent && sent <= DateForms.basic(now + 10))
  }

  @Test("45: a clock that is right is not set, and the refusal is told")
  func rightClock() async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    let skewed = Fault.answer(.skewedClock(date: DateForms.http(Int64(time(nil)))))
    scene.proxy.add(FaultRule(skewed, times: nil))
    #expect(await errorCode { _ = try await scene.store.read("key") } == .configuration)
    #expect(scene.proxy.counters.requests == 1)
  }

  @Test("46: keys that have expired are renewed once for a hundred requests", arguments: [true, false])
  func expired(_ heads: Bool) async throws {
    let keys = RenewedKeys()
    let scene = try await FaultScene.make {
      $0.credentials = keys
      $0.concurrency = 100
    }
    defer { scene.proxy.stop() }
    try await scene.bucket.put("key", Bytes(utf8: "content"), PutOptions())
    let expired = Fault.answer(.error(400, "ExpiredToken"))
    scene.proxy.add(FaultRule(expired, times: nil, where: signed(with: "Credential=old/")))
    try await readOften(scene.store, 100, heads: heads)
    #expect(keys.count == 2)
  }

  @Test("46: keys that come back as they were are not asked for again and again")
  func neverRenewed() async throws {
    let keys = RenewedKeys(isRenewing: false)
    let scene = try await FaultScene.make { $0.credentials = keys }
    defer { scene.proxy.stop() }
    scene.proxy.add(FaultRule(.answer(.error(400, "ExpiredToken")), times: nil))
    for _ in 0..<5 {
      #expect(await errorCode { _ = try await scene.store.read("key") } == .unauthenticated)
    }
    // Four a request, if nobody remembered.
    #expect(keys.count < 10)
  }

  @Test("47, 48: a store that asks for patience gets it, for as long as was settled")
  func patience() async throws {
    let scene = try await FaultScene.make { $0.retry.attempts = 5 }
    defer { scene.proxy.stop() }
    try await scene.bucket.put("key", Bytes(utf8: "content"), PutOptions())
    scene.proxy.add(FaultRule(.answer(.slowDown), times: 3))
    try await readOften(scene.store, 1)
    #expect(scene.store.client.retries == 3 && scene.store.client.limit.limit < 64)
    scene.proxy.add(FaultRule(.answer(.tooManyRequests(retryAfter: "1"))))
    var begun = ContinuousClock.now
    try await readOften(scene.store, 1)
    #expect(ContinuousClock.now - begun >= .seconds(1))

    let before = scene.proxy.counters.requests
    scene.proxy.add(FaultRule(.answer(.slowDown), times: nil))
    #expect(await errorCode { _ = try await scene.store.read("key") } == .throttled)
    #expect(scene.proxy.counters.requests == before + 5)
    scene.proxy.clearFaults()
    scene.proxy.add(FaultRule(.answer(.tooManyRequests(retryAfter: "3600")), times: nil))
    begun = .now
    #expect(await errorCode { _ = try await scene.store.read("key") } == .throttled)
    #expect(ContinuousClock.now - begun < .seconds(1))
  }

  @Test("52: a bucket in another region is asked there, by all that are under way", arguments: [301, 307, 400])
  func region(_ status: Int) async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    try await scene.bucket.put("key", Bytes(utf8: "content"), PutOptions())
    let malformed = ProxiedAnswer.error(
      400,
      "AuthorizationHeaderMalformed",
      ["x-amz-bucket-region": "eu-west-1"],
      elements: "<Region>eu-west-1</Region>"
    )
    let answer = status == 400 ? malformed : .redirect(status, region: "eu-west-1")
    scene.proxy.add(FaultRule(.answer(answer), times: nil, where: signed(with: "/us-east-1/s3/")))
    try await readOften(scene.store, 20, heads: status != 307)
    #expect(scene.proxy.requests.last?.header("Authorization")?.contains("/eu-west-1/s3/") == true)
    let before = scene.proxy.counters.requests
    try await scene.store.put("other", Bytes(utf8: "x"), PutOptions())
    #expect(scene.proxy.counters.requests == before + 1)
  }

  @Test("52: a redirect that says nothing new is told at once")
  func redirectLoop() async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    scene.proxy.add(FaultRule(.answer(.redirect(301, region: "eu-west-1")), times: nil))
    #expect(await errorCode { _ = try await scene.store.read("key") } == .configuration)
    #expect(scene.proxy.counters.requests == 2)
  }
}

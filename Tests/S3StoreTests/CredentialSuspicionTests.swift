import ByteBuffers
import ObjectStores
import Synchronization
import Testing

@testable import S3Store

/// Refusals that do not say why.
@Suite("Credentials under suspicion")
struct CredentialSuspicionTests {
  private func schedule(_ keys: S3Credentials, expires: Int64?) -> CredentialSchedule {
    var schedule = CredentialSchedule()
    _ = schedule.ask(at: 1000)
    schedule.succeed(S3IssuedCredentials(credentials: keys, expires: expires), at: 1000, jitter: 0)
    return schedule
  }

  private func waits(_ answer: CredentialSchedule.Answer) -> Bool {
    if case .wait(begin: true) = answer { true } else { false }
  }

  private static let keys = S3Credentials.sample(token: true)

  @Test("Temporary ones are fetched anew, once a minute at most; lasting ones are not")
  func once() {
    var lasting = schedule(.sample(), expires: nil)
    let ofLasting = lasting.suspect(.sample(), at: 1000)
    #expect(!ofLasting && lasting.isUsable(at: 1000))
    var temporary = schedule(Self.keys, expires: 9000)
    let first = temporary.suspect(Self.keys, at: 1001)
    let answer = temporary.ask(at: 1001)
    // Others that were refused at the same time wait for the same answer.
    let second = temporary.suspect(Self.keys, at: 1001)
    #expect(first && waits(answer) && second)
    temporary.succeed(S3IssuedCredentials(credentials: Self.keys, expires: 9000), at: 1002, jitter: 0)
    let again = temporary.suspect(Self.keys, at: 1003)
    #expect(!again && temporary.isUsable(at: 1003))
    let old = temporary.suspect(.sample("OLD", token: true), at: 1004)
    #expect(old, "there are newer ones")
    let late = temporary.suspect(Self.keys, at: 1061)
    #expect(late)
  }

  @Test("They go on being used when no others come")
  func unavailable() {
    var schedule = schedule(Self.keys, expires: 9000)
    let first = schedule.suspect(Self.keys, at: 1001)
    let answer = schedule.ask(at: 1001)
    #expect(first && waits(answer) && !schedule.isUsable(at: 1001))
    schedule.fail(ObjectStoreError(.transport, "Nobody answers."), at: 1002)
    let again = schedule.suspect(Self.keys, at: 1003)
    #expect(!again && schedule.isUsable(at: 1003))
  }
}

/// The same over the wire: the answer to HEAD has no body that could say that a token has expired.
@Suite("Expired tokens and HEAD on S3", .needsS3Server)
struct S3ExpiredHeadTests {
  /// Gives each of some credentials once, the last one for ever.
  private final class Source: S3CredentialProvider {
    let name = "the test"
    private let left: Mutex<[S3Credentials]>
    private let asked = Mutex(0)

    init(_ credentials: [S3Credentials]) {
      left = Mutex(credentials)
    }

    var count: Int { asked.withLock { $0 } }

    func credentials() -> S3IssuedCredentials? {
      asked.withLock { $0 += 1 }
      return left.withLock { left in
        left.first.map { first in
          if left.count > 1 { left.removeFirst() }
          return S3IssuedCredentials(credentials: first)
        }
      }
    }
  }

  private var expired: S3Credentials {
    S3Credentials(accessKeyID: "expired", secretAccessKey: "hidden", sessionToken: "hidden")
  }

  @Test("46: a HEAD that is refused without a word gets new keys once, and succeeds")
  func refreshed() async throws {
    let bucket = try await TestServer.bucket()
    try await bucket.put("key", Bytes(utf8: "content"), PutOptions())
    let source = Source([expired, TestServer.keys])
    let store = try TestServer.same(bucket) { $0.credentials = source }
    #expect(try await store.head("key", GetOptions()).size == 7)
    #expect(source.count == 2 && store.client.retries == 1)
  }

  @Test("46: one that stays refused is told after one more attempt, and the next ones at once")
  func refused() async throws {
    let bucket = try await TestServer.bucket()
    let source = Source([expired])
    let store = try TestServer.same(bucket) { $0.credentials = source }
    for _ in 0..<3 {
      let code = await errorCode { _ = try await store.head("key", GetOptions()) }
      #expect(code == .permissionDenied || code == .unauthenticated)
    }
    #expect(source.count == 2 && store.client.retries == 1)
    let lasting = try TestServer.same(bucket) { configuration in
      let keys = S3Credentials(accessKeyID: TestServer.keys.accessKeyID, secretAccessKey: "wrong")
      configuration.credentials = StaticCredentials(keys)
    }
    _ = await errorCode { _ = try await lasting.head("key", GetOptions()) }
    #expect(lasting.client.retries == 0)
  }
}

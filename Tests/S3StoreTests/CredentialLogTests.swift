import Logging
import ObjectStores
import Synchronization
import Testing

@testable import S3Store

/// What a logger is told of credentials.
@Suite("Logs of credentials")
struct CredentialLogTests {
  private final class Source: S3CredentialProvider {
    let name = "the test"
    let answers: Mutex<[Result<S3IssuedCredentials, ObjectStoreError>]>

    init(_ answers: [Result<S3IssuedCredentials, ObjectStoreError>]) {
      self.answers = Mutex(answers)
    }

    func credentials() throws(ObjectStoreError) -> S3IssuedCredentials? {
      try answers.withLock { $0.removeFirst() }.get()
    }
  }

  @Test("A failed renewal is a warning while the old keys go on, and a good one says until when")
  func renewal() async throws {
    let log = CollectingLog()
    let clock = Mutex<Int64>(1_795_323_600)
    let source = Source([
      .success(S3IssuedCredentials(credentials: .sample("AKIDOLD1", token: true), expires: 1_795_327_200)),
      .failure(ObjectStoreError(.transport, "Nobody answers.")),
      .success(S3IssuedCredentials(credentials: .sample("AKIDNEW2", token: true), expires: 1_795_330_800)),
    ])
    let cache = CredentialCache(
      source,
      log: S3Log(log.logger(), bucket: "b"),
      now: { clock.withLock { $0 } },
      jitter: { 0 }
    )
    #expect(try await cache.current().accessKeyID == "AKIDOLD1")
    let first = try #require(log.entries.first)
    // 2026-11-22T06:00:00Z, by Python's datetime.
    #expect(first.level == .info && first.metadata["expires"] == "20261122T060000Z")
    #expect(first.metadata["access-key"] == "…OLD1" && first.metadata["source"] == "the test")
    clock.withLock { $0 += 3400 }
    #expect(try await cache.current().accessKeyID == "AKIDOLD1")
    #expect(try await eventually { log.entries.count == 2 })
    let failed = log.entries[1]
    #expect(failed.level == .warning && failed.message.contains("could not be refreshed"))
    #expect(failed.metadata["reason"] == "Nobody answers.")
    clock.withLock { $0 += 40 }
    _ = try await cache.current()
    #expect(try await eventually { log.entries.count == 3 })
    #expect(log.entries[2].message == "S3 credentials were refreshed")
    #expect(log.entries[2].metadata["access-key"] == "…NEW2")
    #expect(!log.entries.contains { $0.text.contains("hidden") || $0.text.contains("AKIDNEW2") })
  }

  @Test("None at all is a warning that says why")
  func none() async throws {
    let log = CollectingLog()
    let source = Source([.failure(ObjectStoreError(.configuration, "There is no file."))])
    let cache = CredentialCache(source, log: S3Log(log.logger(.warning), bucket: "b"))
    await #expect(throws: ObjectStoreError.self) { _ = try await cache.current() }
    #expect(log.entries.map(\.message) == ["S3 credentials were not obtained"])
  }
}

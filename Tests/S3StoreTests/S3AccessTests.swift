import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

/// How the store gets at a bucket: keys, addresses, TLS.
@Suite("Access to S3", .needsS3Server)
struct S3AccessTests {
  private func expectRefusal(
    _ store: S3ObjectStore,
    _ codes: Set<ObjectStoreError.Code>,
    _ call: (S3ObjectStore) async throws(ObjectStoreError) -> Void
  ) async throws -> ObjectStoreError {
    let error = try #require(await #expect(throws: ObjectStoreError.self) { try await call(store) })
    #expect(codes.contains(error.code), "\(error)")
    #expect(store.client.retries == 0)
    return error
  }

  @Test("44: wrong keys are told at once, with their source and without the secret")
  func wrongKeys() async throws {
    let bucket = try await TestServer.bucket()
    try await bucket.put("a", Bytes(utf8: "x"), PutOptions())
    let secret = S3Credentials(accessKeyID: TestServer.keys.accessKeyID, secretAccessKey: "wrong-secret-0123456789")
    let unknown = S3Credentials(accessKeyID: "unknownkey", secretAccessKey: "wrong-secret-0123456789")
    for keys in [secret, unknown] {
      let store = try TestServer.same(bucket) { $0.credentials = StaticCredentials(keys) }
      let error = try await expectRefusal(store, [.unauthenticated, .permissionDenied]) {
        (store) throws(ObjectStoreError) in
        _ = try await store.list(ListRequest())
      }
      #expect(error.message.contains(store.configuration.credentials.name))
      #expect(!"\(error)".contains(keys.secretAccessKey))
      _ = try await expectRefusal(store, [.unauthenticated, .permissionDenied]) { (store) throws(ObjectStoreError) in
        _ = try await store.head("a", GetOptions())
      }
    }
    let anonymous = try TestServer.same(bucket) { $0.signing = .none }
    _ = try await expectRefusal(anonymous, [.permissionDenied, .unauthenticated]) { (store) throws(ObjectStoreError) in
      try await store.put("b", Bytes(utf8: "x"), PutOptions())
    }
  }

  @Test("5: a missing bucket is not found, and a delete in it does not succeed")
  func missingBucket() async throws {
    let bucket = try await TestServer.bucket()
    let store = try TestServer.same(bucket) { $0.bucket += "-missing" }
    for keys in [["a"], ["a", "b"]] as [[ObjectKey]] {
      await #expect { _ = try await store.delete(keys) } throws: { ($0 as? ObjectStoreError)?.code == .notFound }
    }
    await #expect { _ = try await store.list(ListRequest()) } throws: { error in
      let error = error as? ObjectStoreError
      return error?.code == .notFound && error?.message.contains("-missing") == true
    }
  }

  @Test("53: virtual hosts and paths name the same bucket")
  func virtualHost() async throws {
    let bucket = try await TestServer.bucket()
    try await bucket.put("a/b c", Bytes(utf8: "content"), PutOptions())
    let store = try TestServer.same(bucket) { configuration in
      configuration.endpoint = configuration.endpoint?.replacing("127.0.0.1", with: "s3.localhost")
      configuration.addressing = .virtualHost
    }
    #expect(try await store.read("a/b c").1.array == Array("content".utf8))
    #expect(try await store.list(ListRequest()).objects.map(\.key) == ["a/b c"])
  }

  @Test("54: a certificate is trusted through the file that is named, and not otherwise")
  func tls() async throws {
    let bucket = try await TestServer.bucket()
    try await bucket.put("a", Bytes(utf8: "content"), PutOptions())
    let endpoint = TestServer.server?.tlsEndpoint
    let safe = try TestServer.same(bucket) { configuration in
      configuration.endpoint = endpoint
      configuration.certificateAuthorityFile = TestServer.server?.ca
    }
    #expect(try await safe.read("a").1.array == Array("content".utf8))
    try await safe.put("b", Bytes(utf8: "over TLS"), PutOptions())
    #expect(try await bucket.read("b").1.array == Array("over TLS".utf8))
    for file in [nil, TestServer.server?.otherCA] {
      let store = try TestServer.same(safe) { $0.certificateAuthorityFile = file }
      _ = try await expectRefusal(store, [.configuration]) { (store) throws(ObjectStoreError) in
        _ = try await store.head("a", GetOptions())
      }
    }
    let wrongHost = try TestServer.same(safe) {
      $0.endpoint = endpoint?.replacing("s3.localhost", with: "wrong.localhost")
    }
    _ = try await expectRefusal(wrongHost, [.configuration]) { (store) throws(ObjectStoreError) in
      _ = try await store.head("a", GetOptions())
    }
  }

  @Test("Session tokens go with temporary keys, and a wrong one is refused")
  func sessionToken() async throws {
    let bucket = try await TestServer.bucket()
    let store = try TestServer.same(bucket) { configuration in
      configuration.endpoint = TestServer.server?.stsEndpoint
      configuration.credentials = StaticCredentials(TestServer.temporaryKeys)
    }
    try await store.put("a", Bytes(utf8: "content"), PutOptions())
    #expect(try await bucket.read("a").1.array == Array("content".utf8))
    var keys = TestServer.temporaryKeys
    keys.sessionToken = keys.sessionToken.map { String($0.reversed()) }
    let wrong = try TestServer.same(store) { $0.credentials = StaticCredentials(keys) }
    await #expect(throws: ObjectStoreError.self) { _ = try await wrong.list(ListRequest()) }
  }

  @Test("59: presigned addresses read and write without keys; a changed one is refused")
  func presigned() async throws {
    let bucket = try await TestServer.bucket()
    let client = CurlClient(engine: .shared, settings: HTTPSettings(), limit: 1 << 20)
    let write = try request(.put, await bucket.presignedURL("a b", isForWriting: true), [Bytes(utf8: "content")])
    #expect(try await client.send(write, timeout: nil, usesProxy: true).status == 200)
    let read = try request(.get, await bucket.presignedURL("a b"))
    let answer = try await client.send(read, timeout: nil, usesProxy: true)
    #expect(answer.status == 200 && answer.body.array == Array("content".utf8))
    var changed = read
    changed.path += "c"
    #expect(try await client.send(changed, timeout: nil, usesProxy: true).status == 403)
    await #expect(throws: ObjectStoreError.self) { _ = try await bucket.presignedURL("a", seconds: 0) }
  }

  private func request(_ method: HTTPRequest.Method, _ url: String, _ body: [Bytes] = []) throws -> HTTPRequest {
    let (scheme, rest) = try #require(url.firstRange(of: "://").map { (url[..<$0.lowerBound], url[$0.upperBound...]) })
    let slash = try #require(rest.firstIndex(of: "/"))
    return HTTPRequest(
      method: method,
      scheme: String(scheme),
      authority: String(rest[..<slash]),
      path: String(rest[slash...]),
      body: body
    )
  }
}

import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

/// A proxy between the store and the bucket.
///
/// All names are made up and known only to the proxy on loopback.
@Suite("S3 by way of a proxy", .needsS3Server)
struct S3ForwardProxyTests {
  /// A bucket whose name is a host's: the server takes a host that it does not know for a bucket.
  private func scene(_ proxyAddress: (FaultProxy) -> String = { $0.endpoint }) async throws -> (
    proxy: FaultProxy, bucket: S3ObjectStore, store: S3ObjectStore
  ) {
    let label = "proxied-" + String(UInt64.random(in: .min ... .max), radix: 36)
    let bucket = try await TestServer.bucket { $0.bucket = label + ".example.test" }
    let proxy = try FaultProxy(upstream: bucket.configuration.endpoint)
    let address = proxyAddress(proxy)
    let store = try TestServer.same(bucket) { configuration in
      configuration.bucket = label
      configuration.endpoint = "http://example.test"
      configuration.addressing = .virtualHost
      configuration.proxy = address
      configuration.retry.baseDelay = .milliseconds(5)
      configuration.retry.longestDelay = .milliseconds(50)
      configuration.retry.attempts = 3
    }
    return (proxy, bucket, store)
  }

  @Test("55: a host that only the proxy knows is reached through it, with signatures that the server takes")
  func reached() async throws {
    let (proxy, bucket, store) = try await scene()
    defer { proxy.stop() }
    let content = FaultScene.content(6 << 20)
    try await store.put("folder/odd key%", content, PutOptions(.create))
    #expect(try await store.read("folder/odd key%").1 == content)
    #expect(try await store.getRange("folder/odd key%", 5..<9).array == content[5..<9].array)
    #expect(try await store.list(ListRequest(prefix: "folder/")).objects.count == 1)
    #expect(try await bucket.head("folder/odd key%", GetOptions()).size == UInt64(content.count))
    let hosts = Set(proxy.requests.map(\.forwardedTo))
    #expect(hosts == [store.configuration.bucket + ".example.test"] && proxy.counters.requests >= 4)
    #expect(store.client.retries == 0)
  }

  @Test("55: this machine's own addresses are never asked through a proxy", arguments: ["127.0.0.1", "s3.localhost"])
  func loopback(_ host: String) async throws {
    let (proxy, bucket, _) = try await scene()
    defer { proxy.stop() }
    let port = bucket.configuration.endpoint?.split(separator: ":").last ?? ""
    let store = try TestServer.same(bucket) { configuration in
      configuration.endpoint = "http://\(host):\(port)"
      configuration.proxy = proxy.endpoint
    }
    try await store.put("key", Bytes(utf8: "x"), PutOptions())
    #expect(try await store.read("key").1.array == Array("x".utf8))
    #expect(proxy.counters.connections == 0)
  }

  @Test("55: a proxy's own name and password go to the proxy, and into no error")
  func credentials() async throws {
    let (proxy, _, store) = try await scene { "http://someone:secret-of-proxy@127.0.0.1:\($0.port)" }
    try await store.put("key", Bytes(utf8: "x"), PutOptions())
    // "someone:secret-of-proxy" in Base64.
    #expect(proxy.requests.first?.header("Proxy-Authorization") == "Basic c29tZW9uZTpzZWNyZXQtb2YtcHJveHk=")
    proxy.stop()
    let error = await #expect(throws: ObjectStoreError.self) { _ = try await store.read("key") }
    #expect(error?.code == .transport)
    #expect(error.map { "\($0) \(String(reflecting: $0))".contains("secret-of-proxy") } == false)
  }

  @Test("55: an encrypted endpoint is asked for as a tunnel, which learns nothing of the request")
  func tunnel() async throws {
    let (proxy, _, store) = try await scene()
    defer { proxy.stop() }
    let encrypted = try TestServer.same(store) { $0.endpoint = "https://example.test" }
    proxy.add(FaultRule(.answer(ProxiedAnswer(403)), times: nil, method: "CONNECT"))
    #expect(await errorCode { _ = try await encrypted.read("secret/key") } == .transport)
    let request = try #require(proxy.requests.first)
    #expect(request.method == "CONNECT" && request.path == store.configuration.bucket + ".example.test:443")
    let head = String(decoding: request.head.bytes, as: UTF8.self)
    #expect(!head.contains("secret/key") && request.header("Authorization") == nil)
    #expect(Set(proxy.requests.map(\.method)) == ["CONNECT"])
  }
}

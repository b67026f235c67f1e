import ByteBuffers
import ObjectStores
import Synchronization
import Testing

@testable import S3Store

/// A new bucket, and the same one behind a proxy that makes faults.
struct FaultScene {
  let proxy: FaultProxy
  /// Without faults.
  let bucket: S3ObjectStore
  /// Through the proxy; repeats after few milliseconds.
  let store: S3ObjectStore

  static func make(_ change: (inout S3Configuration) -> Void = { _ in }) async throws -> FaultScene {
    let bucket = try await TestServer.bucket()
    let proxy = try FaultProxy(upstream: bucket.configuration.endpoint ?? "")
    let store = try TestServer.same(bucket) { configuration in
      configuration.endpoint = proxy.endpoint
      configuration.retry.baseDelay = .milliseconds(5)
      configuration.retry.longestDelay = .milliseconds(100)
      change(&configuration)
    }
    return FaultScene(proxy: proxy, bucket: bucket, store: store)
  }

  /// Bytes that repeat with a period of a prime, so that no part is at a wrong place unseen.
  static func content(_ count: Int, _ seed: Int = 1) -> Bytes {
    let period = (0..<65_521).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* 0x9E37_79B1 >> 11) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + period.count)
    while bytes.count < count { bytes += period }
    return Bytes(Array(bytes.prefix(count)))
  }

  /// The uploads that were begun and neither completed nor given up.
  func uploads() async throws -> Int {
    var request = S3Request("list uploads", .get, nil)
    request.addQuery("uploads")
    return try UploadsAnswer(try await bucket.send(request).body).uploads.count
  }

  /// The requests of a kind that came to the proxy.
  func requests(_ method: String) -> [ProxiedRequest] { proxy.requests.filter { $0.method == method } }
}

/// Waits until something holds, some seconds at most.
func eventually(_ holds: () async throws -> Bool) async throws -> Bool {
  for _ in 0..<500 {
    if try await holds() { return true }
    try await Task.sleep(for: .milliseconds(10))
  }
  return try await holds()
}

/// The code of the error that a call ends with; nil for success.
func errorCode(_ call: () async throws -> Void) async -> ObjectStoreError.Code? {
  do {
    try await call()
    return nil
  } catch {
    return (error as? ObjectStoreError)?.code
  }
}

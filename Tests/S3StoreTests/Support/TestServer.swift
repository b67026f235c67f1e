import ObjectStores

@testable import S3Store

/// Buckets of the server that the tests go by.
enum TestServer {
  static let server = S3Server.current

  static var keys: S3Credentials {
    S3Credentials(accessKeyID: server?.accessKey ?? "", secretAccessKey: server?.secretKey ?? "")
  }

  static var temporaryKeys: S3Credentials {
    S3Credentials(
      accessKeyID: server?.temporaryAccessKey ?? "",
      secretAccessKey: server?.temporarySecretKey ?? "",
      sessionToken: server?.temporaryToken
    )
  }

  /// The same bucket, spoken to in another way.
  static func same(_ store: S3ObjectStore, _ change: (inout S3Configuration) -> Void) throws -> S3ObjectStore {
    var configuration = store.configuration
    change(&configuration)
    return try S3ObjectStore(configuration)
  }

  /// A new, empty bucket.
  static func bucket(_ change: (inout S3Configuration) -> Void = { _ in }) async throws -> S3ObjectStore {
    let name = "test-" + String(UInt64.random(in: .min ... .max), radix: 36)
    let credentials = StaticCredentials(keys)
    var configuration = S3Configuration(bucket: name, endpoint: server?.endpoint, credentials: credentials)
    change(&configuration)
    let store = try S3ObjectStore(configuration)
    _ = try await store.send(S3Request("make a bucket", .put, nil))
    return store
  }
}

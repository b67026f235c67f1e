import Glibc
import ObjectStores
import Testing

@testable import S3Store

/// The S3 server of the tests, as Tests/run started it.
enum TestServer {
  static func value(_ name: String) -> String? { getenv("BACKFILL_S3_" + name).map { String(cString: $0) } }

  static var endpoint: String? { value("ENDPOINT") }

  static var keys: S3Credentials {
    S3Credentials(accessKeyID: value("ACCESS_KEY") ?? "", secretAccessKey: value("SECRET_KEY") ?? "")
  }

  static let message: Comment = "no S3 server: BACKFILL_S3_ENDPOINT is not set; Tests/run starts one"

  static var temporaryKeys: S3Credentials {
    S3Credentials(
      accessKeyID: value("TEMPORARY_ACCESS_KEY") ?? "",
      secretAccessKey: value("TEMPORARY_SECRET_KEY") ?? "",
      sessionToken: value("TEMPORARY_TOKEN")
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
    var configuration = S3Configuration(
      bucket: name,
      endpoint: endpoint,
      credentials: StaticCredentials(keys)
    )
    change(&configuration)
    let store = try S3ObjectStore(configuration)
    _ = try await store.send(S3Request("make a bucket", .put, nil))
    return store
  }
}

import Foundation
import Testing

/// The server that the tests go by, as `Tests/Tools/s3_server.sh` started it: what its environment variables say.
struct S3Server: Sendable {
  let endpoint: String
  /// With TLS; by a certificate that the authority ``ca`` has signed, and ``otherCA`` has not.
  let tlsEndpoint: String
  let ca: String
  let otherCA: String
  /// Answers 503 SlowDown while it has two requests.
  let slowEndpoint: String
  /// Takes session tokens, and knows wrong keys only by `AccessDenied`.
  let stsEndpoint: String
  let bucket: String
  /// Has a dot in its name, which no certificate goes by.
  let dottedBucket: String
  /// Belongs to the other user.
  let otherBucket: String
  let accessKey: String
  let secretKey: String
  /// Those of a user that may do nothing with the first one's buckets.
  let otherAccessKey: String
  let otherSecretKey: String
  /// Those of a session of the first user, for ``stsEndpoint`` only.
  let temporaryAccessKey: String
  let temporarySecretKey: String
  let temporaryToken: String
  /// A role that the first user may take at ``stsEndpoint``, and that may do everything with the buckets.
  let role: String

  /// Nil when no server was started.
  static let current = S3Server(ProcessInfo.processInfo.environment)

  init?(_ environment: [String: String]) {
    guard environment["BACKFILL_S3_ENDPOINT"] != nil else { return nil }
    func value(_ name: String) -> String { environment["BACKFILL_S3_" + name] ?? "" }
    endpoint = value("ENDPOINT")
    tlsEndpoint = value("TLS_ENDPOINT")
    ca = value("CA")
    otherCA = value("OTHER_CA")
    slowEndpoint = value("SLOW_ENDPOINT")
    stsEndpoint = value("STS_ENDPOINT")
    bucket = value("BUCKET")
    dottedBucket = value("DOTTED_BUCKET")
    otherBucket = value("OTHER_BUCKET")
    accessKey = value("ACCESS_KEY")
    secretKey = value("SECRET_KEY")
    otherAccessKey = value("OTHER_ACCESS_KEY")
    otherSecretKey = value("OTHER_SECRET_KEY")
    temporaryAccessKey = value("TEMPORARY_ACCESS_KEY")
    temporarySecretKey = value("TEMPORARY_SECRET_KEY")
    temporaryToken = value("TEMPORARY_TOKEN")
    role = value("ROLE")
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips, by name and with the reason, what cannot be tested without a server.
  static var needsS3Server: Self {
    .enabled(
      if: S3Server.current != nil,
      "SKIPPED: needs an S3 server; Tests/run starts one, or export the variables of Tests/Tools/s3_server.sh"
    )
  }
}

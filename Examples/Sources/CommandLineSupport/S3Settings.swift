internal import Backfill
internal import Glibc
internal import Logging
public import S3Store

/// How S3 is spoken to, from flags, and from the environment where they say nothing.
public struct S3Settings: Sendable {
  /// What the flags' names begin with, for messages: `--s3`.
  public var flags: String
  /// `http://host:port`, `https://host`, or the host and port alone.
  public var endpoint: String?
  /// Where the buckets are.
  public var region: String?
  /// Whether an endpoint without a scheme is encrypted.
  public var usesSSL: Bool?
  /// Whether buckets are named in the path, or in the host.
  public var usesPathStyle: Bool?
  /// The public half of the keys.
  public var accessKey: String?
  /// The secret half of the keys.
  public var secretKey: String?
  /// What goes with temporary keys.
  public var sessionToken: String?
  /// Whether only roles are asked for keys.
  public var usesIAM = false
  /// File of certificates that are trusted.
  public var certificateAuthorityFile: String?

  /// Creates settings that say nothing.
  ///
  /// - Parameter flags: what the flags' names begin with.
  public init(flags: String = "--s3") {
    self.flags = flags
  }

  /// Whether a flag was given.
  public var isGiven: Bool {
    endpoint != nil || region != nil || usesSSL != nil || usesPathStyle != nil || accessKey != nil || secretKey != nil
      || sessionToken != nil || usesIAM || certificateAuthorityFile != nil
  }

  /// The configuration of any bucket.
  public func template() throws -> S3Configuration {
    let region = region ?? variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION")
    var configuration = S3Configuration(
      bucket: "",
      region: region ?? "us-east-1",
      endpoint: address,
      credentials: try credentials(region: region)
    )
    if let usesPathStyle { configuration.addressing = usesPathStyle ? .path : .virtualHost }
    configuration.certificateAuthorityFile = certificateAuthorityFile ?? variable("AWS_CA_BUNDLE")
    configuration.logger = Logger(label: "s3")
    return configuration
  }

  private var address: String? {
    guard let endpoint = endpoint ?? variable("AWS_ENDPOINT_URL_S3") ?? variable("AWS_ENDPOINT_URL") else { return nil }
    guard !endpoint.contains("://") else { return endpoint }
    return (usesSSL == true ? "https://" : "http://") + endpoint
  }

  private func credentials(region: String?) throws -> any S3CredentialProvider {
    switch (accessKey, secretKey) {
    case (nil, nil): return usesIAM ? CredentialChain.roles(region: region) : CredentialChain.usual(region: region)
    case (let access?, let secret?):
      guard !usesIAM else {
        throw ProgramFailure.usage("\(flags)-access-key and the flag for roles are both given; leave one of them out.")
      }
      let keys = S3Credentials(accessKeyID: access, secretAccessKey: secret, sessionToken: sessionToken)
      return StaticCredentials(keys, name: "\(flags)-access-key and \(flags)-secret-key")
    default: throw ProgramFailure.usage("\(flags)-access-key and \(flags)-secret-key go together; give both or none.")
    }
  }

  private func variable(_ name: String) -> String? {
    guard let value = getenv(name), value[0] != 0 else { return nil }
    return String(cString: value)
  }
}

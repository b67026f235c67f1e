public import ArgumentParser

/// The flags of programs that read and write S3.
public struct S3Options: ParsableArguments, Sendable {
  @Option(
    name: .customLong("s3-endpoint"),
    help: "Where the S3 server is, http://host:port; default AWS_ENDPOINT_URL_S3, else AWS."
  )
  var endpoint: String?

  @Option(name: .customLong("s3-region"), help: "Region of the buckets; default AWS_REGION, else us-east-1.")
  var region: String?

  @Flag(name: .customLong("s3-use-ssl"), inversion: .prefixedNo, help: "Encrypt, where the endpoint does not say.")
  var useSSL: Bool?

  @Flag(
    name: .customLong("s3-path-style"),
    inversion: .prefixedNo,
    help: "Name buckets in the path; default for endpoints of one's own."
  )
  var pathStyle: Bool?

  @Option(
    name: .customLong("s3-access-key"),
    help: "Access key; default the environment, a web identity, a profile, or the machine's role."
  )
  var accessKey: String?

  @Option(
    name: .customLong("s3-secret-key"),
    help: "Secret key; AWS_SECRET_ACCESS_KEY does not show in a process list."
  )
  var secretKey: String?

  @Option(name: .customLong("s3-session-token"), help: "Token of temporary keys.")
  var sessionToken: String?

  @Flag(name: .customLong("use-iam"), help: "Take keys from the machine's or the container's role only.")
  var useIAM = false

  @Option(
    name: .customLong("s3-ca-file"),
    help: "Certificates to trust, PEM; default AWS_CA_BUNDLE, else the system's."
  )
  var caFile: String?

  /// Creates the defaults.
  public init() {}

  /// What they say.
  public var settings: S3Settings {
    var settings = S3Settings()
    settings.endpoint = endpoint
    settings.region = region
    settings.usesSSL = useSSL
    settings.usesPathStyle = pathStyle
    settings.accessKey = accessKey
    settings.secretKey = secretKey
    settings.sessionToken = sessionToken
    settings.usesIAM = useIAM
    settings.certificateAuthorityFile = caFile
    return settings
  }
}

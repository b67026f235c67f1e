import ArgumentParser
import CommandLineSupport

/// The S3 that the new values are in, where it is another one than that of the segments, or has other keys.
struct SourceOptions: ParsableArguments {
  @Option(name: .customLong("source-s3-endpoint"), help: "Like --s3-endpoint, for --parquet.")
  var endpoint: String?

  @Option(name: .customLong("source-s3-region"), help: "Like --s3-region, for --parquet.")
  var region: String?

  @Flag(name: .customLong("source-s3-use-ssl"), inversion: .prefixedNo, help: "Like --s3-use-ssl, for --parquet.")
  var useSSL: Bool?

  @Flag(name: .customLong("source-s3-path-style"), inversion: .prefixedNo, help: "Like --s3-path-style, for --parquet.")
  var pathStyle: Bool?

  @Option(name: .customLong("source-s3-access-key"), help: "Like --s3-access-key, for --parquet.")
  var accessKey: String?

  @Option(name: .customLong("source-s3-secret-key"), help: "Like --s3-secret-key, for --parquet.")
  var secretKey: String?

  @Option(name: .customLong("source-s3-session-token"), help: "Like --s3-session-token, for --parquet.")
  var sessionToken: String?

  @Flag(name: .customLong("source-use-iam"), help: "Like --use-iam, for --parquet.")
  var useIAM = false

  @Option(name: .customLong("source-s3-ca-file"), help: "Like --s3-ca-file, for --parquet.")
  var caFile: String?

  /// What they say; nil when none is given, and the new values are where the segments are.
  var settings: S3Settings? {
    var settings = S3Settings(flags: "--source-s3")
    settings.endpoint = endpoint
    settings.region = region
    settings.usesSSL = useSSL
    settings.usesPathStyle = pathStyle
    settings.accessKey = accessKey
    settings.secretKey = secretKey
    settings.sessionToken = sessionToken
    settings.usesIAM = useIAM
    settings.certificateAuthorityFile = caFile
    return settings.isGiven ? settings : nil
  }
}

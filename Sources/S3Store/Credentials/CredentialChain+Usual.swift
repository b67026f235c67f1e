/// What the usual places of credentials need to know.
struct CredentialSurroundings: Sendable {
  /// Of the process.
  var environment: [String: String]
  /// Whose STS is asked; nil for what the environment says.
  var region: String?
  /// Another STS; nil for what the environment says, or AWS's.
  var stsEndpoint: String?
  /// Asks the services.
  var client: any HTTPClient

  var webIdentity: WebIdentityCredentials {
    WebIdentityCredentials(
      environment: environment,
      region: region,
      endpoint: stsEndpoint,
      requests: .remote(client)
    )
  }

  var container: ContainerCredentials { ContainerCredentials(environment: environment, requests: .local(client)) }

  var instance: InstanceMetadataCredentials {
    InstanceMetadataCredentials(environment: environment, requests: .local(client))
  }
}

extension CredentialChain {
  /// The usual places in their order: environment, web identity, profile, container, instance.
  ///
  /// - Parameters:
  ///   - explicit: what somebody gave by hand, such as ``StaticCredentials`` or ``ProfileCredentials`` of a name; asked
  ///     before all others.
  ///   - region: whose STS is asked about roles; nil for what the environment says, or the profile.
  ///   - stsEndpoint: another STS, such as `https://sts.example.org`; nil for what the environment says, or AWS's.
  /// - Returns: the places, which are not asked yet.
  public static func usual(
    explicit: (any S3CredentialProvider)? = nil,
    region: String? = nil,
    stsEndpoint: String? = nil
  ) -> CredentialChain {
    usual(explicit: explicit, .process(region, stsEndpoint))
  }

  /// The places of roles alone, for those who want no keys to be used: web identity, container, instance.
  ///
  /// - Parameters:
  ///   - region: whose STS is asked about roles; nil for what the environment says.
  ///   - stsEndpoint: another STS; nil for what the environment says, or AWS's.
  /// - Returns: the places, which are not asked yet.
  public static func roles(region: String? = nil, stsEndpoint: String? = nil) -> CredentialChain {
    roles(.process(region, stsEndpoint))
  }

  static func usual(
    explicit: (any S3CredentialProvider)? = nil,
    _ surroundings: CredentialSurroundings
  ) -> CredentialChain {
    let environment = surroundings.environment
    var places: [any S3CredentialProvider] = explicit.map { [$0] } ?? []
    places +=
      [EnvironmentCredentials(environment: environment), surroundings.webIdentity] as [any S3CredentialProvider]
    places += [ProfileCredentials(profile: nil, surroundings), surroundings.container, surroundings.instance]
    return CredentialChain(places)
  }

  static func roles(_ surroundings: CredentialSurroundings) -> CredentialChain {
    CredentialChain([surroundings.webIdentity, surroundings.container, surroundings.instance])
  }
}

extension CredentialSurroundings {
  /// Answers of services are a few kilobytes.
  private static let longestAnswer = 1 << 16

  /// Those of this process.
  static func process(_ region: String?, _ stsEndpoint: String?) -> CredentialSurroundings {
    CredentialSurroundings(
      environment: ProcessEnvironment.current,
      region: region,
      stsEndpoint: stsEndpoint,
      client: CurlClient(engine: .shared, settings: HTTPSettings(), limit: longestAnswer)
    )
  }
}

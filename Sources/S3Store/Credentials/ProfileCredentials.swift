public import ObjectStores

/// Credentials of a profile in `~/.aws/credentials` and `~/.aws/config`.
///
/// A profile has keys, a `credential_process` whose output they are, or a `role_arn` that STS is asked for: with the
/// credentials of a `source_profile` or of a `credential_source` (`Environment`, `Ec2InstanceMetadata`,
/// `EcsContainer`), or with the token in a `web_identity_token_file`. Single sign-on and roles that want a code of a
/// device are refused. Other files are named by `AWS_SHARED_CREDENTIALS_FILE` and `AWS_CONFIG_FILE`.
public struct ProfileCredentials: S3CredentialProvider {
  /// What a profile says beside the credentials.
  public struct Settings: Sendable, Hashable {
    /// Where the bucket is.
    public var region: String?
    /// Where the service is.
    public var endpointURL: String?
  }

  private static let longestFile = 1 << 20

  let surroundings: CredentialSurroundings
  private let profile: String
  /// Whether somebody asked for this very profile.
  private let isNamed: Bool

  /// Looks for a profile.
  ///
  /// - Parameters:
  ///   - profile: its name; nil for the one that `AWS_PROFILE` names, or else `default`.
  ///   - environment: nil for that of this process.
  ///   - region: whose STS is asked about roles; nil for what the environment says, or the profile.
  ///   - stsEndpoint: another STS, such as `https://sts.example.org`; nil for what the environment says, or AWS's.
  public init(
    profile: String? = nil,
    environment: [String: String]? = nil,
    region: String? = nil,
    stsEndpoint: String? = nil
  ) {
    var surroundings = CredentialSurroundings.process(region, stsEndpoint)
    if let environment { surroundings.environment = environment }
    self.init(profile: profile, surroundings)
  }

  init(profile: String?, _ surroundings: CredentialSurroundings) {
    let environment = surroundings.environment
    let named = profile ?? environment.nonEmpty("AWS_PROFILE") ?? environment.nonEmpty("AWS_DEFAULT_PROFILE")
    self.surroundings = surroundings
    self.profile = named ?? "default"
    isNamed = named != nil
  }

  /// What messages call the place.
  public var name: String { "profile '\(profile)'" }

  /// Why there are none.
  public var absence: String { "is not in \(credentialsFile) or \(configFile), or has no keys there" }

  /// What the profile says beside the credentials.
  public func settings() throws(ObjectStoreError) -> Settings {
    guard let values = try values(of: profile, isNamed: isNamed) else { return Settings() }
    return Settings(region: values.nonEmpty("region"), endpointURL: values.nonEmpty("endpoint_url"))
  }

  /// The credentials of the profile; nil if it has none, or if there is none and none was asked for by name.
  public func credentials() async throws(ObjectStoreError) -> S3IssuedCredentials? {
    guard let values = try values(of: profile, isNamed: isNamed) else { return nil }
    return try await credentials(of: profile, values, path: [])
  }

  // MARK: - Keys of a profile's own

  /// Keys, or what a program prints; nil if the profile says nothing of either.
  func ownCredentials(of profile: String, _ values: [String: String]) async throws(ObjectStoreError)
    -> S3IssuedCredentials?
  {
    let name = "profile '\(profile)'"
    let id = values.nonEmpty("aws_access_key_id")
    let secret = values.nonEmpty("aws_secret_access_key")
    if let id, let secret {
      let token = values["aws_session_token"]
      return S3IssuedCredentials(
        credentials: try CredentialParts.join(id: id, secret: secret, token: token, source: name)
      )
    }
    if id != nil || secret != nil {
      let missing = id == nil ? "aws_access_key_id" : "aws_secret_access_key"
      throw ObjectStoreError(.configuration, "The \(name) has no \(missing), only the other half of the keys; add it.")
    }
    guard let command = values.nonEmpty("credential_process") else { return nil }
    let source = "the credential_process of \(name)"
    let output = try await CredentialProcess(command, environment: surroundings.environment, source: source).output()
    let document = try CredentialDocument(output, source: source)
    guard document.member("Version") == "1" else {
      throw ObjectStoreError(
        .configuration,
        "The output of \(source) is not of version 1, the only known one; look whether there is a newer program."
      )
    }
    return try document.issued()
  }

  // MARK: - Files

  var credentialsFile: String { file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials") }

  var configFile: String { file("AWS_CONFIG_FILE", "~/.aws/config") }

  private func file(_ variable: String, _ usual: String) -> String {
    surroundings.environment.nonEmpty(variable) ?? usual
  }

  /// All settings of a profile, those of the credentials file first; nil if there is none, and none was asked for.
  func values(of profile: String, isNamed: Bool) throws(ObjectStoreError) -> [String: String]? {
    let config = try read(configFile, .config).profiles[profile]
    let keys = try read(credentialsFile, .credentials).profiles[profile]
    guard config != nil || keys != nil else {
      guard isNamed else { return nil }
      throw ObjectStoreError(
        .configuration,
        "The profile '\(profile)' is not in \(credentialsFile) or \(configFile); add it there, or name another one "
          + "by AWS_PROFILE."
      )
    }
    return (config ?? [:]).merging(keys ?? [:]) { $1 }
  }

  private func read(_ file: String, _ kind: ProfileFile.Kind) throws(ObjectStoreError) -> ProfileFile {
    var path = file
    if path.hasPrefix("~/") {
      guard let home = surroundings.environment.nonEmpty("HOME") else { return ProfileFile() }
      path = home + path.dropFirst()
    }
    let what: String
    do throws(SmallFile.Failure) {
      let content = try SmallFile.read(path, limit: Self.longestFile)
      do throws(ProfileFile.Failure) {
        return try ProfileFile(content, kind: kind)
      } catch {
        what = error.message
      }
    } catch {
      guard case .unreadable(let why) = error else { return ProfileFile() }
      what = why
    }
    throw ObjectStoreError(.configuration, "The file of profiles \(file) cannot be read: \(what). Mend or remove it.")
  }
}

extension ProfileCredentials: ConnectedProvider {
  func asking(_ settings: HTTPSettings) -> any S3CredentialProvider {
    ProfileCredentials(profile: isNamed ? profile : nil, surroundings.asking(settings))
  }
}

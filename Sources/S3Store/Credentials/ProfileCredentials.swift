public import ObjectStores

/// Credentials of a profile in `~/.aws/credentials` and `~/.aws/config`.
///
/// A profile has keys, or a `credential_process` whose output they are. Roles and single sign-on are not followed; a
/// profile that needs them is refused. Other files are named by `AWS_SHARED_CREDENTIALS_FILE` and `AWS_CONFIG_FILE`.
public struct ProfileCredentials: S3CredentialProvider {
  /// What a profile says beside the credentials.
  public struct Settings: Sendable, Hashable {
    /// Where the bucket is.
    public var region: String?
    /// Where the service is.
    public var endpointURL: String?
  }

  private static let longestFile = 1 << 20

  private let environment: [String: String]
  private let profile: String
  /// Whether somebody asked for this very profile.
  private let isNamed: Bool

  /// Looks for a profile.
  ///
  /// - Parameters:
  ///   - profile: its name; nil for the one that `AWS_PROFILE` names, or else `default`.
  ///   - environment: nil for that of this process.
  public init(profile: String? = nil, environment: [String: String]? = nil) {
    let environment = environment ?? ProcessEnvironment.current
    let named = profile ?? environment.nonEmpty("AWS_PROFILE") ?? environment.nonEmpty("AWS_DEFAULT_PROFILE")
    self.environment = environment
    self.profile = named ?? "default"
    isNamed = named != nil
  }

  /// What messages call the place.
  public var name: String { "profile '\(profile)'" }

  /// Why there are none.
  public var absence: String { "is not in \(credentialsFile) or \(configFile), or has no keys there" }

  /// What the profile says beside the credentials; nothing if there is no such profile.
  public func settings() throws(ObjectStoreError) -> Settings {
    guard let values = try values() else { return Settings() }
    return Settings(region: values.nonEmpty("region"), endpointURL: values.nonEmpty("endpoint_url"))
  }

  /// The credentials of the profile; nil if it has none, or if there is none and none was asked for by name.
  public func credentials() async throws(ObjectStoreError) -> S3IssuedCredentials? {
    guard let values = try values() else { return nil }
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
    if let command = values.nonEmpty("credential_process") { return try await issued(by: command) }
    if let setting = Self.unsupported.first(where: { values.nonEmpty($0) != nil }) {
      throw ObjectStoreError(
        .configuration,
        "The \(name) has no keys but \(setting), which is not supported; give it a credential_process, such as "
          + "'aws configure export-credentials --profile \(profile) --format process', or set the variables of a role: "
          + "AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE."
      )
    }
    return nil
  }

  private static let unsupported = [
    "role_arn", "source_profile", "credential_source", "web_identity_token_file", "sso_session", "sso_start_url",
    "login_session",
  ]

  private func issued(by command: String) async throws(ObjectStoreError) -> S3IssuedCredentials {
    let source = "the credential_process of \(name)"
    let output = try await CredentialProcess(command, environment: environment, source: source).output()
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

  private var credentialsFile: String { file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials") }

  private var configFile: String { file("AWS_CONFIG_FILE", "~/.aws/config") }

  private func file(_ variable: String, _ usual: String) -> String { environment.nonEmpty(variable) ?? usual }

  /// All settings of the profile, those of the credentials file first; nil if there is no such profile.
  private func values() throws(ObjectStoreError) -> [String: String]? {
    let config = try read(configFile, .config).profiles[profile]
    let keys = try read(credentialsFile, .credentials).profiles[profile]
    guard config != nil || keys != nil else {
      guard isNamed else { return nil }
      throw ObjectStoreError(
        .configuration,
        "The \(name) is not in \(credentialsFile) or \(configFile); add it there, or name another one by AWS_PROFILE."
      )
    }
    return (config ?? [:]).merging(keys ?? [:]) { $1 }
  }

  private func read(_ file: String, _ kind: ProfileFile.Kind) throws(ObjectStoreError) -> ProfileFile {
    var path = file
    if path.hasPrefix("~/") {
      guard let home = environment.nonEmpty("HOME") else { return ProfileFile() }
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

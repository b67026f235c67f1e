internal import ObjectStores

/// Profiles that stand for a role.
///
///     [profile reader]
///     role_arn = arn:aws:iam::123456789012:role/reader
///     source_profile = base                 one of these three says who takes it
///     credential_source = Ec2InstanceMetadata
///     web_identity_token_file = /run/token
extension ProfileCredentials {
  /// The credentials of a profile; nil if it has none.
  ///
  /// - Parameters:
  ///   - profile: its name.
  ///   - values: what it says.
  ///   - path: the profiles whose roles these credentials are to take, the last one first asked for.
  func credentials(
    of profile: String,
    _ values: [String: String],
    path: [String]
  ) async throws(ObjectStoreError) -> S3IssuedCredentials? {
    // One that names itself as its source means its own keys.
    if path.last != profile, let role = try RoleSettings(values, profile: profile) {
      guard !path.contains(profile) else {
        let loop = (path + [profile]).map { "'\($0)'" }.joined(separator: ", ")
        throw ObjectStoreError(
          .configuration,
          "The profiles \(loop) name each other as source_profile; give one of them keys, or another source."
        )
      }
      return try await take(role, profile, values, path: path + [profile])
    }
    if let issued = try await ownCredentials(of: profile, values) { return issued }
    try refuseSignOn(profile, values)
    guard !path.isEmpty else { return nil }
    throw ObjectStoreError(
      .configuration,
      "The profile '\(profile)', which is the source of a role, has no keys in \(credentialsFile) or \(configFile); "
        + "add them."
    )
  }

  private static let sources = ["source_profile", "credential_source", "web_identity_token_file"]

  private func take(
    _ role: RoleSettings,
    _ profile: String,
    _ values: [String: String],
    path: [String]
  ) async throws(ObjectStoreError) -> S3IssuedCredentials {
    let given = ProfileCredentials.sources.filter { values.nonEmpty($0) != nil }
    guard given.count == 1, let kind = given.first, let value = values.nonEmpty(kind) else {
      throw ObjectStoreError(
        .configuration,
        "The profile '\(profile)' has a role_arn and \(given.isEmpty ? "nothing" : given.joined(separator: " and ")) "
          + "that says who takes the role; give one of source_profile, credential_source and web_identity_token_file."
      )
    }
    guard values.nonEmpty("mfa_serial") == nil else {
      throw ObjectStoreError(
        .configuration,
        "The role of profile '\(profile)' wants a code of a device (mfa_serial), which a program cannot give; get "
          + "temporary keys by 'aws configure export-credentials --profile \(profile) --format env' and set those."
      )
    }
    let service = TokenService(
      environment: surroundings.environment,
      region: surroundings.region,
      profileRegion: values.nonEmpty("region"),
      endpoint: surroundings.stsEndpoint,
      requests: .remote(surroundings.client)
    )
    let source = "role \(role.role) of profile '\(profile)'"
    switch kind {
    case "web_identity_token_file": return try await role.take(byTokenIn: value, service)
    case "source_profile":
      guard let others = try self.values(of: value, isNamed: true),
        var issued = try await credentials(of: value, others, path: path)
      else { throw noKeys("profile '\(value)'", "is not there", profile) }
      issued.source = issued.source ?? "profile '\(value)'"
      return try await role.take(by: issued, source, service)
    default:
      let provider = try provider(value, profile)
      guard var issued = try await provider.credentials() else {
        throw noKeys(provider.name, provider.absence, profile)
      }
      issued.source = issued.source ?? provider.name
      return try await role.take(by: issued, source, service)
    }
  }

  private func provider(_ source: String, _ profile: String) throws(ObjectStoreError) -> any S3CredentialProvider {
    switch source {
    case "Environment": EnvironmentCredentials(environment: surroundings.environment)
    case "Ec2InstanceMetadata": surroundings.instance
    case "EcsContainer": surroundings.container
    default:
      throw ObjectStoreError(
        .configuration,
        "The credential_source of profile '\(profile)' is none of Environment, Ec2InstanceMetadata and EcsContainer; "
          + "choose one of them."
      )
    }
  }

  private func noKeys(_ source: String, _ absence: String, _ profile: String) -> ObjectStoreError {
    ObjectStoreError(
      .unauthenticated,
      "There are no credentials that could take the role of profile '\(profile)': \(source) \(absence). Give some "
        + "there, or name another source in the profile."
    )
  }

  private func refuseSignOn(_ profile: String, _ values: [String: String]) throws(ObjectStoreError) {
    let signOn = ["sso_session", "sso_start_url", "sso_account_id", "login_session"]
    let others = values.nonEmpty("role_arn") == nil ? ProfileCredentials.sources : []
    guard let setting = (signOn + others).first(where: { values.nonEmpty($0) != nil }) else {
      return
    }
    guard signOn.contains(setting) else {
      throw ObjectStoreError(.configuration, "The profile '\(profile)' has a \(setting) and no role_arn; add the role.")
    }
    throw ObjectStoreError(
      .configuration,
      "The profile '\(profile)' signs on by \(setting), which is not supported; sign on by 'aws sso login --profile "
        + "\(profile)', and use another profile, whose credential_process is "
        + "'aws configure export-credentials --profile \(profile) --format process'."
    )
  }
}

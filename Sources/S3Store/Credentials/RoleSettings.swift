internal import ObjectStores

/// A role that is taken, as a profile or the environment describes it.
struct RoleSettings: Sendable {
  /// Its name, `arn:aws:iam::123456789012:role/reader`.
  var role: String
  /// What the role's session is called in the logs of AWS.
  var session: String
  /// Seconds that the credentials are to be good.
  var seconds = 3600
  /// What the role's owner demands of others.
  var externalID: String?

  static let usualSession = "swift-backfill"

  init(role: String, session: String?) {
    self.role = role
    self.session = session ?? RoleSettings.usualSession
  }

  /// Reads what a profile says; nil if it says nothing of a role.
  ///
  ///     role_arn = arn:aws:iam::123456789012:role/reader
  ///     role_session_name = nightly
  ///     duration_seconds = 3600
  ///     external_id = …
  init?(_ values: [String: String], profile: String) throws(ObjectStoreError) {
    guard let role = values.nonEmpty("role_arn") else { return nil }
    self.init(role: role, session: values.nonEmpty("role_session_name"))
    externalID = values.nonEmpty("external_id")
    if let text = values.nonEmpty("duration_seconds") {
      guard let seconds = Int(text), 900...43_200 ~= seconds else {
        throw ObjectStoreError(
          .configuration,
          "The duration_seconds of profile '\(profile)' is no number from 900 to 43200; mend or remove it."
        )
      }
      self.seconds = seconds
    }
  }

  private var parameters: [(name: String, value: String)] {
    [("DurationSeconds", "\(seconds)"), ("RoleArn", role), ("RoleSessionName", session)]
  }

  /// Takes the role by a token in a file, which is read each time.
  func take(byTokenIn file: String, _ service: TokenService) async throws(ObjectStoreError) -> S3IssuedCredentials {
    let source = "web identity for role \(role)"
    let token = try TokenFile.read(file, limit: RoleSettings.longestToken, source: source)
    return try await service.ask(
      TokenService.Question(
        action: "AssumeRoleWithWebIdentity",
        parameters: parameters + [("WebIdentityToken", token)],
        source: source,
        advice: "Check the role's trust and that the token in \(file) is renewed.",
        secrets: [token]
      )
    )
  }

  /// Takes the role by other credentials.
  ///
  /// - Parameters:
  ///   - issued: whose owner may take it.
  ///   - source: what messages call the place that the credentials of the role come from.
  ///   - service: who gives them.
  func take(
    by issued: S3IssuedCredentials,
    _ source: String,
    _ service: TokenService
  ) async throws(ObjectStoreError) -> S3IssuedCredentials {
    var answer = try await service.ask(
      TokenService.Question(
        action: "AssumeRole",
        parameters: parameters + (externalID.map { [("ExternalId", $0)] } ?? []),
        source: source,
        advice: "Check that the keys from \(issued.source ?? "its source") are right and may take the role.",
        secrets: externalID.map { [$0] } ?? []
      ),
      signedBy: issued.credentials
    )
    answer.source = source
    return answer
  }

  /// A token of STS has at most 20,000 characters.
  private static let longestToken = 65_536
}

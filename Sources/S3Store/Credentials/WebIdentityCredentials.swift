internal import ObjectStores

/// Credentials that STS gives for a token in a file, as Kubernetes puts it there.
///
/// The variables are `AWS_ROLE_ARN`, `AWS_WEB_IDENTITY_TOKEN_FILE`, and `AWS_ROLE_SESSION_NAME`, which need not be.
struct WebIdentityCredentials: S3CredentialProvider {
  private let environment: [String: String]
  private(set) var service: TokenService

  /// Looks for the variables.
  ///
  /// - Parameters:
  ///   - environment: where the variables are.
  ///   - region: whose STS is asked; nil for that of `AWS_REGION`, or else the one that serves all.
  ///   - endpoint: another STS; nil for that of `AWS_ENDPOINT_URL_STS`, or else AWS's.
  ///   - requests: how it is asked.
  init(
    environment: [String: String],
    region: String? = nil,
    endpoint: String? = nil,
    requests: CredentialRequests
  ) {
    self.environment = environment
    service = TokenService(environment: environment, region: region, endpoint: endpoint, requests: requests)
  }

  var name: String {
    environment.nonEmpty("AWS_ROLE_ARN").map { "web identity for role \($0)" } ?? "web identity"
  }

  var absence: String { "AWS_WEB_IDENTITY_TOKEN_FILE is not set" }

  func credentials() async throws(ObjectStoreError) -> S3IssuedCredentials? {
    guard let file = environment.nonEmpty("AWS_WEB_IDENTITY_TOKEN_FILE") else { return nil }
    guard let role = environment.nonEmpty("AWS_ROLE_ARN") else {
      throw ObjectStoreError(
        .configuration,
        "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not; set it to the role to take, or unset both."
      )
    }
    let settings = RoleSettings(role: role, session: environment.nonEmpty("AWS_ROLE_SESSION_NAME"))
    return try await settings.take(byTokenIn: file, service)
  }
}

extension WebIdentityCredentials: ConnectedProvider {
  func asking(_ settings: HTTPSettings) -> any S3CredentialProvider {
    var copy = self
    copy.service.requests = service.requests.asking(settings)
    return copy
  }
}

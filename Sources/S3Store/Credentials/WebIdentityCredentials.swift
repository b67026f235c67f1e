internal import ByteBuffers
internal import ObjectStores

/// Credentials that STS gives for a token in a file, as Kubernetes puts it there.
///
/// The variables are `AWS_ROLE_ARN`, `AWS_WEB_IDENTITY_TOKEN_FILE`, and `AWS_ROLE_SESSION_NAME`, which need not be.
struct WebIdentityCredentials: S3CredentialProvider {
  /// A token of STS has at most 20,000 characters.
  private static let longestToken = 65_536

  private let environment: [String: String]
  private let region: String?
  private let endpoint: String?
  private let requests: CredentialRequests

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
    self.region = region ?? environment.nonEmpty("AWS_REGION") ?? environment.nonEmpty("AWS_DEFAULT_REGION")
    self.endpoint = endpoint ?? environment.nonEmpty("AWS_ENDPOINT_URL_STS")
    self.requests = requests
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
    let address = try address()
    let token = try TokenFile.read(file, limit: Self.longestToken, source: name)
    let request = request(to: address, role: role, token: token)
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await requests.send(request)
    } catch {
      throw ServiceFailure.noAnswer(error, of: "STS at \(address.authority)", source: name)
    }
    guard response.isSuccess else {
      // Not the words, if they repeat the token.
      let answer = ErrorAnswer(response.body).map { $0.message.contains(token) ? $0.code : "\($0.code), \($0.message)" }
      let said = answer.map { ": \($0)" } ?? ""
      throw ServiceFailure.refusal(
        response.status,
        "STS at \(address.authority) did not give credentials from \(name) (status \(response.status))\(said). "
          + "Check the role's trust and that the token in \(file) is renewed."
      )
    }
    let answer = try SessionAnswer(response.body)
    let credentials = try CredentialParts.join(
      id: answer.credentials.accessKeyID,
      secret: answer.credentials.secretAccessKey,
      token: answer.credentials.sessionToken,
      source: name
    )
    return S3IssuedCredentials(credentials: credentials, expires: answer.expiration / 1_000_000_000)
  }

  private func request(to address: ServiceAddress, role: String, token: String) -> HTTPRequest {
    let parameters = [
      ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("DurationSeconds", "3600"),
      ("RoleArn", role), ("RoleSessionName", environment.nonEmpty("AWS_ROLE_SESSION_NAME") ?? "swift-backfill"),
      ("WebIdentityToken", token),
    ]
    let form = parameters.map { "\($0)=\(PercentEncoding.query($1))" }.joined(separator: "&")
    var request = address.request(.post)
    request.setHeader("content-type", "application/x-www-form-urlencoded")
    request.setHeader("accept", "application/xml")
    // In the body, because addresses are logged on the way.
    request.body = [Bytes(utf8: form)]
    return request
  }

  private func address() throws(ObjectStoreError) -> ServiceAddress {
    let domain = region?.hasPrefix("cn-") == true ? "amazonaws.com.cn" : "amazonaws.com"
    let usual = region.map { "https://sts.\($0).\(domain)" } ?? "https://sts.\(domain)"
    guard let address = ServiceAddress(endpoint ?? usual) else {
      throw ObjectStoreError(
        .configuration,
        "The endpoint of STS, or the region in it, is wrong; it looks like https://sts.eu-west-1.amazonaws.com."
      )
    }
    return address
  }
}

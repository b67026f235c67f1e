internal import ByteBuffers
internal import Glibc
internal import ObjectStores

/// STS, which gives temporary credentials of roles.
///
/// It is asked by a form in the body, because addresses are logged on the way; unsigned for a web identity, signed by
/// the credentials that take the role otherwise.
struct TokenService: Sendable {
  /// Whose STS; nil for the one that serves all.
  let region: String?
  /// Another STS; nil for AWS's.
  let endpoint: String?
  var requests: CredentialRequests

  /// Settles which one is asked.
  ///
  /// - Parameters:
  ///   - environment: says it where the others do not.
  ///   - region: whose STS is asked; nil for that of `AWS_REGION`, or else of the profile.
  ///   - profileRegion: what a profile says.
  ///   - endpoint: another STS; nil for that of `AWS_ENDPOINT_URL_STS`, or else AWS's.
  ///   - requests: how it is asked.
  init(
    environment: [String: String],
    region: String?,
    profileRegion: String? = nil,
    endpoint: String?,
    requests: CredentialRequests
  ) {
    self.region =
      region ?? environment.nonEmpty("AWS_REGION") ?? environment.nonEmpty("AWS_DEFAULT_REGION") ?? profileRegion
    self.endpoint = endpoint ?? environment.nonEmpty("AWS_ENDPOINT_URL_STS")
    self.requests = requests
  }

  /// What is asked for.
  struct Question: Sendable {
    var action: String
    /// Names and values, not encoded.
    var parameters: [(name: String, value: String)]
    /// What messages call the place that the credentials are to come from.
    var source: String
    /// What to look at when STS refuses.
    var advice: String
    /// What an answer may repeat and a message must not.
    var secrets: [String]
  }

  /// Asks.
  ///
  /// - Parameters:
  ///   - question: what for.
  ///   - keys: what signs it; nil for nothing.
  ///   - time: Unix time.
  func ask(
    _ question: Question,
    signedBy keys: S3Credentials? = nil,
    at time: Int64 = Int64(Glibc.time(nil))
  ) async throws(ObjectStoreError) -> S3IssuedCredentials {
    let address = try address()
    var request = TokenService.request(question, to: address)
    if let keys {
      SigV4Signer().sign(
        &request,
        credentials: keys,
        region: region ?? "us-east-1",
        service: "sts",
        at: time,
        payload: .sha256(of: request.body)
      )
    }
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await requests.send(request)
    } catch {
      throw ServiceFailure.noAnswer(error, of: "STS at \(address.authority)", source: question.source)
    }
    guard response.isSuccess else { throw refusal(response, question, keys, address) }
    let answer = try SessionAnswer(response.body)
    let credentials = try CredentialParts.join(
      id: answer.credentials.accessKeyID,
      secret: answer.credentials.secretAccessKey,
      token: answer.credentials.sessionToken,
      source: question.source
    )
    return S3IssuedCredentials(credentials: credentials, expires: answer.expiration / 1_000_000_000)
  }

  private func refusal(
    _ response: HTTPResponse,
    _ question: Question,
    _ keys: S3Credentials?,
    _ address: ServiceAddress
  ) -> ObjectStoreError {
    let said = ErrorAnswer(response.body)?.hidingSecrets(of: keys).saying(without: question.secrets)
    return ServiceFailure.refusal(
      response.status,
      "STS at \(address.authority) did not give credentials from \(question.source) (status \(response.status))"
        + "\(said.map { ": \($0)" } ?? ""). \(question.advice)"
    )
  }

  private static func request(_ question: Question, to address: ServiceAddress) -> HTTPRequest {
    let parameters = [("Action", question.action), ("Version", "2011-06-15")] + question.parameters.map { ($0, $1) }
    let form = parameters.map { "\($0)=\(PercentEncoding.query($1))" }.joined(separator: "&")
    var request = address.request(.post)
    request.setHeader("content-type", "application/x-www-form-urlencoded")
    request.setHeader("accept", "application/xml")
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

extension ErrorAnswer {
  /// Code and words, without those that repeat a secret.
  fileprivate func saying(without secrets: [String]) -> String {
    let parts = [code, message].filter { part in !part.isEmpty && !secrets.contains { part.contains($0) } }
    return parts.joined(separator: ", ")
  }
}

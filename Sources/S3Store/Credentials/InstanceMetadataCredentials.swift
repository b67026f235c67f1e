internal import ByteBuffers
internal import ObjectStores

/// Credentials of the role of an EC2 instance, by the second version of its metadata service.
///
///     PUT /latest/api/token                                    -> a token for the next requests
///     GET /latest/meta-data/iam/security-credentials/          -> the name of the role
///     GET /latest/meta-data/iam/security-credentials/<role>    -> the credentials
///
/// The variables are `AWS_EC2_METADATA_SERVICE_ENDPOINT`, `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE` (`IPv6`) and
/// `AWS_EC2_METADATA_DISABLED`.
struct InstanceMetadataCredentials: S3CredentialProvider {
  private static let rolePath = "/latest/meta-data/iam/security-credentials/"

  private let environment: [String: String]
  private let requests: CredentialRequests

  /// Looks for the service.
  ///
  /// - Parameters:
  ///   - environment: where the variables are.
  ///   - requests: how the service is asked.
  init(environment: [String: String], requests: CredentialRequests) {
    self.environment = environment
    self.requests = requests
  }

  var name: String { "the instance's metadata" }

  var absence: String {
    if isDisabled { return "AWS_EC2_METADATA_DISABLED is set" }
    return "\(endpoint) did not answer, or the instance has no role (in a container, the hop limit has to be 2 or more)"
  }

  private var isDisabled: Bool { environment.isTrue("AWS_EC2_METADATA_DISABLED") }

  private var endpoint: String {
    if let given = environment.nonEmpty("AWS_EC2_METADATA_SERVICE_ENDPOINT") { return given }
    let isVersion6 = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"]?.lowercased() == "ipv6"
    return isVersion6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
  }

  func credentials() async throws(ObjectStoreError) -> S3IssuedCredentials? {
    guard !isDisabled else { return nil }
    guard let address = ServiceAddress(endpoint) else {
      throw ObjectStoreError(
        .configuration,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT is no address; it looks like http://169.254.169.254."
      )
    }
    guard let token = try await token(address) else { return nil }
    let roles = try await get(Self.rolePath, address, token)
    guard let roles, let role = roles.split(whereSeparator: \.isNewline).first, !role.isEmpty else { return nil }
    guard role.utf8.count <= 256, role.utf8.allSatisfy({ 0x21...0x7e ~= $0 && $0 != UInt8(ascii: "/") }) else {
      throw ObjectStoreError(.unauthenticated, "\(endpoint) answered a role's name that no role has.")
    }
    guard let answer = try await get(Self.rolePath + PercentEncoding.path(Array(role.utf8)), address, token) else {
      throw ObjectStoreError(
        .unauthenticated,
        "\(endpoint) has no credentials for the role \(role) it named; try again."
      )
    }
    let document = try CredentialDocument(Array(answer.utf8), source: name)
    if let code = document.member("Code"), code != "Success" {
      throw ObjectStoreError(
        .unauthenticated,
        "\(endpoint) has no credentials for the role \(role): \(code). Check the role's trust and the instance profile."
      )
    }
    return try document.issued()
  }

  /// What the requests for credentials need; nil when there is no such service here.
  private func token(_ address: ServiceAddress) async throws(ObjectStoreError) -> String? {
    var request = request(.put, "/latest/api/token", address)
    request.setHeader("x-aws-ec2-metadata-token-ttl-seconds", "21600")
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await requests.send(request)
    } catch  where error.kind == .cancelled {
      throw ServiceFailure.noAnswer(error, of: endpoint, source: name)
    } catch {
      return nil
    }
    if response.status == 429 || response.status >= 500 { throw refusal(response.status) }
    // Anything else that answers there is no service of instances, or one that is switched off.
    guard response.isSuccess else { return nil }
    let bytes = response.body.array
    guard !bytes.isEmpty, bytes.count <= 4096, bytes.allSatisfy({ 0x21...0x7e ~= $0 }) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// An answer as text; nil for "not found".
  private func get(_ path: String, _ address: ServiceAddress, _ token: String) async throws(ObjectStoreError)
    -> String?
  {
    var request = request(.get, path, address)
    request.setHeader("x-aws-ec2-metadata-token", token)
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await requests.send(request)
    } catch {
      throw ServiceFailure.noAnswer(error, of: endpoint, source: name)
    }
    if response.status == 404 { return nil }
    guard response.isSuccess else { throw refusal(response.status) }
    return String(decoding: response.body.array, as: UTF8.self)
  }

  private func refusal(_ status: Int) -> ObjectStoreError {
    ServiceFailure.refusal(
      status,
      "\(endpoint) did not give credentials (status \(status)); look at the metadata options of the instance."
    )
  }

  private func request(_ method: HTTPRequest.Method, _ path: String, _ address: ServiceAddress) -> HTTPRequest {
    var base = address.path
    while base.hasSuffix("/") { base.removeLast() }
    return HTTPRequest(method: method, scheme: address.scheme, authority: address.authority, path: base + path)
  }
}

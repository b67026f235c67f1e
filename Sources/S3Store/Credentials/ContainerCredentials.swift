internal import ByteBuffers
internal import ObjectStores

/// Credentials of the service that a container was given, at ECS and EKS.
///
/// The variables are `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`, or `AWS_CONTAINER_CREDENTIALS_FULL_URI` with
/// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` or `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
struct ContainerCredentials: S3CredentialProvider {
  private static let host = "http://169.254.170.2"

  private let environment: [String: String]
  private let requests: CredentialRequests

  /// Looks for the variables.
  ///
  /// - Parameters:
  ///   - environment: where the variables are.
  ///   - requests: how the service is asked.
  init(environment: [String: String], requests: CredentialRequests) {
    self.environment = environment
    self.requests = requests
  }

  var name: String { "the container's credential service" }

  var absence: String {
    "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set"
  }

  func credentials() async throws(ObjectStoreError) -> S3IssuedCredentials? {
    guard let address = try address() else { return nil }
    var request = address.request(.get)
    request.setHeader("accept", "application/json")
    if let token = try token() { request.setHeader("authorization", token) }
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await requests.send(request)
    } catch {
      throw ServiceFailure.noAnswer(error, of: address.authority, source: name)
    }
    guard response.isSuccess else {
      throw ServiceFailure.refusal(
        response.status,
        "No credentials came from \(name) at \(address.authority) (status \(response.status)). "
          + "Check the role of the task or pod."
      )
    }
    return try CredentialDocument(response.body.array, source: name).issued()
  }

  private func address() throws(ObjectStoreError) -> ServiceAddress? {
    if let path = environment.nonEmpty("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
      guard path.hasPrefix("/"), let address = ServiceAddress(Self.host + path) else {
        throw ObjectStoreError(
          .configuration,
          "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path; it begins with a slash and has no blanks."
        )
      }
      return address
    }
    guard let uri = environment.nonEmpty("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
    guard let address = ServiceAddress(uri) else {
      throw ObjectStoreError(
        .configuration,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI is no address; it looks like http://169.254.170.23/v1/credentials."
      )
    }
    guard address.scheme == "https" || address.isLocal else {
      throw ObjectStoreError(
        .configuration,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI names \(address.host) without encryption, which is allowed only for this "
          + "machine and link-local addresses; use https."
      )
    }
    return address
  }

  private func token() throws(ObjectStoreError) -> String? {
    if let file = environment.nonEmpty("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
      return try TokenFile.read(file, source: name)
    }
    guard let token = environment.nonEmpty("AWS_CONTAINER_AUTHORIZATION_TOKEN") else { return nil }
    guard token.utf8.allSatisfy({ 0x20...0x7e ~= $0 }) else {
      throw ObjectStoreError(
        .configuration,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN has a line break or another character that no header can hold; remove it."
      )
    }
    return token
  }
}

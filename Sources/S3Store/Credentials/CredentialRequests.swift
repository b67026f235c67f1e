/// Asks a service for credentials, a few times if it does not answer.
struct CredentialRequests: Sendable {
  var client: any HTTPClient
  /// How often at most.
  var tries: Int
  /// For each answer.
  var timeout: Duration
  var usesProxy: Bool
  /// Waits between two tries.
  var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

  /// A service of this machine, which answers at once or not at all, and is never asked through a proxy.
  static func local(_ client: any HTTPClient) -> CredentialRequests {
    CredentialRequests(client: client, tries: 2, timeout: .seconds(1), usesProxy: false)
  }

  /// A service somewhere else.
  static func remote(_ client: any HTTPClient) -> CredentialRequests {
    CredentialRequests(client: client, tries: 3, timeout: .seconds(10), usesProxy: true)
  }

  /// The answer of a service; after the last try, whatever it is.
  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    var tried = 0
    while true {
      tried += 1
      do throws(HTTPError) {
        let response = try await client.send(request, timeout: timeout, usesProxy: usesProxy)
        if tried >= tries || !Self.isPassing(response.status) { return response }
      } catch {
        if tried >= tries || !Self.isPassing(error.kind) { throw error }
      }
      do {
        try await pause(.milliseconds(100 << min(tried - 1, 4)))
      } catch {
        throw HTTPError(kind: .cancelled, message: "the task was cancelled")
      }
    }
  }

  private static func isPassing(_ status: Int) -> Bool { status >= 500 || status == 429 || status == 408 }

  private static func isPassing(_ kind: HTTPError.Kind) -> Bool {
    switch kind {
    case .unreachable, .broken, .timeout: true
    case .tls, .cancelled, .invalid: false
    }
  }
}

internal import ByteBuffers

/// A request as it goes over the wire: what is encoded is encoded already.
struct HTTPRequest: Sendable {
  enum Method: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case put = "PUT"
    case post = "POST"
    case delete = "DELETE"
  }

  /// A query parameter, name and value percent-encoded.
  struct Parameter: Sendable, Hashable {
    var name: String
    /// Empty for a parameter without one, which is signed as `name=`.
    var value: String
  }

  struct Header: Sendable, Hashable {
    /// In lower case.
    var name: String
    var value: String
  }

  var method: Method
  /// `http` or `https`.
  var scheme: String
  /// Host, with the port where it is not the scheme's.
  var authority: String
  /// Begins with a slash, percent-encoded.
  var path: String
  var query: [Parameter] = []
  /// Without `host`, which is the authority.
  var headers: [Header] = []
  /// What is sent, run by run; nothing at all for an empty array.
  var body: [Bytes] = []

  /// Where to.
  var url: String {
    var url = "\(scheme)://\(authority)\(path)"
    var mark = "?"
    for parameter in query {
      url += "\(mark)\(parameter.name)=\(parameter.value)"
      mark = "&"
    }
    return url
  }

  /// Bytes of the body.
  var contentLength: Int { body.reduce(0) { $0 + $1.count } }

  /// The value of a header; nil when there is none.
  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  /// Sets a header, whether or not it is there.
  mutating func setHeader(_ name: String, _ value: String) {
    headers.removeAll { $0.name == name }
    headers.append(Header(name: name, value: value))
  }
}

/// The head of an answer, and its body unless that went elsewhere.
struct HTTPResponse: Sendable {
  var status: Int
  /// Names in lower case, in the order in which they came.
  var headers: [HTTPRequest.Header]
  /// Cut at the limit that the request was made with.
  var body: Bytes

  var isSuccess: Bool { 200..<300 ~= status }

  /// The value of a header; nil when there is none.
  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// No answer, or no whole one, arrived.
struct HTTPError: Error, Sendable {
  enum Kind: Sendable, Equatable {
    /// The name is not known, nobody listens, or the handshake failed: nothing was asked of the server.
    case unreachable
    /// The certificate, or the setting of TLS, is wrong: trying again does not help.
    case tls
    /// The connection broke off before the answer was whole.
    case broken
    /// Nothing, or too little, came for too long.
    case timeout
    case cancelled
    /// The request cannot be made at all.
    case invalid
  }

  let kind: Kind
  /// What happened, in a few words, without a secret.
  let message: String
  /// Bytes of the body that had arrived.
  var received = 0
  /// The answer whose body broke off, without the body; nil when not even its head was whole.
  var answer: HTTPResponse?
}

/// Makes single requests; what is asked for credentials is asked through this, and faked in its tests.
protocol HTTPClient: Sendable {
  /// Sends a request and waits for the whole answer.
  ///
  /// - Parameters:
  ///   - request: signed already, if it has to be.
  ///   - timeout: for all of it; nil for the client's own.
  ///   - usesProxy: whether the proxy of the settings, or of the environment, is used.
  /// - Throws: when no whole answer came; any status is an answer.
  func send(_ request: HTTPRequest, timeout: Duration?, usesProxy: Bool) async throws(HTTPError) -> HTTPResponse
}

/// What the proxy knows of a request when it decides what becomes of it.
struct ProxiedRequest: Sendable {
  /// Counted over all connections, from 1.
  let number: Int
  /// Counted from 1.
  let connection: Int
  let method: String
  /// As on the wire, without the query.
  let path: String
  /// As on the wire, empty without one.
  let query: String
  let head: MessageHead
  /// The host that a forward proxy was asked for; nil when the request was made as to the server itself.
  var forwardedTo: String?

  /// The value of a header, in any case.
  func header(_ name: String) -> String? { head[name] }

  init(number: Int, connection: Int, head: MessageHead) {
    self.number = number
    self.connection = connection
    self.head = head
    let words = head.line.split(separator: " ").map(String.init)
    method = words.first ?? ""
    let target = words.dropFirst().first ?? ""
    let mark = target.firstIndex(of: "?") ?? target.endIndex
    path = String(target[..<mark])
    query = String(target[mark...].dropFirst())
  }
}

/// An answer that the server did not give, or not so.
struct ProxiedAnswer: Sendable {
  var status: Int
  var fields: [MessageHead.Field] = []
  var body: [UInt8] = []
  /// Whether the connection is closed, and said to be.
  var closes = false
  /// Spaces before the body, but behind its XML declaration, one at a time and so far apart: what S3 does to keep a
  /// connection alive while it completes an upload.
  var spaces: (count: Int, every: Duration) = (0, .zero)

  /// An answer with a body in XML, or none.
  init(_ status: Int, _ headers: [String: String] = [:], body: String = "") {
    self.status = status
    fields = headers.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: $0.value) }
    self.body = Array(body.utf8)
    if !body.isEmpty { fields.append(.init(name: "Content-Type", value: "application/xml")) }
  }

  /// An error as S3 writes it.
  static func error(
    _ status: Int,
    _ code: String,
    _ headers: [String: String] = [:],
    elements: String = ""
  ) -> ProxiedAnswer {
    let xml = """
      <?xml version="1.0" encoding="UTF-8"?>
      <Error><Code>\(code)</Code><Message>made by the proxy</Message>\(elements)<RequestId>proxy</RequestId></Error>
      """
    return ProxiedAnswer(status, headers, body: xml)
  }

  static let internalError = error(500, "InternalError")
  /// Status 400, and still to be tried again; the connection is closed.
  static let requestTimeout = {
    var answer = error(400, "RequestTimeout")
    answer.closes = true
    return answer
  }()
  static let slowDown = error(503, "SlowDown")
  /// Success, says the status, and the body says otherwise.
  static let errorInSuccess = error(200, "InternalError")

  static func tooManyRequests(retryAfter: String) -> ProxiedAnswer {
    error(429, "TooManyRequests", ["Retry-After": retryAfter])
  }

  /// 301 or 307: the bucket is in another region.
  static func redirect(_ status: Int, region: String, location: String? = nil) -> ProxiedAnswer {
    var headers = ["x-amz-bucket-region": region]
    if let location { headers["Location"] = location }
    let code = status == 301 ? "PermanentRedirect" : "TemporaryRedirect"
    return error(status, code, headers, elements: "<Region>\(region)</Region>")
  }

  /// The client's clock is wrong; the server's is in the header `Date`, as in `Sun, 22 Nov 2026 02:00:00 GMT`.
  static func skewedClock(date: String) -> ProxiedAnswer {
    error(403, "RequestTimeTooSkewed", ["Date": date])
  }
}

/// What becomes of a request.
///
/// Numbers of bytes are those of the answer's body on the wire; they are cut so that at least one byte is missing.
enum Fault: Sendable {
  /// Passed on, and its answer passed back.
  case pass
  /// A reset as soon as the head of the request has come, which is not passed on.
  case reset
  /// An orderly end after all of the request has come, which is not passed on.
  case close
  /// Passed on; its answer is thrown away and the connection closed.
  case loseAnswer
  /// Passed on; the answer's head and so many bytes, and then a reset.
  case resetInBody(after: Int)
  /// Passed on; the answer's head and so many bytes, and then an orderly end.
  case shortBody(after: Int)
  /// Passed on; the answer's head and so many bytes, the rest after a time, or with nil at ``FaultProxy/release()``.
  case stallInBody(after: Int, for: Duration?)
  /// Passed on; the answer after a time, or with nil at ``FaultProxy/release()``.
  case delay(Duration?)
  /// Passed on and back, and then the connection is closed without notice.
  case closeAfterAnswer
  /// Not passed on, but answered by the proxy.
  case answer(ProxiedAnswer)
  /// Passed on, and the answer changed; a body is at most 64 MiB, and its length is written anew.
  case rewrite(@Sendable (inout ProxiedAnswer) -> Void)

  /// Its kind, for counting.
  var name: String {
    switch self {
    case .pass: "pass"
    case .reset: "reset"
    case .close: "close"
    case .loseAnswer: "loseAnswer"
    case .resetInBody: "resetInBody"
    case .shortBody: "shortBody"
    case .stallInBody: "stallInBody"
    case .delay: "delay"
    case .closeAfterAnswer: "closeAfterAnswer"
    case .answer(let answer): "answer\(answer.status)"
    case .rewrite: "rewrite"
    }
  }

  /// The answer with another header, or with nil without it.
  static func changingHeader(_ name: String, to value: String?) -> Fault {
    .rewrite { answer in
      answer.fields.removeAll { $0.name.lowercased() == name.lowercased() }
      if let value { answer.fields.append(.init(name: name, value: value)) }
    }
  }

  /// The answer with one bit of its body wrong.
  static func changingByte(_ offset: Int) -> Fault {
    .rewrite { answer in
      if answer.body.indices.contains(offset) { answer.body[offset] ^= 1 }
    }
  }
}

/// Which requests a fault happens to.
struct FaultRule: Sendable {
  let fault: Fault
  /// How many requests it still happens to; nil for all.
  var times: Int?
  let matches: @Sendable (ProxiedRequest) -> Bool

  init(_ fault: Fault, times: Int? = 1, where matches: @escaping @Sendable (ProxiedRequest) -> Bool = { _ in true }) {
    self.fault = fault
    self.times = times
    self.matches = matches
  }

  init(_ fault: Fault, times: Int? = 1, method: String) {
    self.init(fault, times: times) { $0.method == method }
  }
}

/// Faults at random: which requests, and what happens to them, is settled by a seed and the number of the request.
struct RandomFaults: Sendable {
  /// The share of the requests that fail, from 0 to 1.
  let share: Double
  let seed: UInt64

  func fault(_ request: ProxiedRequest) -> Fault {
    var generator = FaultGenerator(seed: seed &+ UInt64(request.number) &* 0x9E37_79B9_7F4A_7C15)
    guard Double.random(in: 0..<1, using: &generator) < share else { return .pass }
    let bytes = Int.random(in: 0...200_000, using: &generator)
    let faults: [Fault] = [
      .reset, .close, .loseAnswer, .resetInBody(after: bytes), .shortBody(after: bytes), .closeAfterAnswer,
      .answer(.internalError), .answer(.slowDown), .answer(.tooManyRequests(retryAfter: "0")),
      .answer(.requestTimeout), .delay(.milliseconds(bytes / 4000)),
    ]
    return faults.randomElement(using: &generator) ?? .pass
  }
}

/// The same numbers for the same seed (SplitMix64).
private struct FaultGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

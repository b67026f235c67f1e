import Glibc

/// One connection of a client, with the connection to the server by which its requests go on.
struct ProxyConnection {
  private static let rewriteLimit = 64 << 20

  private let proxy: FaultProxy
  private let number: Int
  private let client: LoopbackSocket
  private var reader: MessageReader
  /// Kept from request to request; nil when there is none.
  private var upstream: MessageReader?

  init(proxy: FaultProxy, number: Int, client: LoopbackSocket) {
    self.proxy = proxy
    self.number = number
    self.client = client
    reader = MessageReader(client)
  }

  /// Request after request, until one of the sides or a fault ends the connection, which is closed then.
  mutating func serve() {
    do throws(ConnectionEnded) {
      while try serveRequest() {}
    } catch {
      // Both ends are closed below, which is all that is to be done.
    }
    closeUpstream()
    client.close()
  }

  /// False when the connection is to be closed in an orderly way.
  private mutating func serveRequest() throws(ConnectionEnded) -> Bool {
    proxy.setIdle(client, true)
    guard var raw = try reader.head() else { return false }
    proxy.setIdle(client, false)
    proxy.count(fromClient: raw.count)
    var head = try MessageHead(parsing: raw)
    let name = head.takeOrigin()
    if name != nil { raw = head.bytes }
    let (request, fault) = proxy.settle(head, connection: number, forwardedTo: name)
    switch fault {
    case .reset:
      client.close(resetting: true)
      throw ConnectionEnded()
    case .close:
      try takeBody(head) { _ in }
      return false
    case .answer(let answer):
      return try reply(answer, to: request)
    default:
      guard proxy.upstreamPort != nil else { return try reply(.error(501, "NoServerBehind"), to: request) }
      try passOn(head, raw)
      return try passBack(request, fault)
    }
  }

  // MARK: To the server

  /// Takes the body of a request, for which the client may wait to be asked.
  private mutating func takeBody(
    _ head: MessageHead,
    _ emit: ([UInt8]) -> Void
  ) throws(ConnectionEnded) {
    if head["Expect"] != nil { try sendToClient(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
    let proxy = proxy
    try reader.body(head.requestFraming) { (bytes) throws(ConnectionEnded) in
      proxy.count(fromClient: bytes.count)
      emit(bytes)
    }
  }

  private mutating func passOn(_ head: MessageHead, _ raw: [UInt8]) throws(ConnectionEnded) {
    let server = try openUpstream()
    var head = head
    let expects = head["Expect"] != nil
    let whole = head
    head["Expect"] = nil
    try server.send(expects ? head.bytes : raw)
    // A server may answer, and close, before it has the whole body: its answer counts then.
    var isListening = true
    try takeBody(whole) { bytes in
      guard isListening else { return }
      do throws(ConnectionEnded) { try server.send(bytes) } catch { isListening = false }
    }
  }

  /// The connection to the server: the one there is, unless the server has closed it meanwhile.
  private mutating func openUpstream() throws(ConnectionEnded) -> LoopbackSocket {
    if let upstream, !upstream.source.hasNews(within: 0) { return upstream.source }
    closeUpstream()
    guard let port = proxy.upstreamPort else { throw ConnectionEnded() }
    let server = try LoopbackSocket.connect(to: port)
    try proxy.remember(server)
    upstream = MessageReader(server)
    return server
  }

  private mutating func closeUpstream() {
    guard let server = upstream?.source else { return }
    proxy.forget(server)
    server.close()
    upstream = nil
  }

  // MARK: To the client

  private func sendToClient(_ bytes: some Collection<UInt8>) throws(ConnectionEnded) {
    try client.send(bytes)
    proxy.count(toClient: bytes.count)
  }

  /// Takes the server's answer and gives it to the client, or what the fault makes of it.
  private mutating func passBack(_ request: ProxiedRequest, _ fault: Fault) throws(ConnectionEnded) -> Bool {
    let (raw, head) = try answerHead()
    let framing = head.answerFraming(to: request.method)
    var keeps = framing != .untilEnd && head["Connection"]?.lowercased() != "close"
    switch fault {
    case .loseAnswer:
      try upstream?.body(framing) { _ in }
      return false
    case .rewrite(let change):
      guard let body = try upstream?.wholeBody(framing, limit: Self.rewriteLimit) else { throw ConnectionEnded() }
      var answer = ProxiedAnswer(head.status)
      answer.fields = head.fields
      answer.body = body
      change(&answer)
      return try send(answer, to: request) && keeps
    case .delay(let duration):
      try proxy.hold(client, for: duration)
    case .closeAfterAnswer:
      keeps = false
    default:
      break
    }
    try sendToClient(raw)
    try copyBody(framing, fault)
    return keeps
  }

  /// The head of the final answer; those that only say to go on are kept from the client, which was told so already.
  private mutating func answerHead() throws(ConnectionEnded) -> (raw: [UInt8], head: MessageHead) {
    while true {
      guard let raw = try upstream?.head() else { throw ConnectionEnded() }
      let head = try MessageHead(parsing: raw)
      if head.status >= 200 { return (raw, head) }
    }
  }

  /// Copies a body, up to where the fault happens and, after a stall, on.
  private mutating func copyBody(_ framing: MessageHead.Framing, _ fault: Fault) throws(ConnectionEnded) {
    var left: Int? =
      switch fault {
      case .resetInBody(let bytes), .shortBody(let bytes), .stallInBody(let bytes, _): bytes
      default: nil
      }
    if case .length(let length) = framing { left = left.map { min($0, max(0, length - 1)) } }
    let (proxy, client) = (proxy, client)
    try upstream?.body(framing) { (bytes) throws(ConnectionEnded) in
      var bytes = bytes[...]
      if let until = left {
        let before = bytes.prefix(until)
        try client.send(before)
        proxy.count(toClient: before.count)
        bytes = bytes.dropFirst(before.count)
        left = until - before.count
        if !bytes.isEmpty {
          left = nil
          try Self.make(fault, proxy, client)
        }
      }
      try client.send(bytes)
      proxy.count(toClient: bytes.count)
    }
  }

  /// What happens in the middle of a body; returns when the rest of it is to follow.
  private static func make(
    _ fault: Fault,
    _ proxy: FaultProxy,
    _ client: LoopbackSocket
  ) throws(ConnectionEnded) {
    if case .stallInBody(_, let duration) = fault { return try proxy.hold(client, for: duration) }
    if case .resetInBody = fault {
      // What was sent just now is to arrive before the reset, which overtakes it.
      usleep(5000)
      client.close(resetting: true)
    }
    throw ConnectionEnded()
  }

  /// Answers in place of the server: after all of the request, or at once, and with the end of the connection, when the
  /// client waits to be asked for the body.
  private mutating func reply(_ answer: ProxiedAnswer, to request: ProxiedRequest) throws(ConnectionEnded) -> Bool {
    var answer = answer
    if request.header("Expect") == nil { try takeBody(request.head) { _ in } } else { answer.closes = true }
    return try send(answer, to: request)
  }

  private func send(_ answer: ProxiedAnswer, to request: ProxiedRequest) throws(ConnectionEnded) -> Bool {
    var head = MessageHead(line: "HTTP/1.1 \(answer.status) As-Told", fields: answer.fields)
    let isSpaced = answer.spaces.count > 0
    head["Transfer-Encoding"] = isSpaced ? "chunked" : nil
    if request.method != "HEAD" || head["Content-Length"] == nil {
      head["Content-Length"] = isSpaced ? nil : "\(answer.body.count)"
    }
    if answer.closes { head["Connection"] = "close" }
    try sendToClient(head.bytes)
    guard request.method != "HEAD" else { return !answer.closes }
    guard isSpaced else {
      try sendToClient(answer.body)
      return !answer.closes
    }
    let declaration = answer.body.starts(with: Array("<?xml".utf8)) ? (answer.body.firstIndex(of: 62) ?? -1) + 1 : 0
    try sendChunk(answer.body.prefix(declaration))
    for _ in 0..<answer.spaces.count {
      try proxy.hold(client, for: answer.spaces.every)
      try sendChunk([32])
    }
    try sendChunk(answer.body.dropFirst(declaration))
    try sendToClient(Array("0\r\n\r\n".utf8))
    return !answer.closes
  }

  private func sendChunk(_ bytes: some Collection<UInt8>) throws(ConnectionEnded) {
    guard !bytes.isEmpty else { return }
    try sendToClient(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10])
  }
}

import Foundation
import Synchronization
import Testing

@Suite("The proxy that makes faults", .timeLimit(.minutes(5)))
struct FaultProxyTests {
  /// Bytes that tell where they are.
  private static let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 31 ^ $0 >> 8) }

  /// A server that gives the content to all requests, and a proxy before it; both are stopped at the end.
  private func withProxy(
    _ rules: [FaultRule] = [],
    answer: ProxiedAnswer? = nil,
    _ body: (_ proxy: FaultProxy, _ server: FaultProxy) async throws -> Void
  ) async throws {
    let server = try FaultProxy()
    defer { server.stop() }
    var content = ProxiedAnswer(200, ["ETag": "\"e\"", "Content-Range": "bytes 0-99999/100000"])
    content.body = Self.content
    server.add(FaultRule(.answer(answer ?? content), times: nil))
    let proxy = try FaultProxy(upstream: server.endpoint)
    defer { proxy.stop() }
    for rule in rules { proxy.add(rule) }
    try await body(proxy, server)
  }

  /// Head and body of everything that came.
  private func parts(_ bytes: [UInt8]) throws -> (head: MessageHead, body: [UInt8]) {
    let mark = Array("\r\n\r\n".utf8)
    let end = try #require(bytes.indices.first { bytes[$0...].starts(with: mark) })
    return (try MessageHead(parsing: Array(bytes[..<(end + 4)])), Array(bytes[(end + 4)...]))
  }

  @Test("Requests and answers pass as they are, on one connection on either side")
  func passing() async throws {
    try await withProxy { proxy, server in
      let client = try PlainClient(proxy)
      for number in 1...3 {
        try client.ask("GET /bucket/a%20b?list-type=2&prefix=x%2Fy", "X-Odd:  two  spaces")
        #expect(client.readHead().hasPrefix("HTTP/1.1 200"))
        #expect(client.read(100_000) == Self.content)
        let request = try #require(server.requests.last)
        #expect(request.number == number && request.connection == 1)
        #expect(request.path == "/bucket/a%20b" && request.query == "list-type=2&prefix=x%2Fy")
        #expect(request.header("host") == "127.0.0.1" && request.header("x-odd") == "two  spaces")
      }
      #expect(proxy.counters.connections == 1 && proxy.counters.openConnections == 1)
      #expect(proxy.counters.faults == ["pass": 3])
      #expect(proxy.counters.bytesToClients > 300_000)
    }
  }

  @Test("Bodies of requests pass, and a client that waits to be asked for one is asked")
  func requestBodies() async throws {
    try await withProxy([FaultRule(.answer(.slowDown)) { $0.path == "/busy" }]) { proxy, server in
      let client = try PlainClient(proxy)
      try client.ask("PUT /large", "Content-Length: 3000000")
      try client.socket.send(Array(repeating: UInt8(7), count: 3_000_000))
      #expect(client.readHead().hasPrefix("HTTP/1.1 200") && client.read(100_000).count == 100_000)
      #expect(server.counters.bytesFromClients > 3_000_000)
      try client.ask("PUT /asked", "Content-Length: 5", "Expect: 100-continue")
      #expect(client.readHead() == "HTTP/1.1 100 Continue\r\n\r\n")
      try client.socket.send(Array("12345".utf8))
      #expect(client.readHead().hasPrefix("HTTP/1.1 200") && client.read(100_000).count == 100_000)
      #expect(server.requests.last?.header("Expect") == nil && server.requests.last?.header("Host") == "127.0.0.1")
      try client.ask("PUT /busy", "Content-Length: 5", "Expect: 100-continue")
      let (bytes, end) = client.readAll()
      #expect(try parts(bytes).head.status == 503 && end == .orderly && server.counters.requests == 2)
    }
  }

  @Test("A connection is reset before the request has gone on, or ended after all of it has come")
  func noAnswer() async throws {
    try await withProxy([FaultRule(.reset), FaultRule(.close)]) { proxy, server in
      for end in [PlainClient.End.reset, .orderly] {
        let client = try PlainClient(proxy)
        try client.ask("PUT /x", "Content-Length: 200000")
        if end == .orderly { try client.socket.send(Array(repeating: UInt8(0), count: 200_000)) }
        let (bytes, seen) = client.readAll()
        #expect(bytes.isEmpty && seen == end)
      }
      #expect(server.counters.requests == 0)
      #expect(try PlainClient(proxy).status("GET /x") == 200)
      #expect(proxy.counters.faults == ["reset": 1, "close": 1, "pass": 1])
    }
  }

  @Test("An answer is lost that the server has given")
  func lostAnswer() async throws {
    try await withProxy([FaultRule(.loseAnswer)]) { proxy, server in
      let client = try PlainClient(proxy)
      try client.ask("PUT /x", "Content-Length: 0")
      let (bytes, end) = client.readAll()
      #expect(bytes.isEmpty && end == .orderly && server.counters.requests == 1)
    }
  }

  @Test("A body breaks off after the bytes that were told, by a reset or in an orderly way", arguments: [0, 1, 70_000])
  func brokenBody(after count: Int) async throws {
    let rules = [FaultRule(.resetInBody(after: count)), FaultRule(.shortBody(after: count))]
    try await withProxy(rules) { proxy, _ in
      for end in [PlainClient.End.reset, .orderly] {
        let client = try PlainClient(proxy)
        try client.ask("GET /x")
        let (bytes, seen) = client.readAll()
        let (head, body) = try parts(bytes)
        #expect(head["Content-Length"] == "100000" && body == Array(Self.content.prefix(count)) && seen == end)
      }
    }
  }

  @Test("A body that is told to break off after its end lacks its last byte")
  func brokenAtTheEnd() async throws {
    try await withProxy([FaultRule(.shortBody(after: 1_000_000))]) { proxy, _ in
      let client = try PlainClient(proxy)
      try client.ask("GET /x")
      #expect(try parts(client.readAll().bytes).body.count == 99_999)
    }
  }

  @Test("A stalled body goes on when it is released or its time is over")
  func stalledBody() async throws {
    let rules = [
      FaultRule(.stallInBody(after: 500, for: nil)), FaultRule(.stallInBody(after: 500, for: .milliseconds(50))),
    ]
    try await withProxy(rules) { proxy, _ in
      for isReleased in [true, false] {
        let client = try PlainClient(proxy)
        let start = ContinuousClock.now
        try client.ask("GET /x")
        _ = client.readHead()
        #expect(client.read(500) == Array(Self.content.prefix(500)))
        if isReleased {
          #expect(!client.socket.hasNews(within: 100))
          proxy.release()
        }
        #expect(client.read(99_500) == Array(Self.content.dropFirst(500)))
        #expect(ContinuousClock.now - start >= .milliseconds(isReleased ? 100 : 50))
      }
    }
  }

  @Test("A client that goes away is forgotten at once, while its answer is held up")
  func leaving() async throws {
    try await withProxy([FaultRule(.stallInBody(after: 10, for: nil)), FaultRule(.delay(nil))]) { proxy, _ in
      for _ in 0..<2 {
        let client = try PlainClient(proxy)
        try client.ask("GET /x")
        try await soon { proxy.counters.requests > 0 && proxy.counters.openConnections == 1 }
        client.socket.close()
        try await soon { proxy.counters.openConnections == 0 }
      }
    }
  }

  @Test("An answer comes later, from a server that was asked at once")
  func delay() async throws {
    try await withProxy([FaultRule(.delay(.milliseconds(120)))]) { proxy, server in
      let client = try PlainClient(proxy)
      let start = ContinuousClock.now
      try client.ask("GET /x")
      #expect(!client.socket.hasNews(within: 60) && server.counters.requests == 1)
      #expect(client.readHead().hasPrefix("HTTP/1.1 200") && ContinuousClock.now - start >= .milliseconds(120))
    }
  }

  @Test("Answers that were told are given on a connection that is kept")
  func toldAnswers() async throws {
    let answers: [ProxiedAnswer] = [
      .internalError, .slowDown, .tooManyRequests(retryAfter: "3"), .errorInSuccess,
      .redirect(301, region: "eu-west-3"), .skewedClock(date: "Sun, 22 Nov 2026 02:00:00 GMT"), .requestTimeout,
    ]
    try await withProxy(answers.map { FaultRule(.answer($0)) }) { proxy, server in
      let client = try PlainClient(proxy)
      var heads: [MessageHead] = [], bodies: [String] = []
      for _ in answers {
        try client.ask("GET /x")
        heads.append(try MessageHead(parsing: Array(client.readHead().utf8)))
        let length = try #require(heads.last?["Content-Length"].flatMap { Int($0) })
        bodies.append(String(decoding: client.read(length), as: UTF8.self))
      }
      #expect(heads.map(\.status) == [500, 503, 429, 200, 301, 403, 400])
      #expect(heads[2]["retry-after"] == "3" && heads[4]["x-amz-bucket-region"] == "eu-west-3")
      #expect(heads[5]["date"] == "Sun, 22 Nov 2026 02:00:00 GMT" && heads[6]["connection"] == "close")
      #expect(bodies[1].contains("<Code>SlowDown</Code>") && bodies[3].contains("<Error>"))
      #expect(client.readAll() == ([], .orderly) && server.counters.requests == 0)
    }
  }

  @Test("An answer to HEAD has no body, and the length that it would have")
  func headRequest() async throws {
    try await withProxy([FaultRule(.answer(.slowDown))]) { proxy, _ in
      let client = try PlainClient(proxy)
      try client.ask("HEAD /x")
      #expect(client.readHead().contains("Content-Length: \(ProxiedAnswer.slowDown.body.count)\r\n"))
      try client.ask("HEAD /x")
      #expect(client.readHead().contains("Content-Length: 100000\r\n"))
      #expect(try client.status("GET /x") == 200)
    }
  }

  @Test("Headers and single bytes of answers are changed")
  func changedAnswers() async throws {
    let rules = [FaultRule(.changingHeader("content-range", to: "bytes 5-9/10")), FaultRule(.changingByte(777))]
    try await withProxy(rules) { proxy, _ in
      let client = try PlainClient(proxy)
      try client.ask("GET /x")
      let head = client.readHead()
      #expect(head.contains("content-range: bytes 5-9/10\r\n") && !head.contains("99999"))
      #expect(client.read(100_000) == Self.content)
      try client.ask("GET /x")
      #expect(client.readHead().contains("bytes 0-99999/100000"))
      let body = client.read(100_000)
      #expect(body.indices.filter { body[$0] != Self.content[$0] } == [777])
    }
  }

  @Test(
    "Spaces come before a body, behind its declaration; such a body passes in chunks, and is made whole for a change"
  )
  func spaces() async throws {
    var spaced = ProxiedAnswer(200, body: "<?xml version=\"1.0\"?><Result/>")
    spaced.spaces = (3, .milliseconds(10))
    try await withProxy([FaultRule(.pass), FaultRule(.changingByte(-1))], answer: spaced) { proxy, _ in
      let client = try PlainClient(proxy)
      try client.ask("POST /x", "Content-Length: 0")
      #expect(client.readHead().lowercased().contains("transfer-encoding: chunked"))
      let wire = "15\r\n<?xml version=\"1.0\"?>\r\n1\r\n \r\n1\r\n \r\n1\r\n \r\n9\r\n<Result/>\r\n0\r\n\r\n"
      #expect(String(decoding: client.read(wire.utf8.count), as: UTF8.self) == wire)
      try client.ask("POST /x", "Content-Length: 0")
      #expect(client.readHead().contains("Content-Length: 33\r\n"))
      #expect(String(decoding: client.read(33), as: UTF8.self) == "<?xml version=\"1.0\"?>   <Result/>")
    }
  }

  @Test("Connections that wait for no answer are closed without notice")
  func idleConnections() async throws {
    try await withProxy([FaultRule(.closeAfterAnswer)]) { proxy, _ in
      let told = try PlainClient(proxy)
      #expect(try told.status("GET /x") == 200)
      #expect(told.readAll() == ([], .orderly))
      let idle = try PlainClient(proxy)
      let busy = try PlainClient(proxy)
      #expect(try idle.status("GET /x") == 200)
      proxy.add(FaultRule(.delay(nil)))
      try busy.ask("GET /x")
      try await soon { proxy.counters.requests == 3 }
      proxy.closeIdleConnections()
      #expect(idle.readAll() == ([], .orderly))
      #expect(!busy.socket.hasNews(within: 50))
      proxy.release()
      #expect(busy.readHead().hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test("A proxy that is down refuses connections, and comes up on the same port")
  func downTime() async throws {
    try await withProxy { proxy, _ in
      let client = try PlainClient(proxy)
      #expect(try client.status("GET /x") == 200)
      for _ in 0..<3 {
        proxy.goDown()
        try await soon { proxy.counters.openConnections == 0 }
        #expect(throws: ConnectionEnded.self) { try PlainClient(proxy) }
        try proxy.comeUp()
        #expect(try PlainClient(proxy).status("GET /x") == 200)
      }
      #expect(client.readAll() == ([], .orderly))
    }
  }

  @Test("The first rule counts that matches and is not used up")
  func rules() async throws {
    let rules = [
      FaultRule(.answer(.slowDown), times: 2, method: "PUT"),
      FaultRule(.answer(.internalError), times: nil) { $0.query.contains("uploads") },
      FaultRule(.answer(.errorInSuccess)) { $0.number == 6 },
    ]
    try await withProxy(rules, answer: ProxiedAnswer(204)) { proxy, _ in
      let client = try PlainClient(proxy)
      let lines = ["GET /x", "PUT /x?uploads", "GET /x?uploads", "PUT /x", "PUT /x?uploads", "GET /x", "GET /x"]
      #expect(try lines.map { try client.status($0) } == [204, 503, 500, 503, 500, 200, 204])
      proxy.clearFaults()
      #expect(try client.status("PUT /x?uploads") == 204)
    }
  }
}

/// Waits until something is so that happens on another thread.
private func soon(_ condition: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async throws {
  for _ in 0..<2000 {
    if condition() { return }
    try await Task.sleep(for: .milliseconds(5))
  }
  Issue.record("it did not become so within 10 s", sourceLocation: sourceLocation)
}

@Suite("Many connections at once through the proxy", .timeLimit(.minutes(5)))
struct FaultProxyLoadTests {
  @Test("A seed settles which requests fail, about the share that was told")
  func seeds() throws {
    func faults(_ seed: UInt64) throws -> [String] {
      let faults = RandomFaults(share: 0.3, seed: seed)
      let head = MessageHead(line: "GET /x HTTP/1.1", fields: [])
      return (1...4000).map { faults.fault(ProxiedRequest(number: $0, connection: 1, head: head)).name }
    }
    let first = try faults(1)
    #expect(try faults(1) == first && faults(2) != first)
    #expect(1100...1300 ~= first.count { $0 != "pass" })
    #expect(Set(first).count == 12)
  }

  /// What sixteen threads have seen.
  private struct Tally {
    var connections = 0
    var whole = 0
    var others = 0
  }

  @Test("Sixteen connections are served at once, with faults; nothing is mixed up and nothing is left")
  func sixteen() throws {
    let seed =
      ProcessInfo.processInfo.environment["BACKFILL_TEST_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...999_999)
    print("seed of the faults: \(seed)")
    let server = try FaultProxy()
    server.add(FaultRule(.answer(ProxiedAnswer(200, body: String(repeating: "x", count: 20_000))), times: nil))
    let proxy = try FaultProxy(upstream: server.endpoint)
    proxy.failAtRandom(share: 0.3, seed: seed)
    let tally = Mutex(Tally())
    DispatchQueue.concurrentPerform(iterations: 16) { thread in
      for number in 0..<40 {
        // A new connection for each request, so that every fault is seen by one request only.
        guard let client = try? PlainClient(proxy) else { continue }
        try? client.ask("GET /\(thread)/\(number)", "Connection: close")
        let head = client.readHead()
        let isWhole = head.hasPrefix("HTTP/1.1 200") && client.read(20_000).count == 20_000
        tally.withLock { tally in
          tally.connections += 1
          if isWhole { tally.whole += 1 } else { tally.others += 1 }
        }
        client.socket.close()
      }
    }
    proxy.stop()
    server.stop()
    let seen = tally.withLock { $0 }
    let counters = proxy.counters
    let harmless = ["pass", "delay", "closeAfterAnswer"].reduce(0) { $0 + (counters.faults[$1] ?? 0) }
    #expect(seen.connections == 640 && counters.connections == 640 && counters.requests == 640)
    #expect(seen.whole == harmless && counters.openConnections == 0 && server.counters.openConnections == 0)
    #expect(counters.mostOpenConnections <= 16 + 16)
  }

  @Test("A stop ends what is held up, and all threads")
  func stopping() throws {
    let server = try FaultProxy()
    let proxy = try FaultProxy(upstream: server.endpoint)
    server.add(FaultRule(.delay(nil), times: nil))
    proxy.add(FaultRule(.delay(nil), times: nil))
    let clients = try (0..<16).map { _ in try PlainClient(proxy) }
    for client in clients { try client.ask("GET /x") }
    let start = ContinuousClock.now
    proxy.stop()
    server.stop()
    #expect(ContinuousClock.now - start < .seconds(60) && proxy.counters.openConnections == 0)
  }
}

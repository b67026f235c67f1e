import Foundation
import Synchronization

/// A proxy on loopback that does to requests and answers what a network does, and a server that is hard to come by.
///
/// Requests go on as they came, with the client's header `Host`: signatures stay right. It speaks HTTP/1.1 in plain,
/// with connections that are kept; each client's connection has a thread and at most one connection to the server.
///
/// Asked as a forward proxy, it takes every host for the server behind it: names are the proxy's to know.
///
/// What happens to a request is settled when its head has come: by the first rule that matches, else by chance, else it
/// is passed.
final class FaultProxy: Sendable {
  struct Counters: Sendable {
    var requests = 0
    /// Connections of clients, from the start.
    var connections = 0
    var openConnections = 0
    var mostOpenConnections = 0
    /// With heads.
    var bytesFromClients = 0
    var bytesToClients = 0
    /// How often each kind of fault was made, by ``Fault/name``; `pass` among them.
    var faults: [String: Int] = [:]
  }

  private struct State {
    var listener: LoopbackSocket?
    var isStopped = false
    var counters = Counters()
    var requests: [ProxiedRequest] = []
    var rules: [FaultRule] = []
    var random: RandomFaults?
    var releases = 0
    /// Sockets that are open, of clients and to the server, so that they can be interrupted.
    var sockets: [ObjectIdentifier: LoopbackSocket] = [:]
    /// The clients among them that wait for no answer.
    var idle: [ObjectIdentifier: LoopbackSocket] = [:]
  }

  /// Requests that are remembered.
  private static let memory = 20_000

  let port: UInt16
  /// The port of the server behind; nil for none, when all that is not answered by a rule gets a 501.
  let upstreamPort: UInt16?
  private let state = Mutex(State())
  private let threads = DispatchGroup()

  /// Starts to listen.
  ///
  /// - Parameter upstream: the server behind, `http://127.0.0.1:PORT`.
  init(upstream: String? = nil) throws {
    upstreamPort = try upstream.map { text in
      guard let port = URL(string: text)?.port.flatMap(UInt16.init(exactly:)) else { throw ConnectionEnded() }
      return port
    }
    // Below the ports that the kernel gives to others, so that the port can be had again after it was given up.
    for _ in 0..<200 {
      let port = UInt16.random(in: 20_000..<32_000)
      guard let listener = LoopbackSocket.listen(on: port) else { continue }
      self.port = port
      listen(listener)
      return
    }
    throw ConnectionEnded()
  }

  var endpoint: String { "http://127.0.0.1:\(port)" }
  var counters: Counters { state.withLock { $0.counters } }
  /// The requests that came, the last ones.
  var requests: [ProxiedRequest] { state.withLock { $0.requests } }

  // MARK: What is to happen

  /// Adds a rule behind those there are.
  func add(_ rule: FaultRule) {
    state.withLock { $0.rules.append(rule) }
  }

  /// Makes requests fail at random that no rule matches.
  func failAtRandom(share: Double, seed: UInt64) {
    state.withLock { $0.random = RandomFaults(share: share, seed: seed) }
  }

  /// From now on all requests are passed.
  func clearFaults() {
    state.withLock { state in
      state.rules = []
      state.random = nil
    }
  }

  /// Lets everything go on that is held up now.
  func release() {
    state.withLock { $0.releases += 1 }
  }

  /// Closes the connections that wait for no answer.
  func closeIdleConnections() {
    for socket in state.withLock({ $0.idle.values.map { $0 } }) { socket.interrupt() }
  }

  /// Ends all connections and refuses new ones.
  func goDown() {
    let (listener, sockets) = state.withLock { state in
      defer { state.listener = nil }
      return (state.listener, state.sockets.values.map { $0 })
    }
    listener?.interrupt()
    for socket in sockets { socket.interrupt() }
  }

  /// Takes connections again, on the same port.
  func comeUp() throws {
    for _ in 0..<500 {
      if let listener = LoopbackSocket.listen(on: port) { return listen(listener) }
      usleep(10_000)
    }
    throw ConnectionEnded()
  }

  /// Ends all connections, and returns when no thread is left.
  func stop() {
    state.withLock { $0.isStopped = true }
    goDown()
    threads.wait()
  }

  // MARK: Threads

  private func listen(_ listener: LoopbackSocket) {
    let isStopped = state.withLock { state in
      if !state.isStopped { state.listener = listener }
      return state.isStopped
    }
    guard !isStopped else { return listener.close() }
    startThread { proxy in
      while let client = listener.accept() { proxy.take(client) }
      listener.close()
    }
  }

  private func take(_ client: LoopbackSocket) {
    let number: Int? = state.withLock { state in
      guard state.listener != nil else { return nil }
      state.sockets[ObjectIdentifier(client)] = client
      state.counters.connections += 1
      state.counters.openConnections += 1
      state.counters.mostOpenConnections = max(state.counters.mostOpenConnections, state.counters.openConnections)
      return state.counters.connections
    }
    guard let number else { return client.close() }
    startThread { proxy in
      var connection = ProxyConnection(proxy: proxy, number: number, client: client)
      connection.serve()
      proxy.forget(client)
      proxy.state.withLock { $0.counters.openConnections -= 1 }
    }
  }

  private func startThread(_ body: @escaping @Sendable (FaultProxy) -> Void) {
    threads.enter()
    Thread.detachNewThread {
      body(self)
      self.threads.leave()
    }
  }

  // MARK: For the connections

  /// Counts a request and settles what happens to it.
  func settle(_ head: MessageHead, connection: Int, forwardedTo host: String?) -> (ProxiedRequest, Fault) {
    state.withLock { state in
      state.counters.requests += 1
      var request = ProxiedRequest(number: state.counters.requests, connection: connection, head: head)
      request.forwardedTo = host
      if state.requests.count >= Self.memory { state.requests.removeFirst(Self.memory / 2) }
      state.requests.append(request)
      var fault = state.random?.fault(request) ?? .pass
      if let index = state.rules.firstIndex(where: { $0.times != 0 && $0.matches(request) }) {
        fault = state.rules[index].fault
        if let times = state.rules[index].times { state.rules[index].times = times - 1 }
      }
      state.counters.faults[fault.name, default: 0] += 1
      return (request, fault)
    }
  }

  func count(fromClient: Int = 0, toClient: Int = 0) {
    state.withLock { state in
      state.counters.bytesFromClients += fromClient
      state.counters.bytesToClients += toClient
    }
  }

  /// Remembers a socket to the server, unless everything is ending.
  func remember(_ socket: LoopbackSocket) throws(ConnectionEnded) {
    let isDown = state.withLock { state in
      if state.listener != nil { state.sockets[ObjectIdentifier(socket)] = socket }
      return state.listener == nil
    }
    if isDown { throw ConnectionEnded() }
  }

  func forget(_ socket: LoopbackSocket) {
    state.withLock { state in
      state.sockets[ObjectIdentifier(socket)] = nil
      state.idle[ObjectIdentifier(socket)] = nil
    }
  }

  func setIdle(_ client: LoopbackSocket, _ isIdle: Bool) {
    state.withLock { $0.idle[ObjectIdentifier(client)] = isIdle ? client : nil }
  }

  /// Waits, with nil until ``release()``; less long when the client has gone away or everything ends.
  func hold(_ client: LoopbackSocket, for duration: Duration?) throws(ConnectionEnded) {
    let deadline = duration.map { ContinuousClock.now + $0 }
    let releases = state.withLock { $0.releases }
    while true {
      let (isDown, isReleased) = state.withLock { ($0.listener == nil, $0.releases != releases) }
      if isDown { throw ConnectionEnded() }
      let left = deadline.map { $0 - ContinuousClock.now } ?? .milliseconds(5)
      guard !isReleased, left > .zero else { return }
      let slice = max(1, min(5, Int32(left / .milliseconds(1))))
      if client.hasNews(within: slice, closingOnly: true) { throw ConnectionEnded() }
    }
  }
}

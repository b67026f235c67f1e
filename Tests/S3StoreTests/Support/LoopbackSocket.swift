import Glibc
import Synchronization

/// The other side has gone away, or sent what is no HTTP, or the proxy has ended the connection itself.
struct ConnectionEnded: Error {}

/// A TCP socket on loopback that blocks, used by one thread and interrupted by others.
final class LoopbackSocket: Sendable {
  /// Only the thread that uses the socket closes it, so it is open whenever that thread reads it.
  let descriptor: Int32
  private let isClosed = Mutex(false)

  init(descriptor: Int32) {
    self.descriptor = descriptor
    var yes: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit {
    close()
  }

  /// Connects.
  ///
  /// - Parameters:
  ///   - port: on 127.0.0.1.
  ///   - patience: seconds after which reading ends with an error; none by default.
  static func connect(to port: UInt16, patience: Int = 0) throws(ConnectionEnded) -> LoopbackSocket {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw ConnectionEnded() }
    let connection = LoopbackSocket(descriptor: descriptor)
    var time = timeval(tv_sec: patience, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    let code = withLoopbackAddress(port) { Glibc.connect(descriptor, $0, $1) }
    guard code == 0 else { throw ConnectionEnded() }
    return connection
  }

  /// Listens on a port; nil when it is taken.
  ///
  /// - Parameters:
  ///   - port: on 127.0.0.1; 0 for any.
  ///   - backlog: connections that wait to be taken.
  static func listen(on port: UInt16, backlog: Int32 = 256) -> LoopbackSocket? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    let listener = LoopbackSocket(descriptor: descriptor)
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard withLoopbackAddress(port, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, backlog) == 0 else {
      return nil
    }
    return listener
  }

  /// The port at this end; nil when it is not open.
  var port: UInt16? {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    return code == 0 ? UInt16(bigEndian: address.sin_port) : nil
  }

  /// Begins to connect, and tells whether that succeeds within some milliseconds; the socket stays open either way.
  static func begin(connectionTo port: UInt16, within milliseconds: Int32) throws(ConnectionEnded) -> (
    socket: LoopbackSocket, isConnected: Bool
  ) {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_INET, kind, 0)
    guard descriptor >= 0 else { throw ConnectionEnded() }
    let connection = LoopbackSocket(descriptor: descriptor)
    if withLoopbackAddress(port, { Glibc.connect(descriptor, $0, $1) }) == 0 { return (connection, true) }
    guard errno == EINPROGRESS else { throw ConnectionEnded() }
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return (connection, poll(&entry, 1, milliseconds) > 0)
  }

  /// The next connection; nil when there will be no more.
  func accept() -> LoopbackSocket? {
    while true {
      let accepted = Glibc.accept(descriptor, nil, nil)
      if accepted >= 0 {
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        return LoopbackSocket(descriptor: accepted)
      }
      guard errno == EINTR || errno == ECONNABORTED else { return nil }
    }
  }

  /// What has arrived, at most `limit` bytes, waiting for the first; nothing at the end.
  func receive(_ limit: Int = 65_536) throws(ConnectionEnded) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    var count: Int
    repeat { count = recv(descriptor, &bytes, limit, 0) } while count < 0 && errno == EINTR
    guard count >= 0 else { throw ConnectionEnded() }
    bytes.removeLast(limit - count)
    return bytes
  }

  func send(_ bytes: some Collection<UInt8>) throws(ConnectionEnded) {
    let bytes = Array(bytes)
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { raw in
        Glibc.send(descriptor, raw.baseAddress.map { $0 + sent }, raw.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw ConnectionEnded() }
      sent += count
    }
  }

  /// Whether the other side has closed, or broken, the connection, or sent something, within some milliseconds.
  func hasNews(within milliseconds: Int32, closingOnly: Bool = false) -> Bool {
    let closing: Int16 = 0x2000  // POLLRDHUP, which is not imported
    var entry = pollfd(fd: descriptor, events: closingOnly ? closing : closing | Int16(POLLIN), revents: 0)
    return poll(&entry, 1, milliseconds) > 0
  }

  /// Makes the thread that waits for the socket find its end; from any thread.
  func interrupt() {
    isClosed.withLock { if !$0 { shutdown(descriptor, Int32(SHUT_RDWR)) } }
  }

  /// Closes.
  ///
  /// - Parameter resetting: whether the other side gets a reset in place of an orderly end.
  func close(resetting: Bool = false) {
    isClosed.withLock { isClosed in
      guard !isClosed else { return }
      isClosed = true
      var option = linger(l_onoff: resetting ? 1 : 0, l_linger: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
      Glibc.close(descriptor)
    }
  }
}

private func withLoopbackAddress(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
  }
}

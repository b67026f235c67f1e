import Glibc

/// A client that writes bytes and reads bytes, and sees how a connection ends; it waits 20 s at most.
struct PlainClient {
  enum End: Equatable {
    case orderly
    case reset
    /// Nothing came any more within the time.
    case silence
  }

  let socket: LoopbackSocket

  init(_ proxy: FaultProxy) throws {
    socket = try LoopbackSocket.connect(to: proxy.port, patience: 20)
  }

  /// Asks without a body.
  func ask(_ line: String, _ headers: String...) throws {
    let text = ([line + " HTTP/1.1", "Host: 127.0.0.1"] + headers).joined(separator: "\r\n")
    try socket.send(Array((text + "\r\n\r\n").utf8))
  }

  /// So many bytes, or fewer at an end.
  func read(_ count: Int) -> [UInt8] {
    guard count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: count)
    let got = recv(socket.descriptor, &bytes, count, Int32(MSG_WAITALL))
    return Array(bytes.prefix(max(0, got)))
  }

  /// A head, which is text, up to the empty line.
  func readHead() -> String {
    var head: [UInt8] = []
    while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
      guard let byte = read(1).first else { break }
      head.append(byte)
    }
    return String(decoding: head, as: UTF8.self)
  }

  /// Everything up to the end of the connection, and what end that was.
  func readAll() -> (bytes: [UInt8], end: End) {
    var all: [UInt8] = []
    while true {
      var bytes = [UInt8](repeating: 0, count: 65_536)
      let got = recv(socket.descriptor, &bytes, bytes.count, 0)
      if got < 0 { return (all, errno == ECONNRESET ? .reset : .silence) }
      if got == 0 { return (all, .orderly) }
      all += bytes.prefix(got)
    }
  }

  /// The status in the first line of the answer to a request without a body, whose body is taken and left.
  func status(_ line: String) throws -> Int {
    try ask(line)
    let head = try MessageHead(parsing: Array(readHead().utf8))
    _ = read(head["Content-Length"].flatMap { Int($0) } ?? 0)
    return head.status
  }
}

/// A port of this machine where connecting neither succeeds nor fails: so many wait there to be taken that the kernel
/// answers no more.
final class FullListener: Sendable {
  let port: UInt16
  private let sockets: [LoopbackSocket]

  init() throws(ConnectionEnded) {
    guard let listener = LoopbackSocket.listen(on: 0, backlog: 0), let port = listener.port else {
      throw ConnectionEnded()
    }
    var sockets = [listener]
    var isFull = false
    while !isFull, sockets.count < 64 {
      let (socket, isConnected) = try LoopbackSocket.begin(connectionTo: port, within: 200)
      sockets.append(socket)
      isFull = !isConnected
    }
    guard isFull else { throw ConnectionEnded() }
    self.port = port
    self.sockets = sockets
  }

  func close() {
    for socket in sockets { socket.close() }
  }
}

internal import CCurl
internal import ObjectStores
internal import Synchronization

/// Runs transfers on libcurl: one thread owns the multi handle and everything in it, others only leave commands.
///
///     caller    start, cancel, resume -> commands, bell
///     thread    commands -> wait for sockets, timer and bell -> what has ended
final class CurlEngine: Sendable {
  private enum Command {
    case start(Transfer)
    case cancel(Transfer)
    case resume(Transfer)
  }

  private struct Inbox {
    var commands: [Command] = []
    /// Whether the thread waits, so that it has to be woken for a command.
    var isAsleep = false
  }

  /// What counts, for those who look for leaks.
  struct Counts: Sendable, Equatable {
    /// Transfers that were begun and have not ended.
    var active = 0
    /// Transfers that were begun.
    var started = 0
    /// Transfers that needed a new connection.
    var connected = 0
  }

  /// The engine of the process; its thread begins with the first request.
  static let shared: CurlEngine = {
    let engine = CurlEngine()
    engine.begin()
    return engine
  }()

  private let inbox = Mutex(Inbox())
  private let counted = Mutex(Counts())
  private nonisolated(unsafe) let multi: UnsafeMutableRawPointer?
  private let sockets: SocketPoll?
  private let isRunning = Mutex(false)

  /// Idle connections that are kept.
  private static let keptConnections = 256
  /// Handles that no transfer uses and that are kept.
  private static let keptHandles = 128

  private init() {
    curl_global_init(Int(CURL_GLOBAL_ALL))
    multi = curl_multi_init()
    sockets = SocketPoll()
    curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, CurlEngine.keptConnections)
  }

  /// Starts the thread, which lasts as long as the process, and the engine with it.
  private func begin() {
    guard multi != nil, let sockets else { return }
    sockets.attach(to: multi)
    let code = DetachedThread.start { self.run(sockets) }
    isRunning.withLock { $0 = code == 0 }
  }

  var counts: Counts { counted.withLock { $0 } }

  func start(_ transfer: Transfer) {
    guard isRunning.withLock({ $0 }) else {
      return transfer.finish(HTTPError(kind: .invalid, message: "no thread could be made for the network"))
    }
    leave(.start(transfer))
  }

  func cancel(_ transfer: Transfer) {
    leave(.cancel(transfer))
  }

  /// Goes on with a transfer whose reader has room again.
  func resume(_ transfer: Transfer) {
    leave(.resume(transfer))
  }

  private func leave(_ command: Command) {
    let wakes = inbox.withLock { inbox in
      inbox.commands.append(command)
      defer { inbox.isAsleep = false }
      return inbox.isAsleep
    }
    if wakes { sockets?.ring() }
  }

  // MARK: - The thread

  private func run(_ sockets: SocketPoll) {
    var free: [CurlHandle] = []
    var left: [Command] = []
    while true {
      left.removeAll(keepingCapacity: true)
      inbox.withLock { inbox in
        swap(&left, &inbox.commands)
        inbox.isAsleep = left.isEmpty
      }
      for command in left { perform(command, &free) }
      sockets.turn(multi, isBusy: !left.isEmpty)
      var waiting: Int32 = 0
      while let message = curl_multi_info_read(multi, &waiting) {
        guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
        if let handle = CurlHandle.of(easy) { end(handle, curl_message_result(message), &free) }
      }
    }
  }

  private func perform(_ command: Command, _ free: inout [CurlHandle]) {
    switch command {
    case .start(let transfer):
      guard !transfer.isCancelled else { return transfer.finish(CurlEngine.cancelled) }
      guard let handle = free.popLast() ?? CurlHandle(), handle.prepare(transfer) else {
        return transfer.finish(HTTPError(kind: .invalid, message: "the request cannot be made"))
      }
      transfer.handle = handle
      counted.withLock { counts in
        counts.started += 1
        counts.active += 1
      }
      curl_multi_add_handle(multi, handle.easy)
    case .cancel(let transfer):
      transfer.isCancelled = true
      guard let handle = transfer.handle else { return }
      remove(handle, transfer, &free)
      transfer.finish(CurlEngine.cancelled)
    case .resume(let transfer):
      if let handle = transfer.handle { curl_easy_pause(handle.easy, CURLPAUSE_CONT) }
    }
  }

  private func end(_ handle: CurlHandle, _ code: CURLcode, _ free: inout [CurlHandle]) {
    guard let transfer = handle.transfer else { return }
    var connected = 0
    curl_get_long(handle.easy, CURLINFO_NUM_CONNECTS, &connected)
    if connected > 0 { counted.withLock { $0.connected += 1 } }
    let error = code == CURLE_OK ? nil : handle.error(code)
    remove(handle, transfer, &free)
    transfer.finish(error)
  }

  /// Parts a handle from its transfer and keeps it for another.
  private func remove(_ handle: CurlHandle, _ transfer: Transfer, _ free: inout [CurlHandle]) {
    curl_multi_remove_handle(multi, handle.easy)
    counted.withLock { $0.active -= 1 }
    handle.finish()
    transfer.handle = nil
    if free.count < CurlEngine.keptHandles { free.append(handle) }
  }

  private static let cancelled = HTTPError(kind: .cancelled, message: "the request was cancelled")
}

internal import CCurl
internal import ObjectStores
internal import Synchronization

/// Runs transfers on libcurl: one thread owns the multi handle and everything in it, others only leave commands.
///
///     caller    start, cancel, resume -> commands, wakeup
///     thread    commands -> perform -> what has ended -> poll
final class CurlEngine: Sendable {
  private enum Command {
    case start(Transfer)
    case cancel(Transfer)
    case resume(Transfer)
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

  private let commands = Mutex<[Command]>([])
  private let counted = Mutex(Counts())
  private nonisolated(unsafe) let multi: UnsafeMutableRawPointer?
  private let isRunning = Mutex(false)

  /// Idle connections that are kept.
  private static let keptConnections = 256

  private init() {
    curl_global_init(Int(CURL_GLOBAL_ALL))
    multi = curl_multi_init()
    curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, CurlEngine.keptConnections)
  }

  /// Starts the thread, which lasts as long as the process, and the engine with it.
  private func begin() {
    guard multi != nil else { return }
    let code = DetachedThread.start { self.run() }
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
    let isFirst = commands.withLock { commands in
      commands.append(command)
      return commands.count == 1
    }
    if isFirst { curl_multi_wakeup(multi) }
  }

  // MARK: - The thread

  private func run() {
    var handles = CurlHandles()
    while true {
      let left = commands.withLock { commands in
        defer { commands.removeAll(keepingCapacity: true) }
        return commands
      }
      for command in left { perform(command, &handles) }
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      var waiting: Int32 = 0
      while let message = curl_multi_info_read(multi, &waiting) {
        guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
        end(easy, curl_message_result(message), &handles)
      }
      curl_multi_poll(multi, nil, 0, 60_000, nil)
    }
  }

  private func perform(_ command: Command, _ handles: inout CurlHandles) {
    switch command {
    case .start(let transfer):
      guard !transfer.isCancelled else { return transfer.finish(CurlEngine.cancelled) }
      guard let easy = handles.prepare(transfer) else {
        return transfer.finish(HTTPError(kind: .invalid, message: "the request cannot be made"))
      }
      counted.withLock { counts in
        counts.started += 1
        counts.active += 1
      }
      curl_multi_add_handle(multi, easy)
    case .cancel(let transfer):
      transfer.isCancelled = true
      guard let easy = handles.easy(of: transfer) else { return }
      curl_multi_remove_handle(multi, easy)
      counted.withLock { $0.active -= 1 }
      handles.release(easy)
      transfer.finish(CurlEngine.cancelled)
    case .resume(let transfer):
      if let easy = handles.easy(of: transfer) { curl_easy_pause(easy, CURLPAUSE_CONT) }
    }
  }

  private func end(_ easy: UnsafeMutableRawPointer, _ code: CURLcode, _ handles: inout CurlHandles) {
    curl_multi_remove_handle(multi, easy)
    var connected = 0
    curl_get_long(easy, CURLINFO_NUM_CONNECTS, &connected)
    counted.withLock { counts in
      counts.active -= 1
      if connected > 0 { counts.connected += 1 }
    }
    let error = code == CURLE_OK ? nil : handles.error(easy, code)
    handles.release(easy)?.finish(error)
  }

  private static let cancelled = HTTPError(kind: .cancelled, message: "the request was cancelled")
}

internal import CCurl
internal import CLinux
internal import Glibc

/// Waits for libcurl's sockets, for its timer, and for the bell that other threads ring.
///
/// Only the engine's thread calls it, but for ``ring()``.
final class SocketPoll: @unchecked Sendable {
  // Sendable: only `bell`, which does not vary, is touched by other threads.

  private let poll: Int32
  private let bell: Int32
  private var events = [epoll_event](repeating: epoll_event(), count: 64)
  /// Sockets that libcurl wants to hear of now.
  private var wanted: Set<Int32> = []
  /// When libcurl wants to be called without an event, in nanoseconds; nil for never.
  private var deadline: Int64?

  /// Fails where the system has no more files for this process.
  init?() {
    poll = epoll_create1(Int32(EPOLL_CLOEXEC))
    bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard poll >= 0, bell >= 0 else {
      close(poll)
      close(bell)
      return nil
    }
    // Edge-triggered: each ring is told once, and nobody has to read the bell.
    var event = epoll_event(events: EPOLLIN.rawValue | EPOLLET.rawValue, data: epoll_data(fd: bell))
    epoll_ctl(poll, EPOLL_CTL_ADD, bell, &event)
  }

  deinit {
    close(poll)
    close(bell)
  }

  /// Has libcurl tell what it waits for.
  func attach(to multi: UnsafeMutableRawPointer?) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    curl_multi_set_socket_function(
      multi,
      { _, socket, wish, context, _ in
        if let context { Unmanaged<SocketPoll>.fromOpaque(context).takeUnretainedValue().want(socket, wish) }
        return 0
      },
      context
    )
    curl_multi_set_timer_function(
      multi,
      { _, milliseconds, context in
        if let context { Unmanaged<SocketPoll>.fromOpaque(context).takeUnretainedValue().setTimer(milliseconds) }
        return 0
      },
      context
    )
  }

  /// Ends the wait of the engine's thread, or the next one.
  func ring() {
    eventfd_write(bell, 1)
  }

  /// Waits and calls libcurl for all that has happened; returns at once if `isBusy`.
  func turn(_ multi: UnsafeMutableRawPointer?, isBusy: Bool) {
    var running: Int32 = 0
    let count = epoll_wait(poll, &events, Int32(events.count), isBusy ? 0 : patience)
    for event in events.prefix(max(0, Int(count))) where event.data.fd != bell {
      let socket = event.data.fd
      if wanted.contains(socket) {
        curl_multi_socket_action(multi, socket, SocketPoll.action(event.events), &running)
      } else {
        // A connection that is kept for later and was closed by the server: libcurl sees that when it wants it again.
        epoll_ctl(poll, EPOLL_CTL_DEL, socket, nil)
      }
    }
    if let deadline, deadline <= SocketPoll.now() {
      self.deadline = nil
      curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
    }
  }

  // MARK: - What libcurl wants

  /// A connection between two requests stays registered, since most are used again at once.
  private func want(_ socket: Int32, _ wish: Int32) {
    guard wish != CURL_POLL_REMOVE else {
      wanted.remove(socket)
      return
    }
    wanted.insert(socket)
    var mask: UInt32 = 0
    if wish & CURL_POLL_IN != 0 { mask |= EPOLLIN.rawValue }
    if wish & CURL_POLL_OUT != 0 { mask |= EPOLLOUT.rawValue }
    var event = epoll_event(events: mask, data: epoll_data(fd: socket))
    // The number may be that of a socket that was closed meanwhile, of which the system knows nothing any more.
    if epoll_ctl(poll, EPOLL_CTL_MOD, socket, &event) != 0 { epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event) }
  }

  private func setTimer(_ milliseconds: Int) {
    deadline = milliseconds < 0 ? nil : SocketPoll.now() + Int64(milliseconds) * 1_000_000
  }

  // MARK: - Time

  /// Milliseconds to wait at most.
  private var patience: Int32 {
    guard let deadline else { return 60_000 }
    let left = deadline - SocketPoll.now()
    return left <= 0 ? 0 : Int32(clamping: min((left + 999_999) / 1_000_000, 60_000))
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  private static func action(_ events: UInt32) -> Int32 {
    var action: Int32 = 0
    if events & (EPOLLIN.rawValue | EPOLLHUP.rawValue) != 0 { action |= CURL_CSELECT_IN }
    if events & EPOLLOUT.rawValue != 0 { action |= CURL_CSELECT_OUT }
    if events & EPOLLERR.rawValue != 0 { action |= CURL_CSELECT_ERR }
    return action
  }
}

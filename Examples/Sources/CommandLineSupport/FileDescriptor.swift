internal import Glibc

/// What stood at the other end of a pipe went away; the program ends without a word.
struct BrokenPipe: Error {}

/// Standard output or standard error, as far as programs need them.
enum FileDescriptor: Int32 {
  case output = 1
  case error = 2

  /// Whether a person is looking.
  var isTerminal: Bool { isatty(rawValue) == 1 }

  /// Columns of the terminal; 80 when they are not known.
  var columns: Int {
    var size = winsize()
    guard ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes all bytes.
  func write(_ bytes: borrowing [UInt8]) throws {
    try bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let part = UnsafeRawBufferPointer(rebasing: rest)
        let written = Glibc.write(rawValue, part.baseAddress, part.count)
        if written > 0 {
          rest = rest.dropFirst(written)
        } else if errno == EPIPE {
          throw BrokenPipe()
        } else if errno != EINTR {
          let reason = String(cString: strerror(errno))
          throw ProgramFailure(.environment, code: "output", "Standard output cannot be written: \(reason).")
        }
      }
    }
  }
}

internal import Glibc

/// A file that is read whole, because it is small: a token, a profile.
enum SmallFile {
  /// Why a file was not read.
  enum Failure: Error, Equatable {
    case absent
    /// In the kernel's words, or ours.
    case unreadable(String)
  }

  /// Reads a plain file.
  ///
  /// - Parameters:
  ///   - path: links are followed, as tokens are put in place by them.
  ///   - limit: bytes at most.
  static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
    // Without waiting for the other end of a pipe.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard file >= 0 else { throw failure(errno) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable("it is no plain file") }
    var content: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(file, &block, block.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(errno) }
      guard count > 0 else { return content }
      content += block[..<count]
      guard content.count <= limit else { throw .unreadable("it is longer than \(limit) bytes") }
    }
  }

  private static func failure(_ code: CInt) -> Failure {
    code == ENOENT || code == ENOTDIR ? .absent : .unreadable(ErrorText.of(code))
  }
}

/// The kernel's words.
enum ErrorText {
  /// What an error number means.
  static func of(_ code: CInt) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

internal import Glibc
internal import ObjectStores
internal import Synchronization

/// A program that prints credentials, run without a shell.
///
/// It runs in a process group of its own, without input, and what it says on standard error goes where ours goes.
final class CredentialProcess: Sendable {
  private static let longestOutput = 65_536

  private let command: String
  private let environment: [String: String]
  private let source: String
  private let seconds: Int
  private let isCancelled = Atomic(false)

  /// Takes a command.
  ///
  /// - Parameters:
  ///   - command: the program and its arguments, quoted where need be.
  ///   - environment: what the program gets.
  ///   - source: what messages call it.
  ///   - seconds: after which it is ended.
  init(_ command: String, environment: [String: String], source: String, seconds: Int = 60) {
    self.command = command
    self.environment = environment
    self.source = source
    self.seconds = seconds
  }

  /// What the program printed, if it ended well.
  func output() async throws(ObjectStoreError) -> [UInt8] {
    guard let words = CommandWords.split(command) else {
      throw failure("has no program, or a quote that does not end; mend it")
    }
    let result: Result<[UInt8], ObjectStoreError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let code = DetachedThread.start {
          do throws(ObjectStoreError) {
            continuation.resume(returning: .success(try self.run(words)))
          } catch {
            continuation.resume(returning: .failure(error))
          }
        }
        guard code != 0 else { return }
        continuation.resume(returning: .failure(self.failure("could not be run, for want of a thread; try again")))
      }
    } onCancel: {
      isCancelled.store(true, ordering: .relaxed)
    }
    return try result.get()
  }

  private func failure(_ what: String) -> ObjectStoreError {
    // Not the command: its arguments may be secrets.
    ObjectStoreError(.unauthenticated, "\(source.prefix(1).uppercased())\(source.dropFirst()) \(what).")
  }

  // MARK: - On the thread

  private func run(_ words: [String]) throws(ObjectStoreError) -> [UInt8] {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { throw failure("could not be run: \(ErrorText.of(errno))") }
    defer { close(ends[0]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var child = Child(process: try spawn(words, output: ends[1]))
    defer { child.end() }
    let deadline = Self.now() + seconds
    let output = try read(ends[0], of: &child, until: deadline)
    while child.status == nil {
      try checkTime(deadline)
      usleep(2000)
      child.look()
    }
    try check(child.status ?? 0)
    return output
  }

  /// A process that was started, and how it ended.
  private struct Child {
    let process: pid_t
    private(set) var status: CInt?

    /// Takes note if it has ended.
    mutating func look() {
      var status: CInt = 0
      if self.status == nil, waitpid(process, &status, WNOHANG) != 0 { self.status = status }
    }

    /// Ends it if it has not ended, with all that it started, so that none is left.
    mutating func end() {
      guard status == nil else { return }
      kill(-process, SIGKILL)
      var status: CInt = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      self.status = status
    }
  }

  /// Starts the program and closes our side of its output.
  private func spawn(_ words: [String], output: CInt) throws(ObjectStoreError) -> pid_t {
    defer { close(output) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)
    let arguments = words.map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var process: pid_t = 0
    let code = posix_spawnp(&process, words[0], &actions, &attributes, arguments, variables)
    guard code == 0 else {
      throw failure("could not be run: \(ErrorText.of(code)). Check that the program is there")
    }
    return process
  }

  /// All output, up to its end or that of the program: what the program left running may hold the pipe for ever.
  private func read(_ file: CInt, of child: inout Child, until deadline: Int) throws(ObjectStoreError) -> [UInt8] {
    var content: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4096)
    while true {
      try checkTime(deadline)
      let hasEnded = child.status != nil
      var state = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
      guard poll(&state, 1, hasEnded ? 0 : 20) > 0 else {
        if hasEnded { return content }
        child.look()
        continue
      }
      let count = Glibc.read(file, &block, block.count)
      guard count > 0 else {
        if count < 0, errno == EINTR { continue }
        return content
      }
      content += block[..<count]
      guard content.count <= Self.longestOutput else {
        throw failure("printed more than \(Self.longestOutput) bytes; it has to print credentials and nothing else")
      }
    }
  }

  private func check(_ status: CInt) throws(ObjectStoreError) {
    // The low seven bits are the signal, the byte above the exit code.
    guard status & 0x7f == 0 else { throw failure("was ended by signal \(status & 0x7f); run it by hand to see why") }
    let code = status >> 8 & 0xff
    guard code == 0 else { throw failure("ended with exit code \(code); run it by hand to see why") }
  }

  private func checkTime(_ deadline: Int) throws(ObjectStoreError) {
    if isCancelled.load(ordering: .relaxed) {
      throw ObjectStoreError(.cancelled, "The task was cancelled while credentials were fetched.")
    }
    if Self.now() > deadline { throw failure("did not end within \(seconds) s; run it by hand to see why") }
  }

  private static func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec
  }
}

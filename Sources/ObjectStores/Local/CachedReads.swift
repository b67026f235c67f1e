internal import Synchronization

/// Opens and reads what the kernel has in its memory, on the calling thread and without waiting for anything.
///
/// A hop to a thread that may wait costs several times what opening and reading a small file does. So the kernel is
/// asked first for what it can give at once; whatever it answers that is not known to be final is asked again on such
/// a thread, in the way that may wait. Final is that an object is there, or that none is.
final class CachedReads: Sendable {
  /// What is known of an object without waiting.
  enum Opening {
    case found(Descriptor, FileStatus)
    /// There is none, or something that is not a plain file.
    case absent
    case unknown
  }

  private let root: Descriptor
  private let mayOpen: Atomic<Bool>
  private let mayRead: Atomic<Bool>

  /// Looks at the root's file system once; on some, opening a file always waits.
  init(_ root: Descriptor, isWanted: Bool) {
    self.root = root
    let isPossible = isWanted && Syscalls.isPlainDisk(root)
    mayOpen = Atomic(isPossible)
    mayRead = Atomic(isPossible)
  }

  /// Opens an object for reading.
  ///
  /// The kernel walks the whole path in one call, under the rules of ``LocalTree``: beneath the root, through no
  /// symbolic link.
  ///
  /// - Parameter key: one that ``LocalPath/check(_:)`` lets pass.
  func open(_ key: ObjectKey) -> Opening {
    guard mayOpen.load(ordering: .relaxed) else { return .unknown }
    do throws(Errno) {
      let file = try CachedReads.withPath(key) { (path) throws(Errno) in try Syscalls.openCached(in: root, path) }
      let status = try Syscalls.status(of: file)
      return status.kind == .regular ? .found(file, status) : .absent
    } catch {
      if error.isUnknownCall { mayOpen.store(false, ordering: .relaxed) }
      return error.isAbsence ? .absent : .unknown
    }
  }

  /// Calls a function with a key's bytes and a NUL behind them.
  private static func withPath<R>(
    _ key: ObjectKey,
    _ body: (UnsafePointer<CChar>) throws(Errno) -> R
  ) throws(Errno) -> R {
    let length = key.bytes.count
    return try withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 1) { (path) throws(Errno) in
      key.bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(path).copyMemory(from: $0) }
      path[length] = 0
      guard let base = path.baseAddress else { throw .invalid }
      return try body(base)
    }
  }

  /// Reads from the page cache.
  ///
  /// - Returns: how many bytes; fewer, or none, where the rest has to be waited for or the file ends.
  func read(_ file: Descriptor, into target: UnsafeMutableRawBufferPointer, at offset: UInt64) -> Int {
    guard mayRead.load(ordering: .relaxed) else { return 0 }
    do throws(Errno) {
      return try Syscalls.readCached(file, into: target, at: offset)
    } catch {
      if error.isUnknownCall { mayRead.store(false, ordering: .relaxed) }
      return 0
    }
  }
}

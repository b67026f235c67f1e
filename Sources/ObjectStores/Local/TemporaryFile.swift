internal import ByteBuffers

/// An object that is not visible yet: a file without a name on the object's file system, given its name when it is
/// published, so that a writer that is killed leaves nothing behind.
///
/// Where the file system knows no such files it is a hidden file in the object's folder, removed unless it is published.
/// Its advisory lock is held as long as its writer lives, which is how files of crashed writers are told from others.
final class TemporaryFile: @unchecked Sendable {
  // Sendable: used by one thread at a time, handed over through a lock or a queue; see LocalWriter.

  /// Bytes between two looks at whether the caller has given up.
  private static let stride = 4 << 20
  private static let piecesOfCall = 256
  /// Bytes that are worth a call of their own to allocate.
  private static let allocatedTogether = 256 << 10

  private let tree: LocalTree
  private let path: LocalPath
  private var folder: Descriptor
  /// The hidden name; nil while the file has none.
  private var name: FileName?
  private let file: Descriptor
  private let lockTimeout: Int
  /// Whether writing costs less where room was allocated before.
  private lazy var allocatesFirst = Syscalls.isExt4(file)
  /// Bytes written.
  private var length = 0
  private var isOver = false

  /// Creates the file, and its folders where they are missing.
  init(_ path: LocalPath, in tree: LocalTree, lockTimeout: Int) throws(ObjectStoreError) {
    self.tree = tree
    self.path = path
    self.lockTimeout = lockTimeout
    (folder, file, name) = try TemporaryFile.create(for: path, in: tree)
    do throws(Errno) {
      try Syscalls.tryLock(file)
    } catch {
      // Without locks the age of the file has to tell.
    }
  }

  private static func create(for path: LocalPath, in tree: LocalTree) throws(ObjectStoreError) -> (
    Descriptor, Descriptor, FileName?
  ) {
    var attempts = 64
    while true {
      let folder = try tree.openOrMakeFolder(of: path)
      if tree.usesNamelessFiles, let file = try? Syscalls.createAnonymousFile(in: folder) { return (folder, file, nil) }
      // Not every file system has such files, and the reason shows below when it is another.
      let name = LocalPath.temporaryName()
      do throws(Errno) {
        return (folder, try Syscalls.createFile(in: folder, name), name)
      } catch {
        // The folder was removed, being empty, after it was opened.
        guard error == .noEntry, attempts > 0 else {
          throw ObjectStoreError(error, "create a file for", tree.place(path.key), key: path.key)
        }
        attempts -= 1
        try tree.checkRoot()
      }
    }
  }

  deinit {
    discard()
  }

  /// Removes the file unless it was published.
  func discard() {
    guard !isOver else { return }
    isOver = true
    guard let name else { return }
    // What cannot be removed stays hidden, and is removed with the stale ones.
    try? Syscalls.remove(in: folder, name)
  }

  /// Appends runs of bytes, several with a call.
  func write(_ runs: [Bytes], _ cancellation: Cancellation) throws(ObjectStoreError) {
    var pieces: [Bytes] = []
    var count = 0
    for run in runs {
      var start = 0
      while start < run.count {
        let end = min(run.count, start + TemporaryFile.stride - count)
        pieces.append(run[start..<end])
        count += end - start
        start = end
        guard count == TemporaryFile.stride || pieces.count == TemporaryFile.piecesOfCall else { continue }
        try writeTogether(pieces, count, cancellation)
        pieces.removeAll(keepingCapacity: true)
        count = 0
      }
    }
    try writeTogether(pieces, count, cancellation)
  }

  private func writeTogether(
    _ pieces: [Bytes],
    _ count: Int,
    _ cancellation: Cancellation
  ) throws(ObjectStoreError) {
    guard !pieces.isEmpty else { return }
    try cancellation.check(path.key)
    if count >= TemporaryFile.allocatedTogether, allocatesFirst { Syscalls.allocate(file, at: length, count) }
    do throws(Errno) {
      try Syscalls.write(file, pieces)
    } catch {
      throw failure(error, "write")
    }
    length += count
  }

  /// Appends the content of another file.
  func write(contentsOf source: Descriptor, _ cancellation: Cancellation) throws(ObjectStoreError) {
    var offset: UInt64 = 0
    while true {
      try cancellation.check(path.key)
      do throws(Errno) {
        let copied = try Syscalls.copy(source, at: offset, to: file, count: TemporaryFile.stride)
        if copied == 0 { return }
        offset += UInt64(copied)
        length += copied
      } catch {
        throw failure(error, "copy to")
      }
    }
  }

  /// Gives the file its name.
  ///
  /// - Returns: metadata of the new version.
  func publish(_ mode: PutMode, _ durability: Durability, _ cancellation: Cancellation) throws(ObjectStoreError)
    -> ObjectMetadata
  {
    let metadata: ObjectMetadata
    do throws(Errno) {
      try Syscalls.setModified(file, nanoseconds: tree.nextStamp())
      if durability == .immediate { try Syscalls.syncData(file) }
      metadata = ObjectMetadata(path.key, try Syscalls.status(of: file))
    } catch {
      throw failure(error, "write")
    }
    try cancellation.check(path.key)
    try takeName(mode)
    if durability == .immediate {
      do throws(Errno) {
        try tree.sync(path.folders, folder)
      } catch {
        throw failure(error, "make durable the folder of")
      }
    }
    return metadata
  }

  /// Takes the object's name under the folder's lock.
  private func takeName(_ mode: PutMode) throws(ObjectStoreError) {
    var attempts = 64
    while true {
      let lock = FolderLock(folder: folder, key: path.key, timeout: lockTimeout)
      let isTaken = try lock.hold { (isLocked) throws(ObjectStoreError) in
        try exchangeName(mode, isLocked: isLocked)
      }
      if isTaken { return }
      guard attempts > 0 else { throw failure(.noEntry, "publish") }
      attempts -= 1
      try tree.checkRoot()
      folder = try tree.openOrMakeFolder(of: path)
    }
  }

  /// Returns false when the folder was removed, being empty: a file without a name does not hold it.
  private func exchangeName(_ mode: PutMode, isLocked: Bool) throws(ObjectStoreError) -> Bool {
    try checkTarget(mode, isLocked: isLocked)
    do throws(Errno) {
      if mode == .create, try linkName(isLocked: isLocked) { return true }
      try Syscalls.rename(in: folder, try hiddenName(), to: path.name)
      isOver = true
      return true
    } catch  where error == .noEntry && name == nil {
      return false
    } catch  where error == .exists {
      throw alreadyExists()
    } catch {
      throw failure(error, "publish")
    }
  }

  /// Publishes by a second name, which fails when the name is taken, also by a program without locks.
  ///
  /// - Returns: false when the file system has no second names; then the lock has to do.
  private func linkName(isLocked: Bool) throws(Errno) -> Bool {
    guard let name else {
      try Syscalls.link(file, in: folder, to: path.name)
      isOver = true
      return true
    }
    do throws(Errno) {
      try Syscalls.link(in: folder, name, to: path.name)
    } catch  where isLocked && Errno.unknownOperation.contains(error) {
      return false
    }
    isOver = true
    // A hidden name that stays is removed with the stale ones; the object is in place.
    try? Syscalls.remove(in: folder, name)
    return true
  }

  /// The hidden name, given now if the file has none: only a file with a name can take the place of another.
  private func hiddenName() throws(Errno) -> FileName {
    if let name { return name }
    let new = LocalPath.temporaryName()
    try Syscalls.link(file, in: folder, to: new)
    name = new
    return new
  }

  private func checkTarget(_ mode: PutMode, isLocked: Bool) throws(ObjectStoreError) {
    var existing: FileStatus?
    do throws(Errno) {
      existing = try Syscalls.status(in: folder, path.name)
    } catch  where error == .noEntry {
      existing = nil
    } catch {
      throw failure(error, "look at")
    }
    if let existing, existing.kind != .regular {
      throw ObjectStoreError(
        .invalidKey,
        "\(tree.place(path.key)) is a folder, a symbolic link or a special file; choose another key or remove it.",
        key: path.key
      )
    }
    switch mode {
    case .overwrite: return
    case .create: if existing != nil { throw alreadyExists() }
    case .update(let expected):
      guard isLocked else {
        throw ObjectStoreError(
          .unsupported,
          "The file system of \(tree.rootPath) has no locks, which replacing one version needs; use another folder.",
          key: path.key
        )
      }
      guard let existing, ObjectMetadata(path.key, existing).etag == expected else {
        throw ObjectStoreError(
          .preconditionFailed,
          "The object is not version \(expected); read it anew.",
          key: path.key
        )
      }
    }
  }

  private func alreadyExists() -> ObjectStoreError {
    ObjectStoreError(.alreadyExists, "There is an object already; nothing was written.", key: path.key)
  }

  private func failure(_ errno: Errno, _ action: String) -> ObjectStoreError {
    ObjectStoreError(errno, action, tree.place(path.key), key: path.key)
  }
}

extension ObjectMetadata {
  /// Metadata of a plain file; the tag is made of inode, modification time and length.
  init(_ key: ObjectKey, _ status: FileStatus) {
    let tag = ObjectMetadata.tag(status.inode, UInt64(bitPattern: status.modified), status.size)
    self.init(key: key, size: status.size, etag: tag, modified: status.modified)
  }

  /// Three numbers in hexadecimal, `"1f-2a-3"`, made in place: every opening makes one.
  private static func tag(_ first: UInt64, _ second: UInt64, _ third: UInt64) -> String {
    String(unsafeUninitializedCapacity: 3 * 16 + 4) { text in
      text[0] = UInt8(ascii: "\"")
      var end = put(first, text, at: 1)
      text[end] = UInt8(ascii: "-")
      end = put(second, text, at: end + 1)
      text[end] = UInt8(ascii: "-")
      end = put(third, text, at: end + 1)
      text[end] = UInt8(ascii: "\"")
      return end + 1
    }
  }

  /// Writes a number in hexadecimal and returns where it ends.
  private static func put(_ number: UInt64, _ text: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
    let digits = max(1, (67 - number.leadingZeroBitCount) / 4)
    for index in 0..<digits {
      let digit = UInt8(truncatingIfNeeded: number >> UInt64(4 * (digits - 1 - index))) & 0xf
      text[start + index] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
    }
    return start + digits
  }
}

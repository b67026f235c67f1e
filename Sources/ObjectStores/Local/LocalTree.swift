internal import Synchronization

/// The folders beneath the root: every path is walked segment by segment from an open root, never through a symbolic
/// link, so no key leads outside and a renamed root stays the root.
final class LocalTree: Sendable {
  /// The root as the host named it, for messages.
  let rootPath: String
  let usesNamelessFiles: Bool
  /// What may be tried without waiting.
  let cached: CachedReads
  private let root: Descriptor
  /// Folders made by this store whose names may not be durable yet, as paths with a slash at the end.
  private let unsynced = Mutex<Set<[UInt8]>>([])
  /// The modification time last given out.
  private let lastStamp = Mutex<Int64>(0)

  init(
    rootPath: String,
    create: Bool,
    usesNamelessFiles: Bool = true,
    usesCachedReads: Bool = true
  ) throws(ObjectStoreError) {
    self.rootPath = rootPath
    self.usesNamelessFiles = usesNamelessFiles
    guard !rootPath.isEmpty, !rootPath.utf8.contains(0) else {
      throw ObjectStoreError(.configuration, "The root of a local store is empty or has a NUL; name a folder.")
    }
    do throws(Errno) {
      if create { try LocalTree.makeFolders(rootPath) }
      root = try Syscalls.openRoot(rootPath)
    } catch {
      throw ObjectStoreError(error, "open the root folder", rootPath, key: nil)
    }
    cached = CachedReads(root, isWanted: usesCachedReads)
  }

  private static func makeFolders(_ path: String) throws(Errno) {
    let bytes = Array(path.utf8)
    let slash = UInt8(ascii: "/")
    for end in bytes.indices.dropFirst() + [bytes.count] where end == bytes.count || bytes[end] == slash {
      do throws(Errno) {
        try Syscalls.makeRoot(String(decoding: bytes[..<end], as: UTF8.self))
      } catch  where error == .exists {
        continue
      }
    }
  }

  /// A key's path in messages.
  func place(_ key: ObjectKey) -> String { LocalTree.place(key, below: rootPath) }

  static func place(_ key: ObjectKey, below rootPath: String) -> String { "\(rootPath)/\(key.text)" }

  /// Throws when the root folder was removed: an empty listing would hide that.
  func checkRoot() throws(ObjectStoreError) {
    guard let status = try? Syscalls.status(of: root), status.links > 0 else {
      throw ObjectStoreError(.notFound, "The root folder \(rootPath) was removed; create it and open the store anew.")
    }
  }

  /// A modification time that no other version written by this process has.
  ///
  /// Inode numbers are used again and clocks are coarse: without this, two versions of equal length written shortly
  /// after one another could share an entity tag.
  func nextStamp() -> Int64 {
    lastStamp.withLock { last in
      last = max(last + 1, Syscalls.now())
      return last
    }
  }

  // MARK: - Walking

  /// Opens the folder that folders lead to.
  func open(_ folders: some Collection<FileName>) throws(Errno) -> Descriptor {
    var at = root
    for name in folders { at = try Syscalls.openDirectory(in: at, name) }
    return at
  }

  /// Opens the folder that folders lead to in a description of its own, which can hold a lock.
  func openForChange(_ folders: [FileName]) throws(Errno) -> Descriptor {
    folders.isEmpty ? try Syscalls.openDirectory(in: root, FileName([0x2e])) : try open(folders)
  }

  /// Opens the folder of a path, in a description of its own, and makes the folders that are missing.
  func openOrMakeFolder(of path: LocalPath) throws(ObjectStoreError) -> Descriptor {
    // Another process may remove an empty folder between the two calls; it cannot do so for ever.
    for _ in 0..<64 {
      do throws(Errno) {
        return try openOrMake(path.folders)
      } catch  where error == .noEntry {
        try checkRoot()
      } catch  where error == .notDirectory || error == .symbolicLink {
        throw ObjectStoreError(
          .invalidKey,
          "A segment of \(place(path.key)) is a file or a symbolic link, not a folder; choose another key.",
          key: path.key,
          underlying: error
        )
      } catch {
        throw ObjectStoreError(error, "make the folder of", place(path.key), key: path.key)
      }
    }
    throw ObjectStoreError(.noEntry, "make the folder of", place(path.key), key: path.key)
  }

  private func openOrMake(_ folders: [FileName]) throws(Errno) -> Descriptor {
    if folders.isEmpty { return try openForChange(folders) }
    var at = root
    for (depth, name) in folders.enumerated() {
      do throws(Errno) {
        at = try Syscalls.openDirectory(in: at, name)
      } catch  where error == .noEntry {
        // Noted before it can be seen: whoever finds the folder then knows that its name is not durable yet.
        let folder = LocalTree.folderPath(folders[...depth])
        unsynced.withLock { _ = $0.insert(folder) }
        do throws(Errno) {
          try Syscalls.makeDirectory(in: at, name)
        } catch  where error == .exists {
          // Another writer was first.
        }
        at = try Syscalls.openDirectory(in: at, name)
      }
    }
    return at
  }

  private static func folderPath(_ folders: some Collection<FileName>) -> [UInt8] {
    folders.flatMap { $0.bytes + [UInt8(ascii: "/")] }
  }

  /// Opens an object for reading.
  ///
  /// - Returns: nil when there is none, or something that is not a plain file.
  func openFile(_ path: LocalPath) throws(Errno) -> (Descriptor, FileStatus)? {
    do throws(Errno) {
      var at = root
      for name in path.folders { at = try Syscalls.openPassage(in: at, name) }
      let file = try Syscalls.openFile(in: at, path.name)
      let status = try Syscalls.status(of: file)
      return status.kind == .regular ? (file, status) : nil
    } catch  where error.isAbsence {
      return nil
    }
  }

  // MARK: - Durability

  /// Makes the names of folders durable that lead to an object, and the folder's own entries.
  ///
  /// - Parameters:
  ///   - folders: from the root to the object.
  ///   - folder: the last of them, open.
  func sync(_ folders: [FileName], _ folder: Descriptor) throws(Errno) {
    try Syscalls.syncDirectory(folder)
    for depth in folders.indices.reversed() {
      let path = LocalTree.folderPath(folders[...depth])
      guard unsynced.withLock({ $0.contains(path) }) else { continue }
      do throws(Errno) {
        try Syscalls.syncDirectory(try open(folders[..<depth]))
      } catch  where error.isAbsence {
        // Removed since, with everything in it.
      }
      unsynced.withLock { _ = $0.remove(path) }
    }
  }

  /// Removes the folders of a path that are empty, the innermost first.
  func removeEmptyFolders(of path: LocalPath) {
    for depth in path.folders.indices.reversed() {
      do throws(Errno) {
        try Syscalls.removeDirectory(in: try open(path.folders[..<depth]), path.folders[depth])
      } catch {
        // Not empty, gone already, or not ours to remove: in each case the ones above stay too.
        return
      }
    }
  }
}

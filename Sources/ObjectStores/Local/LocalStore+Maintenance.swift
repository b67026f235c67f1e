extension LocalStore {
  /// Deletes objects.
  public func delete(_ keys: [ObjectKey]) async throws(ObjectStoreError) -> [DeleteFailure] {
    try await threads.run(keys.count == 1 ? keys[0] : nil) { [self] (cancellation) throws(ObjectStoreError) in
      var failures: [DeleteFailure] = []
      for key in keys {
        try cancellation.check(key)
        do throws(ObjectStoreError) {
          try deleteOne(key)
        } catch {
          failures.append(DeleteFailure(key: key, error: error))
        }
      }
      return failures
    }
  }

  private func deleteOne(_ key: ObjectKey) throws(ObjectStoreError) {
    let path = try LocalPath(key)
    guard let folder = try lookUp(path, { (tree) throws(Errno) in try tree.openForChange(path.folders) }) else {
      return
    }
    let isRemoved = try removeLocked(path, in: folder)
    if isRemoved, options.removeEmptyParents { tree.removeEmptyFolders(of: path) }
  }

  private func removeLocked(_ path: LocalPath, in folder: Descriptor) throws(ObjectStoreError) -> Bool {
    try FolderLock(folder: folder, key: path.key, timeout: lockTimeout).hold { (_) throws(ObjectStoreError) in
      let removed = try lookUp(path) { (_) throws(Errno) in
        guard try Syscalls.status(in: folder, path.name).kind == .regular else { return false }
        try Syscalls.remove(in: folder, path.name)
        return true
      }
      return removed ?? false
    }
  }

  /// Does something for a deletion; nil when there is nothing to delete.
  private func lookUp<T>(_ path: LocalPath, _ body: (LocalTree) throws(Errno) -> T) throws(ObjectStoreError) -> T? {
    do throws(Errno) {
      return try body(tree)
    } catch  where error.isAbsence {
      return nil
    } catch {
      throw ObjectStoreError(error, "delete", tree.place(path.key), key: path.key)
    }
  }

  /// Makes deferred puts durable: each file once, then each folder once.
  public func flush(_ keys: [ObjectKey]) async throws(ObjectStoreError) {
    var folders: [[FileName]: LocalPath] = [:]
    var paths: [LocalPath] = []
    for key in keys {
      let path = try LocalPath(key)
      paths.append(path)
      folders[path.folders] = path
    }
    // Several at once, since a file system writes one journal record for syncs that arrive together.
    try await syncInParallel(paths) { (path, tree) throws(Errno) in
      guard let (file, _) = try tree.openFile(path) else { throw .noEntry }
      try Syscalls.syncData(file)
    }
    try await syncInParallel(Array(folders.values)) { (path, tree) throws(Errno) in
      try tree.sync(path.folders, try tree.open(path.folders))
    }
  }

  private func syncInParallel(
    _ paths: [LocalPath],
    _ sync: @escaping @Sendable (LocalPath, LocalTree) throws(Errno) -> Void
  ) async throws(ObjectStoreError) {
    let lanes = min(options.threads, paths.count)
    let failure = await withTaskGroup(of: ObjectStoreError?.self) { group in
      for lane in 0..<lanes {
        group.addTask { await self.syncLane(stride(from: lane, to: paths.count, by: lanes).map { paths[$0] }, sync) }
      }
      var first: ObjectStoreError?
      for await failure in group where first == nil { first = failure }
      return first
    }
    if let failure { throw failure }
  }

  private func syncLane(
    _ paths: [LocalPath],
    _ sync: @escaping @Sendable (LocalPath, LocalTree) throws(Errno) -> Void
  ) async -> ObjectStoreError? {
    do throws(ObjectStoreError) {
      try await threads.run(nil) { [tree] (cancellation) throws(ObjectStoreError) in
        for path in paths {
          try cancellation.check(path.key)
          do throws(Errno) {
            try sync(path, tree)
          } catch {
            throw ObjectStoreError(error, "make durable", tree.place(path.key), key: path.key)
          }
        }
      }
      return nil
    } catch {
      return error
    }
  }

  /// Removes the hidden files that crashed writers left.
  ///
  /// Files of writers that are alive, in this or another process, are locked and stay; the age protects them where the
  /// file system has no locks. Call it when nobody needs to wait for it: it walks all folders.
  ///
  /// - Parameter age: only files that were last written longer ago than this.
  /// - Returns: how many were removed.
  @discardableResult
  public func removeStaleTemporaries(olderThan age: Duration = .seconds(3600)) async throws(ObjectStoreError) -> Int {
    let seconds = age.components.seconds.clamped(to: 0...4_000_000_000)
    let latest = Syscalls.now() - seconds * 1_000_000_000 - age.components.attoseconds / 1_000_000_000
    return try await threads.run(nil) { [tree] (cancellation) throws(ObjectStoreError) in
      try StaleFiles(tree: tree, latest: latest).remove(cancellation)
    }
  }
}

extension Comparable {
  fileprivate func clamped(to range: ClosedRange<Self>) -> Self {
    min(max(self, range.lowerBound), range.upperBound)
  }
}

/// A walk over all folders for hidden files that nobody writes any more.
private struct StaleFiles {
  let tree: LocalTree
  /// Later files stay, in nanoseconds since 1970.
  let latest: Int64

  func remove(_ cancellation: Cancellation) throws(ObjectStoreError) -> Int {
    var removed = 0
    var waiting: [[FileName]] = [[]]
    while let folders = waiting.popLast() {
      try cancellation.check(nil)
      do throws(Errno) {
        removed += try removeStale(in: folders, &waiting)
      } catch  where error.isAbsence {
        continue
      } catch {
        let path = folders.map { String(decoding: $0.bytes, as: UTF8.self) }.joined(separator: "/")
        throw ObjectStoreError(error, "clean up", "\(tree.rootPath)/\(path)", key: nil)
      }
    }
    return removed
  }

  private func removeStale(in folders: [FileName], _ waiting: inout [[FileName]]) throws(Errno) -> Int {
    let folder = try tree.open(folders)
    var candidates: [FileName] = []
    var inner: [[FileName]] = []
    try Syscalls.forEachEntry(of: folder) { name, kind in
      if LocalPath.isTemporary(name) {
        candidates.append(FileName(name))
      } else if kind == .directory || kind == .unknown {
        // What turns out to be no folder is skipped when it cannot be opened as one.
        inner.append(folders + [FileName(name)])
      }
    }
    waiting.append(contentsOf: inner)
    return candidates.count { isRemoved($0, in: folder) }
  }

  private func isRemoved(_ name: FileName, in folder: Descriptor) -> Bool {
    do throws(Errno) {
      let status = try Syscalls.status(in: folder, name)
      guard status.kind == .regular, status.modified <= latest else { return false }
      let file = try Syscalls.openFile(in: folder, name)
      do throws(Errno) {
        try Syscalls.tryLock(file)
      } catch  where Errno.unknownOperation.contains(error) {
        // No locks here: the age has told.
      }
      try Syscalls.remove(in: folder, name)
      return true
    } catch {
      // Locked by a living writer, gone, or not ours: it stays.
      return false
    }
  }
}

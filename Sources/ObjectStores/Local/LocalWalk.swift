internal import Synchronization

/// A walk over the objects of a ``LocalStore`` in whole-key order, which holds the names of the folders between the
/// root and where it stands, not the whole tree.
struct LocalWalk: KeyCursor, Sendable {
  private struct Level: Sendable {
    /// From the root, with a slash at the end unless empty.
    let path: [UInt8]
    let folders: [FileName]
    var names: FolderNames
    /// Open while a page is being made.
    var folder: Descriptor?
  }

  private let tree: LocalTree
  private let prefix: ObjectKey
  private var position: ListPosition
  private var levels: [Level] = []
  private var cancellation: Cancellation

  /// Starts a walk at a position.
  init(_ tree: LocalTree, prefix: ObjectKey, position: ListPosition, _ cancellation: Cancellation)
    throws(ObjectStoreError)
  {
    self.tree = tree
    self.prefix = prefix
    self.position = position
    self.cancellation = cancellation
    // The folders of the prefix are entered at once; the ones beside them are not looked at.
    let segments = prefix.bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let folders = segments.dropLast()
    // A prefix that no key can have finds nothing.
    guard folders.allSatisfy({ $0.withUnsafeBufferPointer(LocalPath.fault) == nil }) else { return }
    try enter(Array(prefix.bytes.dropLast(segments.last?.count ?? 0)), folders.map { FileName($0) })
  }

  /// The walk for the next page, which belongs to another call.
  func continued(_ cancellation: Cancellation) -> LocalWalk {
    var walk = self
    walk.cancellation = cancellation
    return walk
  }

  /// How many names the walk holds: those of the folders from the root to where it stands.
  var heldNames: Int { levels.reduce(0) { $0 + $1.names.count } }

  /// Closes the folders between two pages.
  mutating func rest() {
    for index in levels.indices { levels[index].folder = nil }
  }

  mutating func peek() throws(ObjectStoreError) -> ObjectKey? {
    while let level = levels.last {
      guard let (name, isFolder) = level.names.current else {
        levels.removeLast()
        continue
      }
      let whole = level.path + name
      if !isFolder { return ObjectKey(bytes: whole) }
      try cancellation.check(nil)
      levels[levels.count - 1].names.advance()
      try enter(whole, level.folders + [FileName(name.dropLast())])
    }
    return nil
  }

  mutating func take() throws(ObjectStoreError) -> ObjectMetadata? {
    guard let level = levels.last, let (name, _) = level.names.current else { return nil }
    let key = ObjectKey(bytes: level.path + name)
    levels[levels.count - 1].names.advance()
    do throws(Errno) {
      let folder = if let folder = level.folder { folder } else { try tree.open(level.folders) }
      levels[levels.count - 1].folder = folder
      let status = try Syscalls.status(in: folder, FileName(name))
      return status.kind == .regular ? ObjectMetadata(key, status) : nil
    } catch  where error.isAbsence {
      return nil
    } catch {
      throw ObjectStoreError(error, "list", tree.place(key), key: nil)
    }
  }

  mutating func skip(_ prefix: ObjectKey) {
    position = .past(prefix)
    while let level = levels.last {
      guard let (name, _) = level.names.current else {
        levels.removeLast()
        continue
      }
      guard ObjectKey(bytes: level.path + name).hasPrefix(prefix) else { return }
      // A folder that lies whole under the prefix goes at once, whatever it holds.
      if level.path.starts(with: prefix.bytes) {
        levels.removeLast()
      } else {
        levels[levels.count - 1].names.advance()
      }
    }
  }

  /// Reads the names of a folder that may still come.
  private mutating func enter(_ path: [UInt8], _ folders: [FileName]) throws(ObjectStoreError) {
    do throws(Errno) {
      let folder = try tree.open(folders)
      var names = FolderNames()
      var unclear: [[UInt8]] = []
      try Syscalls.forEachEntry(of: folder) { name, kind in
        if LocalPath.isTemporary(name) { return }
        switch kind {
        case .regular: if mayCome(path, name, isFolder: false) { names.append(name, isFolder: false) }
        case .directory: if mayCome(path, name, isFolder: true) { names.append(name, isFolder: true) }
        case .unknown: unclear.append(Array(name))
        case .other: break
        }
      }
      for name in unclear { try add(name, path, folder, &names) }
      names.sort()
      levels.append(Level(path: path, folders: folders, names: names, folder: folder))
    } catch  where error.isAbsence {
      // Gone since its name was read.
      return
    } catch {
      throw ObjectStoreError(error, "list", tree.place(ObjectKey(bytes: path)), key: nil)
    }
  }

  /// Adds an entry whose kind the file system does not tell with its name.
  private func add(_ name: [UInt8], _ path: [UInt8], _ folder: Descriptor, _ names: inout FolderNames) throws(Errno) {
    let kind: FileStatus.Kind
    do throws(Errno) {
      kind = try Syscalls.status(in: folder, FileName(name)).kind
    } catch  where error.isAbsence {
      return
    }
    let isFolder = kind == .directory
    guard kind == .regular || isFolder else { return }
    name.withUnsafeBufferPointer { name in
      if mayCome(path, name, isFolder: isFolder) { names.append(name, isFolder: isFolder) }
    }
  }

  /// Whether an entry is, or may hold, a key that has the prefix, lies behind the position and can be asked for.
  private func mayCome(_ path: [UInt8], _ name: UnsafeBufferPointer<UInt8>, isFolder: Bool) -> Bool {
    guard path.count + name.count + (isFolder ? 2 : 0) <= LocalPath.longestKey else { return false }
    let whole = ObjectKey(bytes: path + name + (isFolder ? [UInt8(ascii: "/")] : []))
    guard isFolder else { return whole.hasPrefix(prefix) && !position.isBehind(whole) }
    guard whole.hasPrefix(prefix) || prefix.hasPrefix(whole) else { return false }
    switch position {
    case .start: return true
    case .after(let last): return whole > last || last.hasPrefix(whole)
    case .past(let passed):
      if whole.hasPrefix(passed) { return false }
      return whole > passed || passed.hasPrefix(whole)
    }
  }
}

/// Walks between two pages of their listings, so that large folders are not read again for every page.
///
/// One that was dropped, or is asked for twice, is made anew from its position.
final class WalkCache: Sendable {
  private struct Resting: Sendable {
    let number: UInt64
    let prefix: ObjectKey
    let position: ListPosition
    let walk: LocalWalk
  }

  /// The most walks kept, and the most names in all of them; the oldest walk goes first.
  private static let limit = (walks: 8, names: 4_000_000)

  private struct State {
    var resting: [Resting] = []
    var count: UInt64 = 0

    var isOverfull: Bool {
      resting.count > limit.walks || resting.reduce(0) { $0 + $1.walk.heldNames } > limit.names
    }
  }

  private let state = Mutex(State())

  /// Keeps a walk.
  ///
  /// - Returns: its number.
  func keep(_ walk: LocalWalk, prefix: ObjectKey, position: ListPosition) -> UInt64 {
    state.withLock { state in
      state.count += 1
      state.resting.append(Resting(number: state.count, prefix: prefix, position: position, walk: walk))
      while state.isOverfull { state.resting.removeFirst() }
      return state.count
    }
  }

  /// Hands out a walk, once.
  func take(_ number: UInt64, prefix: ObjectKey, position: ListPosition) -> LocalWalk? {
    state.withLock { state in
      let index = state.resting.firstIndex {
        $0.number == number && $0.prefix == prefix && $0.position == position
      }
      return index.map { state.resting.remove(at: $0).walk }
    }
  }
}

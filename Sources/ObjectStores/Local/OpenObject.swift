internal import ByteBuffers
internal import Synchronization

/// One version of an object, open for reading: it stays as it is when its name is given to another.
struct OpenObject: Sendable {
  let metadata: ObjectMetadata
  let file: Descriptor
  /// The path, for messages.
  let place: String

  /// Opens the current version and checks the conditions on it.
  init(_ path: LocalPath, _ options: GetOptions, in tree: LocalTree) throws(ObjectStoreError) {
    place = tree.place(path.key)
    let opened: (Descriptor, FileStatus)?
    do throws(Errno) {
      opened = try tree.openFile(path)
    } catch {
      throw ObjectStoreError(error, "open", place, key: path.key)
    }
    guard let (file, status) = opened else { throw .notFound(path.key, place) }
    self.file = file
    metadata = ObjectMetadata(path.key, status)
    try options.check(metadata)
  }

  /// Reads a range into memory of its own.
  func read(_ range: Range<UInt64>) throws(ObjectStoreError) -> Bytes {
    let count = range.count
    let block = BufferPool.shared.take(count)
    let target = UnsafeMutableRawBufferPointer(start: block.base, count: count)
    var filled = 0
    while filled < count {
      let read: Int
      do throws(Errno) {
        let rest = UnsafeMutableRawBufferPointer(rebasing: target[filled...])
        read = try Syscalls.read(file, into: rest, at: range.lowerBound + UInt64(filled))
      } catch {
        throw ObjectStoreError(error, "read", place, key: metadata.key)
      }
      guard read > 0 else {
        throw ObjectStoreError(
          .integrity,
          "\(place) was cut to \(range.lowerBound + UInt64(filled)) bytes while it was read; read it anew.",
          key: metadata.key
        )
      }
      filled += read
    }
    return Bytes(block, count: count)
  }

  /// Reads ranges, near ones together.
  ///
  /// - Returns: one run for each range, in the order given.
  func read(_ ranges: [Range<UInt64>], gap: UInt64, _ cancellation: Cancellation) throws(ObjectStoreError) -> [Bytes] {
    try ranges.check(size: metadata.size, key: metadata.key)
    var runs = [Bytes](repeating: .empty, count: ranges.count)
    for joined in coalesce(ranges, gap: gap) {
      try cancellation.check(metadata.key)
      let bytes = try read(joined.range)
      for index in joined.members {
        let start = Int(ranges[index].lowerBound - joined.range.lowerBound)
        runs[index] = bytes[start..<start + ranges[index].count]
      }
    }
    return runs
  }
}

/// The body of an opened object: one run for each call, from the file that was opened.
final class LocalBody: Sendable {
  private let object: OpenObject
  private let end: UInt64
  private let stride: Int
  private let threads: BlockingThreads
  private let position: Mutex<UInt64>

  init(_ object: OpenObject, range: Range<UInt64>, stride: Int, threads: BlockingThreads) {
    self.object = object
    self.stride = stride
    self.threads = threads
    end = range.upperBound
    position = Mutex(range.lowerBound)
  }

  func next() async throws(ObjectStoreError) -> Bytes? {
    let run = position.withLock { position in
      defer { position = min(position + UInt64(stride), end) }
      return position..<min(position + UInt64(stride), end)
    }
    if run.isEmpty { return nil }
    return try await threads.run(object.metadata.key) { [object] (_) throws(ObjectStoreError) in try object.read(run) }
  }
}

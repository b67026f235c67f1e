internal import ByteBuffers
internal import Synchronization

/// One version of an object, open for reading: it stays as it is when its name is given to another.
struct OpenObject: Sendable {
  let metadata: ObjectMetadata
  let file: Descriptor
  private let status: FileStatus
  private let rootPath: String
  private let cached: CachedReads

  /// Bytes that are read before cancellation is looked at again.
  private static let stride = 4 << 20

  /// Opens the current version and checks the conditions on it; this may wait.
  init(_ path: LocalPath, _ options: GetOptions, in tree: LocalTree) throws(ObjectStoreError) {
    let opened: (Descriptor, FileStatus)?
    do throws(Errno) {
      opened = try tree.openFile(path)
    } catch {
      throw ObjectStoreError(error, "open", tree.place(path.key), key: path.key)
    }
    guard let (file, status) = opened else { throw .notFound(path.key, tree.place(path.key)) }
    try self.init(path.key, file, status, options, in: tree)
  }

  /// The same without waiting.
  ///
  /// - Returns: nil when that cannot be.
  init?(cached key: ObjectKey, _ options: GetOptions, in tree: LocalTree) throws(ObjectStoreError) {
    try LocalPath.check(key)
    if Task.isCancelled { throw .cancelled(key) }
    switch tree.cached.open(key) {
    case .found(let file, let status): try self.init(key, file, status, options, in: tree)
    case .absent: throw .notFound(key, tree.place(key))
    case .unknown: return nil
    }
  }

  private init(
    _ key: ObjectKey,
    _ file: Descriptor,
    _ status: FileStatus,
    _ options: GetOptions,
    in tree: LocalTree
  ) throws(ObjectStoreError) {
    self.file = file
    self.status = status
    rootPath = tree.rootPath
    cached = tree.cached
    metadata = ObjectMetadata(key, status)
    try options.check(metadata)
  }

  /// The path, for messages.
  private var place: String { LocalTree.place(metadata.key, below: rootPath) }

  /// Refuses a file that a program has written to since it was opened; objects are never changed by stores, only replaced.
  func checkIsUnchanged() throws(ObjectStoreError) {
    let now: FileStatus
    do throws(Errno) {
      now = try Syscalls.status(of: file)
    } catch {
      throw ObjectStoreError(error, "read", place, key: metadata.key)
    }
    guard now.size == status.size, now.modified == status.modified else {
      throw ObjectStoreError(
        .preconditionFailed,
        "\(place) was changed while it was read; read it anew.",
        key: metadata.key
      )
    }
  }

  // MARK: - Reading

  /// A range of the object and the memory of the caller's that it goes to.
  func part(_ range: Range<UInt64>, _ block: AlignedBuffer, at offset: Int) throws(ObjectStoreError) -> BlockPart {
    try CollectionOfOne(range).check(size: metadata.size, key: metadata.key)
    return BlockPart(range, block, at: offset)
  }

  /// Reads into memory: what lies in the page cache on this thread, all from the first miss on in one hop to another.
  ///
  /// Nothing is written to the memory after this has returned or thrown.
  func read(_ parts: [BlockPart], _ threads: BlockingThreads) async throws(ObjectStoreError) {
    var left = parts[...]
    while var part = left.first {
      try readCached(&part)
      if !part.isFull {
        left[left.startIndex] = part
        break
      }
      left.removeFirst()
    }
    guard !left.isEmpty else { return }
    try await threads.run(metadata.key) { [left] (cancellation) throws(ObjectStoreError) in
      try readWaiting(left, cancellation)
    }
  }

  private func readCached(_ part: inout BlockPart) throws(ObjectStoreError) {
    while !part.isFull {
      if Task.isCancelled { throw .cancelled(metadata.key) }
      let target = part.next(OpenObject.stride)
      let read = cached.read(file, into: target, at: part.position)
      part.filled += read
      if read < target.count { return }
    }
  }

  /// Reads into memory and waits for the disk.
  func readWaiting(_ parts: some Sequence<BlockPart>, _ cancellation: Cancellation) throws(ObjectStoreError) {
    for var part in parts {
      while !part.isFull {
        try cancellation.check(metadata.key)
        part.filled += try readWaiting(part.next(OpenObject.stride), at: part.position)
      }
    }
  }

  private func readWaiting(_ target: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(ObjectStoreError) -> Int {
    let read: Int
    do throws(Errno) {
      read = try Syscalls.read(file, into: target, at: offset)
    } catch {
      throw ObjectStoreError(error, "read", place, key: metadata.key)
    }
    guard read > 0 else {
      throw ObjectStoreError(
        .integrity,
        "\(place) was cut to \(offset) bytes while it was read; read it anew.",
        key: metadata.key
      )
    }
    return read
  }
}

/// A part of an object and the part of a block that it is read into.
struct BlockPart: Sendable {
  let range: Range<UInt64>
  let block: AlignedBuffer
  let offset: Int
  /// Bytes of the range that have been read.
  var filled = 0

  /// Names a part of a block of the caller's, which has room for the range.
  init(_ range: Range<UInt64>, _ block: AlignedBuffer, at offset: Int) {
    precondition(offset >= 0 && range.count <= block.capacity - offset, "read past the end of a block")
    self.range = range
    self.block = block
    self.offset = offset
  }

  /// Takes memory for a range of an object.
  init(_ range: Range<UInt64>) {
    self.init(range, BufferPool.shared.take(range.count), at: 0)
  }

  var isFull: Bool { filled == range.count }

  /// Where the next byte lies in the object.
  var position: UInt64 { range.lowerBound + UInt64(filled) }

  /// Memory of the next bytes, at most `limit` of them.
  func next(_ limit: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: block.base + offset + filled, count: min(limit, range.count - filled))
  }

  /// The bytes, once they are there; for memory that was taken for them.
  var bytes: Bytes { Bytes(block, offset: offset, count: range.count) }
}

/// Ranges of an object and what is read to get them: near ones together.
struct ReadPlan: Sendable {
  private let ranges: [Range<UInt64>]
  private let reads: [CoalescedRead]
  let parts: [BlockPart]

  /// Checks ranges against an object and takes memory for them.
  init(_ ranges: [Range<UInt64>], of metadata: ObjectMetadata, gap: UInt64) throws(ObjectStoreError) {
    try ranges.check(size: metadata.size, key: metadata.key)
    self.ranges = ranges
    // A single range is most reads of small files, and nothing is near it.
    reads = ranges.count == 1 ? [] : coalesce(ranges, gap: gap)
    parts = ranges.count == 1 ? [BlockPart(ranges[0])] : reads.map { BlockPart($0.range) }
  }

  /// One run for each range, in the order given, once the parts have been read.
  var runs: [Bytes] {
    if ranges.count == 1 { return [parts[0].bytes] }
    var runs = [Bytes](repeating: .empty, count: ranges.count)
    for (read, part) in zip(reads, parts) {
      for index in read.members {
        let start = Int(ranges[index].lowerBound - read.range.lowerBound)
        runs[index] = part.bytes[start..<start + ranges[index].count]
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
    let part = BlockPart(run)
    try await object.read([part], threads)
    return part.bytes
  }
}

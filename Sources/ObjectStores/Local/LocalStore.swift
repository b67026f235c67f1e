public import ByteBuffers

/// How a ``LocalStore`` works.
public struct LocalStoreOptions: Sendable, Hashable {
  /// Make the root folder, and the ones above it, when it is missing.
  public var createRoot = true
  /// Remove the folders that a deletion leaves empty.
  public var removeEmptyParents = false
  /// The most threads that wait for the disk at the same time, at least 1.
  public var threads = 8
  /// Bytes of one run of a streamed body.
  public var readSize = 1 << 20
  /// The most bytes between two ranges that are read for nothing to save a system call.
  public var rangeGap: UInt64 = 32 << 10
  /// How long a change waits for another process that holds a folder's lock, in milliseconds.
  public var lockTimeout = 30_000
  /// Write into files without names where the file system has them; turned off to test how it goes elsewhere.
  package var usesNamelessFiles = true
  /// Read from the kernel's memory without a hop to another thread; turned off to test how it goes elsewhere.
  package var usesCachedReads = true

  /// Creates the default options.
  public init() {}
}

/// Objects as plain files beneath a root folder.
///
/// - A key is a path: segments between slashes are folders. What a file system cannot hold is refused with
///   ``ObjectStoreError/Code/invalidKey``: an empty key, an empty segment (a slash at the start, the end, or twice in a
///   row), `.` and `..`, NUL, segments over 255 bytes, keys over 1,024, segments that end in `.backfill-tmp`, and a key
///   that has another object's key as a folder.
/// - Nothing outside the root is reached: the root is opened once, paths are walked from it segment by segment, and
///   symbolic links, pipes, sockets and devices are not objects: reading one is ``ObjectStoreError/Code/notFound``,
///   writing ``ObjectStoreError/Code/invalidKey``, listings skip them, deletions leave them alone.
/// - A put writes a hidden file in the object's folder and gives it the object's name at the end, so readers see old or
///   new. With ``Durability/immediate`` it survives a loss of power when it returns; with ``Durability/deferred``, after
///   ``flush(_:)``. Deletions are not made durable.
/// - ``PutMode/create`` is atomic against any program. ``PutMode/update(ifMatch:)`` takes an advisory lock on the folder:
///   it is atomic among all `LocalStore`s of the machine, not against programs that write the files by other means.
/// - A read keeps its file open: an object that is replaced meanwhile is read to its end as it was.
/// - Calls wait for the disk on a few threads that belong to the store, never on the cooperative pool. What the kernel
///   can open and read from its own memory is read on the calling thread, on file systems where that cannot wait.
public final class LocalStore: ObjectStore {
  let tree: LocalTree
  let threads: BlockingThreads
  let options: LocalStoreOptions
  let walks = WalkCache()
  let pins = PinCount()

  /// Opens a folder; this waits for the disk for a moment.
  ///
  /// - Parameters:
  ///   - root: path of the folder; it may itself be, or lead through, a symbolic link.
  ///   - options: how the store works.
  /// - Throws: `notFound` when the folder is missing and is not to be made, `permissionDenied` when it may not be read.
  public init(root: String, options: LocalStoreOptions = LocalStoreOptions()) throws(ObjectStoreError) {
    var options = options
    options.threads = min(max(1, options.threads), 256)
    options.readSize = min(max(4096, options.readSize), 64 << 20)
    options.lockTimeout = min(max(0, options.lockTimeout), 3_600_000)
    self.options = options
    tree = try LocalTree(
      rootPath: root,
      create: options.createRoot,
      usesNamelessFiles: options.usesNamelessFiles,
      usesCachedReads: options.usesCachedReads
    )
    threads = try BlockingThreads(limit: options.threads)
  }

  /// Everything, with the limits of the type's description.
  public var capabilities: StoreCapabilities {
    var capabilities = StoreCapabilities()
    capabilities.isLocal = true
    capabilities.keepsMetadata = false
    return capabilities
  }

  var lockTimeout: Int { options.lockTimeout * 1000 }

  /// Lists one page.
  public func list(_ request: ListRequest) async throws(ObjectStoreError) -> ListPage {
    try await threads.run(nil) { [self] (cancellation) throws(ObjectStoreError) in
      try page(request, cancellation)
    }
  }

  /// Reads metadata.
  public func head(_ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError) -> ObjectMetadata {
    try await open(key, options).metadata
  }

  /// Opens an object or a range of it.
  public func get(_ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError) -> GetResult {
    let file = try await open(key, options)
    let range = try options.range.resolved(size: file.metadata.size, key: key)
    let body = LocalBody(file, range: range, stride: self.options.readSize, threads: threads)
    return GetResult(
      metadata: file.metadata,
      range: range,
      body: ObjectBody { () throws(ObjectStoreError) in try await body.next() }
    )
  }

  /// Reads several ranges of one version.
  public func getRanges(_ key: ObjectKey, _ ranges: [Range<UInt64>], _ options: GetOptions)
    async throws(ObjectStoreError) -> [Bytes]
  {
    try options.refuseVersion(key)
    let gap = self.options.rangeGap
    if let object = try OpenObject(cached: key, options, in: tree) {
      let plan = try ReadPlan(ranges, of: object.metadata, gap: gap)
      try await object.read(plan.parts, threads)
      return plan.runs
    }
    let path = try LocalPath(key)
    return try await threads.run(key) { [tree] (cancellation) throws(ObjectStoreError) in
      let object = try OpenObject(path, options, in: tree)
      let plan = try ReadPlan(ranges, of: object.metadata, gap: gap)
      try object.readWaiting(plan.parts, cancellation)
      return plan.runs
    }
  }

  /// Reads a range straight into the block.
  public func getRange(
    _ key: ObjectKey,
    _ range: Range<UInt64>,
    into target: AlignedBuffer,
    at offset: Int,
    _ options: GetOptions
  ) async throws(ObjectStoreError) {
    try options.refuseVersion(key)
    if let object = try OpenObject(cached: key, options, in: tree) {
      try await object.read([try object.part(range, target, at: offset)], threads)
      return
    }
    let path = try LocalPath(key)
    try await threads.run(key) { [tree] (cancellation) throws(ObjectStoreError) in
      let object = try OpenObject(path, options, in: tree)
      try object.readWaiting(CollectionOfOne(try object.part(range, target, at: offset)), cancellation)
    }
  }

  /// Stores a whole object.
  @discardableResult
  public func put(_ key: ObjectKey, _ bytes: Bytes, _ options: PutOptions) async throws(ObjectStoreError) -> PutResult {
    let path = try LocalPath(key)
    try ObjectAttributes(options, key).refuse(key)
    return try await threads.run(key) { [self] (cancellation) throws(ObjectStoreError) in
      let file = try TemporaryFile(path, in: tree, lockTimeout: lockTimeout)
      try file.write([bytes], cancellation)
      return PutResult(etag: try file.publish(options.mode, options.durability, cancellation).etag)
    }
  }

  /// Opens an object for writing.
  public func putStream(_ key: ObjectKey, _ options: PutStreamOptions) async throws(ObjectStoreError)
    -> any ObjectWriter
  {
    let path = try LocalPath(key)
    try ObjectAttributes(options, key).refuse(key)
    let writer = try await threads.run(key) { [self] (_) throws(ObjectStoreError) in
      LocalWriter(try TemporaryFile(path, in: tree, lockTimeout: lockTimeout), key, options, threads: threads)
    }
    return writer
  }

  /// Copies an object inside the kernel.
  public func copy(_ source: ObjectKey, to target: ObjectKey, _ mode: PutMode) async throws(ObjectStoreError) {
    let from = try LocalPath(source)
    let path = try LocalPath(target)
    _ = try await threads.run(target) { [self] (cancellation) throws(ObjectStoreError) in
      let original = try OpenObject(from, GetOptions(), in: tree)
      let file = try TemporaryFile(path, in: tree, lockTimeout: lockTimeout)
      try file.write(contentsOf: original.file, cancellation)
      return try file.publish(mode, .immediate, cancellation)
    }
  }

  func open(_ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError) -> OpenObject {
    try options.refuseVersion(key)
    if let object = try OpenObject(cached: key, options, in: tree) { return object }
    let path = try LocalPath(key)
    return try await threads.run(key) { [tree] (_) throws(ObjectStoreError) in
      try OpenObject(path, options, in: tree)
    }
  }
}

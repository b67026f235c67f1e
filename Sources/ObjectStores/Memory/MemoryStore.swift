public import ByteBuffers
internal import Synchronization

/// Objects in memory: for tests, simulations and results that are read at once.
///
/// It keeps the whole contract. Content is copied when it is put, so what the caller does to its buffer afterwards
/// changes no object; readers share the copy.
public final class MemoryStore: ObjectStore {
  private struct Version {
    let metadata: ObjectMetadata
    let bytes: Bytes

    /// As listings have it.
    var listed: ObjectMetadata {
      var listed = metadata
      listed.contentType = nil
      listed.metadata = [:]
      return listed
    }
  }

  private struct State {
    var objects: [ObjectKey: Version] = [:]
    /// The keys in order, made when a listing wants them.
    var order: [ObjectKey]?
    var written: UInt64 = 0
    var lastModified: Int64 = .min

    mutating func keys() -> [ObjectKey] {
      let keys = order ?? objects.keys.sorted()
      order = keys
      return keys
    }
  }

  private let state = Mutex(State())
  private let now: @Sendable () -> Int64

  /// Creates an empty store on the system's clock.
  public convenience init() {
    self.init(now: Syscalls.now)
  }

  /// Creates an empty store on a clock of the caller's.
  ///
  /// - Parameter now: nanoseconds since 1970-01-01 UTC.
  public init(now: @escaping @Sendable () -> Int64) {
    self.now = now
  }

  /// Everything.
  public var capabilities: StoreCapabilities { StoreCapabilities() }

  /// Lists one page.
  public func list(_ request: ListRequest) async throws(ObjectStoreError) -> ListPage {
    try MemoryStore.checkCancelled(nil)
    let position = try ListPosition(request)
    // One object at a time under the lock: holding on to the dictionary would make the next put copy it.
    var cursor = MemoryCursor(keys: state.withLock { $0.keys() }, prefix: request.prefix, position: position) { key in
      self.state.withLock { $0.objects[key]?.listed }
    }
    var (page, next) = try request.page(from: &cursor)
    page.continuation = next.map { ListContinuation(token: $0.token) }
    return page
  }

  /// Reads metadata.
  public func head(_ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError) -> ObjectMetadata {
    try version(key, options).metadata
  }

  /// Opens an object or a range of it.
  public func get(_ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError) -> GetResult {
    let version = try version(key, options)
    let range = try options.range.resolved(size: version.metadata.size, key: key)
    let position = Mutex(range.lowerBound)
    // Runs of a bounded length, as any other store gives.
    let stride: UInt64 = 1 << 20
    let body = ObjectBody { () throws(ObjectStoreError) in
      try MemoryStore.checkCancelled(key)
      let run = position.withLock { position in
        defer { position = min(position + stride, range.upperBound) }
        return Int(position)..<Int(min(position + stride, range.upperBound))
      }
      return run.isEmpty ? nil : version.bytes[run]
    }
    return GetResult(metadata: version.metadata, range: range, body: body)
  }

  /// Reads several ranges of one version.
  public func getRanges(_ key: ObjectKey, _ ranges: [Range<UInt64>], _ options: GetOptions)
    async throws(ObjectStoreError) -> [Bytes]
  {
    let version = try version(key, options)
    try ranges.check(size: version.metadata.size, key: key)
    return ranges.map { version.bytes[Int($0.lowerBound)..<Int($0.upperBound)] }
  }

  /// Copies a range of one version.
  public func getRange(
    _ key: ObjectKey,
    _ range: Range<UInt64>,
    into target: AlignedBuffer,
    at offset: Int,
    _ options: GetOptions
  ) async throws(ObjectStoreError) {
    let version = try version(key, options)
    try CollectionOfOne(range).check(size: version.metadata.size, key: key)
    target.copy(version.bytes[Int(range.lowerBound)..<Int(range.upperBound)], at: offset)
  }

  /// Stores a copy of the bytes.
  @discardableResult
  public func put(_ key: ObjectKey, _ bytes: Bytes, _ options: PutOptions) async throws(ObjectStoreError) -> PutResult {
    try store(key, bytes.withUnsafeBytes { Bytes(copying: $0) }, options.mode, ObjectAttributes(options, key))
  }

  /// Opens an object for writing.
  public func putStream(_ key: ObjectKey, _ options: PutStreamOptions) async throws(ObjectStoreError)
    -> any ObjectWriter
  {
    try MemoryStore.check(key)
    return MemoryWriter(store: self, key: key, mode: options.mode, attributes: try ObjectAttributes(options, key))
  }

  /// Deletes objects.
  public func delete(_ keys: [ObjectKey]) async throws(ObjectStoreError) -> [DeleteFailure] {
    var failures: [DeleteFailure] = []
    for key in keys {
      do throws(ObjectStoreError) {
        try MemoryStore.check(key)
        state.withLock { state in
          if state.objects.removeValue(forKey: key) != nil { state.order = nil }
        }
      } catch  where error.code == .invalidKey {
        failures.append(DeleteFailure(key: key, error: error))
      }
    }
    return failures
  }

  /// Copies an object.
  public func copy(_ source: ObjectKey, to target: ObjectKey, _ mode: PutMode) async throws(ObjectStoreError) {
    let version = try version(source, GetOptions())
    try store(target, version.bytes, mode, ObjectAttributes(of: version.metadata))
  }

  /// Returns at once: memory has no other durability.
  public func flush(_ keys: [ObjectKey]) async throws(ObjectStoreError) {}

  /// Keeps bytes that nobody else writes.
  @discardableResult
  func store(
    _ key: ObjectKey,
    _ bytes: Bytes,
    _ mode: PutMode,
    _ attributes: ObjectAttributes
  ) throws(ObjectStoreError) -> PutResult {
    try MemoryStore.check(key)
    let time = now()
    return try state.withLock { (state) throws(ObjectStoreError) in
      try MemoryStore.check(mode, state.objects[key]?.metadata, key)
      if state.objects[key] == nil { state.order = nil }
      state.written += 1
      state.lastModified = max(state.lastModified, time)
      var metadata = ObjectMetadata(
        key: key,
        size: UInt64(bytes.count),
        etag: "\"\(String(state.written, radix: 16))\"",
        modified: state.lastModified
      )
      metadata.contentType = attributes.contentType
      metadata.metadata = attributes.metadata
      state.objects[key] = Version(metadata: metadata, bytes: bytes)
      return PutResult(etag: metadata.etag)
    }
  }

  private func version(_ key: ObjectKey, _ options: GetOptions) throws(ObjectStoreError) -> Version {
    try MemoryStore.check(key)
    try options.refuseVersion(key)
    guard let version = state.withLock({ $0.objects[key] }) else { throw .notFound(key, key.text) }
    try options.check(version.metadata)
    return version
  }

  private static func check(_ mode: PutMode, _ existing: ObjectMetadata?, _ key: ObjectKey) throws(ObjectStoreError) {
    switch mode {
    case .overwrite: return
    case .create:
      if existing != nil {
        throw ObjectStoreError(.alreadyExists, "There is an object already; nothing was written.", key: key)
      }
    case .update(let expected):
      guard existing?.etag == expected else {
        throw ObjectStoreError(.preconditionFailed, "The object is not version \(expected); read it anew.", key: key)
      }
    }
  }

  static func check(_ key: ObjectKey) throws(ObjectStoreError) {
    try checkCancelled(key)
    guard 1...1024 ~= key.bytes.count else {
      throw ObjectStoreError(.invalidKey, "The key has \(key.bytes.count) bytes, 1 to 1,024 are allowed.", key: key)
    }
  }

  static func checkCancelled(_ key: ObjectKey?) throws(ObjectStoreError) {
    if Task.isCancelled { throw .cancelled(key) }
  }
}

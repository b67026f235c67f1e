public import ByteBuffers

extension ObjectStore {
  /// Reads a whole object.
  ///
  /// - Parameters:
  ///   - key: the object.
  ///   - limit: larger objects are refused with ``ObjectStoreError/Code/integrity``.
  /// - Returns: its metadata and content.
  public func read(_ key: ObjectKey, limit: UInt64 = 1 << 30) async throws(ObjectStoreError) -> (ObjectMetadata, Bytes)
  {
    let result = try await get(key, GetOptions())
    let size = result.metadata.size
    guard size <= limit else {
      throw ObjectStoreError(.integrity, "The object has \(size) bytes, more than the limit of \(limit).", key: key)
    }
    var whole = Bytes.empty
    var block: AlignedBuffer?
    var at = 0
    for try await run in result.body {
      guard at + run.count <= Int(size) else {
        throw ObjectStoreError(.integrity, "More bytes arrived than the object has.", key: key)
      }
      if run.count == Int(size) {
        // A short object comes in one piece.
        whole = run
      } else {
        let target = block ?? BufferPool.shared.take(Int(size))
        (target.base + at).copyMemory(from: run.base, byteCount: run.count)
        block = target
      }
      at += run.count
    }
    guard at == Int(size) else {
      throw ObjectStoreError(.integrity, "\(at) bytes arrived of \(size).", key: key)
    }
    return (result.metadata, block.map { Bytes($0, count: at) } ?? whole)
  }

  /// Reads one range of one version.
  ///
  /// - Parameters:
  ///   - key: the object.
  ///   - range: within the object.
  ///   - options: conditions.
  /// - Returns: the bytes.
  public func getRange(
    _ key: ObjectKey,
    _ range: Range<UInt64>,
    _ options: GetOptions = GetOptions()
  ) async throws(ObjectStoreError) -> Bytes {
    let runs = try await getRanges(key, [range], options)
    return runs[0]
  }

  /// Reads metadata, or nil when there is no such object.
  ///
  /// - Parameter key: the object.
  /// - Returns: metadata, or nil.
  public func headIfPresent(_ key: ObjectKey) async throws(ObjectStoreError) -> ObjectMetadata? {
    do {
      return try await head(key, GetOptions())
    } catch  where error.code == .notFound {
      return nil
    }
  }

  /// Deletes one object; a missing one is a success.
  ///
  /// - Parameter key: the object.
  public func delete(_ key: ObjectKey) async throws(ObjectStoreError) {
    if let failure = try await delete([key]).first { throw failure.error }
  }

  /// All objects under a prefix, page after page, in bytewise order.
  ///
  /// - Parameters:
  ///   - prefix: raw bytes.
  ///   - startAfter: only keys behind this one.
  ///   - pageSize: objects of a request.
  /// - Returns: a sequence that asks for the next page when it is needed.
  public func objects(
    prefix: ObjectKey,
    startAfter: ObjectKey? = nil,
    pageSize: Int = 1000
  ) -> ObjectListing {
    ObjectListing(store: self, request: ListRequest(prefix: prefix, startAfter: startAfter, pageSize: pageSize))
  }
}

/// The objects of a listing, one by one.
public struct ObjectListing: AsyncSequence, Sendable {
  /// One object.
  public typealias Element = ObjectMetadata
  /// What a page may throw.
  public typealias Failure = ObjectStoreError

  fileprivate let store: any ObjectStore
  fileprivate let request: ListRequest

  /// Walks the pages.
  public struct AsyncIterator: AsyncIteratorProtocol {
    private let store: any ObjectStore
    private var request: ListRequest
    private var page: [ObjectMetadata] = []
    private var position = 0
    private var finished = false

    fileprivate init(store: any ObjectStore, request: ListRequest) {
      self.store = store
      self.request = request
    }

    /// Returns the next object, or nil at the end.
    public mutating func next() async throws -> ObjectMetadata? {
      try await next(isolation: nil)
    }

    /// Returns the next object, or nil at the end.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(ObjectStoreError) -> ObjectMetadata?
    {
      while position == page.count {
        if finished { return nil }
        let next = try await store.list(request)
        page = next.objects
        position = 0
        request.continuation = next.continuation
        finished = next.continuation == nil
      }
      defer { position += 1 }
      return page[position]
    }
  }

  /// Starts at the first page.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(store: store, request: request)
  }
}

public import ByteBuffers

extension WrappingStore {
  /// Those of the base.
  public var capabilities: StoreCapabilities { base.capabilities }

  /// Lists one page.
  public func list(_ request: ListRequest) async throws(ObjectStoreError) -> ListPage {
    try await perform(StoreOperation(.list, key: request.prefix)) { () throws(ObjectStoreError) in
      try await base.list(request)
    }
  }

  /// Reads metadata.
  public func head(_ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError) -> ObjectMetadata {
    try await perform(StoreOperation(.head, key: key)) { () throws(ObjectStoreError) in
      try await base.head(key, options)
    }
  }

  /// Opens an object or a range of it.
  public func get(_ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError) -> GetResult {
    let (found, scope) = try await open(StoreOperation(.get, key: key)) { () throws(ObjectStoreError) in
      try await base.get(key, options)
    } length: {
      $0.range.upperBound - $0.range.lowerBound
    }
    var result = found
    result.body = ObjectBody { () throws(ObjectStoreError) in
      // The position is in the body, not in the iterator.
      var iterator = found.body.makeAsyncIterator()
      do throws(ObjectStoreError) {
        if let run = try await iterator.next(isolation: nil) { return try await scope.received(run) }
        try await scope.end(.success)
        return nil
      } catch {
        try await scope.end(.failure(error))
        throw error
      }
    }
    return result
  }

  /// Reads several ranges of one version.
  public func getRanges(_ key: ObjectKey, _ ranges: [Range<UInt64>], _ options: GetOptions)
    async throws(ObjectStoreError) -> [Bytes]
  {
    let bytes = ranges.reduce(0) { $0.addingClamped($1) }
    let operation = StoreOperation(.getRanges, key: key, bytes: bytes)
    return try await perform(operation) { () throws(ObjectStoreError) in
      try await base.getRanges(key, ranges, options)
    }
  }

  /// Reads a range into memory of the caller's.
  public func getRange(
    _ key: ObjectKey,
    _ range: Range<UInt64>,
    into target: AlignedBuffer,
    at offset: Int,
    _ options: GetOptions
  ) async throws(ObjectStoreError) {
    let operation = StoreOperation(.getRange, key: key, bytes: 0.addingClamped(range))
    try await perform(operation) { () throws(ObjectStoreError) in
      try await base.getRange(key, range, into: target, at: offset, options)
    }
  }

  /// Stores a whole object.
  @discardableResult
  public func put(_ key: ObjectKey, _ bytes: Bytes, _ options: PutOptions) async throws(ObjectStoreError) -> PutResult {
    try await perform(StoreOperation(.put, key: key, bytes: bytes.count)) { () throws(ObjectStoreError) in
      try await base.put(key, bytes, options)
    }
  }

  /// Opens an object for writing.
  public func putStream(_ key: ObjectKey, _ options: PutStreamOptions) async throws(ObjectStoreError)
    -> any ObjectWriter
  {
    let (writer, scope) = try await open(StoreOperation(.putStream, key: key)) { () throws(ObjectStoreError) in
      try await base.putStream(key, options)
    } length: { _ in
      0
    }
    return WrappedWriter(base: writer, key: key, store: self, scope: scope)
  }

  /// Deletes objects.
  public func delete(_ keys: [ObjectKey]) async throws(ObjectStoreError) -> [DeleteFailure] {
    let operation = StoreOperation(.delete, key: keys.count == 1 ? keys.first : nil, objects: keys.count)
    return try await perform(operation) { () throws(ObjectStoreError) in try await base.delete(keys) }
  }

  /// Copies an object.
  public func copy(_ source: ObjectKey, to target: ObjectKey, _ mode: PutMode) async throws(ObjectStoreError) {
    try await perform(StoreOperation(.copy, key: source)) { () throws(ObjectStoreError) in
      try await base.copy(source, to: target, mode)
    }
  }

  /// Makes deferred puts durable.
  public func flush(_ keys: [ObjectKey]) async throws(ObjectStoreError) {
    try await perform(StoreOperation(.flush, objects: keys.count)) { () throws(ObjectStoreError) in
      try await base.flush(keys)
    }
  }

  // MARK: - Around a call

  /// Makes a call that is the whole operation.
  fileprivate func perform<Result>(
    _ operation: StoreOperation,
    _ call: () async throws(ObjectStoreError) -> Result
  ) async throws(ObjectStoreError) -> Result {
    let scope = try await begin(operation)
    let result: Result
    do throws(ObjectStoreError) {
      result = try await call()
    } catch {
      try await scope.end(.failure(error))
      throw error
    }
    try await scope.end(.success)
    return result
  }

  /// Makes a call that begins an operation.
  private func open<Result>(
    _ operation: StoreOperation,
    _ call: () async throws(ObjectStoreError) -> Result,
    length: (Result) -> UInt64
  ) async throws(ObjectStoreError) -> (Result, any StoreScope) {
    let scope = try await begin(operation)
    do throws(ObjectStoreError) {
      let result = try await call()
      try scope.opened(length(result))
      return (result, scope)
    } catch {
      try await scope.end(.failure(error))
      throw error
    }
  }
}

/// A writer of the base store within its operation; after a failure it is only good for aborting.
private struct WrappedWriter<Store: WrappingStore>: ObjectWriter {
  let base: any ObjectWriter
  let key: ObjectKey
  let store: Store
  let scope: any StoreScope

  func write(_ bytes: Bytes) async throws(ObjectStoreError) {
    try await within(StoreOperation(.write, key: key, bytes: bytes.count)) { () throws(ObjectStoreError) in
      try await base.write(bytes)
    }
  }

  func finish() async throws(ObjectStoreError) -> PutResult {
    let result = try await within(StoreOperation(.finish, key: key)) { () throws(ObjectStoreError) in
      try await base.finish()
    }
    try await scope.end(.success)
    return result
  }

  func abort() async {
    await base.abort()
    // An operation that was given up has no success that could become a failure.
    try? await scope.end(.abandoned)
  }

  private func within<Result>(
    _ operation: StoreOperation,
    _ call: () async throws(ObjectStoreError) -> Result
  ) async throws(ObjectStoreError) -> Result {
    do throws(ObjectStoreError) {
      return try await store.perform(operation, call)
    } catch {
      try await scope.end(.failure(error))
      throw error
    }
  }
}

extension Int {
  /// The sum with the length of a range, which may be any that a caller thought of; the largest number where it does
  /// not fit.
  fileprivate func addingClamped(_ range: Range<UInt64>) -> Int {
    let (sum, overflow) = addingReportingOverflow(Int(clamping: range.upperBound - range.lowerBound))
    return overflow ? .max : sum
  }
}

public import ByteBuffers

/// A part of another store, seen as a store of its own: the keys below a prefix, without the prefix.
///
/// Keys in results and in the `key` of errors are those of the caller; an error's message may name the whole key.
public struct PrefixStore: ObjectStore {
  /// The store that holds the objects.
  public let base: any ObjectStore
  /// What is put before every key: empty, or with a slash at the end.
  public let prefix: ObjectKey

  /// Wraps a store.
  ///
  /// - Parameters:
  ///   - base: the store that holds the objects.
  ///   - prefix: what is put before every key; a slash is added unless it is empty or ends in one.
  public init(_ base: any ObjectStore, prefix: ObjectKey) {
    self.base = base
    self.prefix = prefix.bytes.isEmpty ? prefix : prefix.appending("")
  }

  /// Those of the base, for the keys that the prefix leaves room for.
  public var capabilities: StoreCapabilities {
    var capabilities = base.capabilities
    capabilities.longestKey = max(0, capabilities.longestKey - prefix.bytes.count)
    return capabilities
  }

  /// Lists one page.
  public func list(_ request: ListRequest) async throws(ObjectStoreError) -> ListPage {
    var inner = request
    inner.prefix = join(request.prefix)
    // Without a start of its own the listing begins behind the prefix itself, which is no key here.
    inner.startAfter = prefix.bytes.isEmpty ? request.startAfter : join(request.startAfter ?? "")
    do throws(ObjectStoreError) {
      var page = try await base.list(inner)
      page.objects = page.objects.map(outer)
      page.commonPrefixes = page.commonPrefixes.map(outer)
      return page
    } catch {
      throw outer(error)
    }
  }

  /// Reads metadata.
  public func head(_ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError) -> ObjectMetadata {
    let inner = try whole(key)
    do throws(ObjectStoreError) {
      return outer(try await base.head(inner, options))
    } catch {
      throw outer(error)
    }
  }

  /// Opens an object or a range of it.
  public func get(_ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError) -> GetResult {
    let inner = try whole(key)
    do throws(ObjectStoreError) {
      var result = try await base.get(inner, options)
      let body = result.body
      result.metadata = outer(result.metadata)
      result.body = ObjectBody { () throws(ObjectStoreError) in
        // The position is in the body, not in the iterator.
        var iterator = body.makeAsyncIterator()
        do throws(ObjectStoreError) {
          return try await iterator.next(isolation: nil)
        } catch {
          throw outer(error)
        }
      }
      return result
    } catch {
      throw outer(error)
    }
  }

  /// Reads several ranges of one version.
  public func getRanges(_ key: ObjectKey, _ ranges: [Range<UInt64>], _ options: GetOptions)
    async throws(ObjectStoreError) -> [Bytes]
  {
    let inner = try whole(key)
    do throws(ObjectStoreError) {
      return try await base.getRanges(inner, ranges, options)
    } catch {
      throw outer(error)
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
    let inner = try whole(key)
    do throws(ObjectStoreError) {
      try await base.getRange(inner, range, into: target, at: offset, options)
    } catch {
      throw outer(error)
    }
  }

  /// Stores a whole object.
  @discardableResult
  public func put(_ key: ObjectKey, _ bytes: Bytes, _ options: PutOptions) async throws(ObjectStoreError) -> PutResult {
    let inner = try whole(key)
    do throws(ObjectStoreError) {
      return try await base.put(inner, bytes, options)
    } catch {
      throw outer(error)
    }
  }

  /// Opens an object for writing.
  public func putStream(_ key: ObjectKey, _ options: PutStreamOptions) async throws(ObjectStoreError)
    -> any ObjectWriter
  {
    let inner = try whole(key)
    do throws(ObjectStoreError) {
      return PrefixWriter(base: try await base.putStream(inner, options), store: self)
    } catch {
      throw outer(error)
    }
  }

  /// Deletes objects.
  public func delete(_ keys: [ObjectKey]) async throws(ObjectStoreError) -> [DeleteFailure] {
    var failures: [DeleteFailure] = []
    var inner: [ObjectKey] = []
    for key in keys {
      do throws(ObjectStoreError) {
        inner.append(try whole(key))
      } catch {
        failures.append(DeleteFailure(key: key, error: error))
      }
    }
    do throws(ObjectStoreError) {
      for failure in try await base.delete(inner) {
        failures.append(DeleteFailure(key: outer(failure.key), error: outer(failure.error)))
      }
    } catch {
      throw outer(error)
    }
    return failures
  }

  /// Copies an object.
  public func copy(_ source: ObjectKey, to target: ObjectKey, _ mode: PutMode) async throws(ObjectStoreError) {
    let (from, to) = (try whole(source), try whole(target))
    do throws(ObjectStoreError) {
      try await base.copy(from, to: to, mode)
    } catch {
      throw outer(error)
    }
  }

  /// Makes deferred puts durable.
  public func flush(_ keys: [ObjectKey]) async throws(ObjectStoreError) {
    do throws(ObjectStoreError) {
      try await base.flush(keys.map(join))
    } catch {
      throw outer(error)
    }
  }

  // MARK: - Keys

  private func join(_ key: ObjectKey) -> ObjectKey {
    ObjectKey(bytes: prefix.bytes + key.bytes)
  }

  /// The key in the base; the empty one is refused, since with the prefix it would look like a valid one.
  private func whole(_ key: ObjectKey) throws(ObjectStoreError) -> ObjectKey {
    guard !key.bytes.isEmpty else { throw ObjectStoreError(.invalidKey, "The key is empty; name an object.", key: key) }
    return join(key)
  }

  private func outer(_ key: ObjectKey) -> ObjectKey {
    key.hasPrefix(prefix) ? ObjectKey(bytes: Array(key.bytes.dropFirst(prefix.bytes.count))) : key
  }

  private func outer(_ metadata: ObjectMetadata) -> ObjectMetadata {
    var metadata = metadata
    metadata.key = outer(metadata.key)
    return metadata
  }

  fileprivate func outer(_ error: ObjectStoreError) -> ObjectStoreError {
    ObjectStoreError(error.code, error.message, key: error.key.map(outer), underlying: error.underlying)
  }
}

/// A writer of the base store whose errors carry the caller's key.
private struct PrefixWriter: ObjectWriter {
  let base: any ObjectWriter
  let store: PrefixStore

  func write(_ bytes: Bytes) async throws(ObjectStoreError) {
    do throws(ObjectStoreError) {
      try await base.write(bytes)
    } catch {
      throw store.outer(error)
    }
  }

  func finish() async throws(ObjectStoreError) -> PutResult {
    do throws(ObjectStoreError) {
      return try await base.finish()
    } catch {
      throw store.outer(error)
    }
  }

  func abort() async {
    await base.abort()
  }
}

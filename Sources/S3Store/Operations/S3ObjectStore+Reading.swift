public import ObjectStores

extension S3ObjectStore {
  /// Reads metadata (HeadObject).
  public func head(_ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError) -> ObjectMetadata {
    try await objectHead(key, options).metadata
  }

  func objectHead(_ key: ObjectKey, _ options: GetOptions = GetOptions()) async throws(ObjectStoreError) -> ObjectHead {
    try S3ObjectStore.check(key)
    var request = S3Request("read", .head, key)
    request.add(options)
    let head = try ObjectHead(try await send(request), key)
    try S3ObjectStore.checkAny(options, head)
    return head
  }

  /// Opens an object or a part of it (GetObject); a connection that breaks is replaced where it broke.
  public func get(_ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError) -> GetResult {
    try S3ObjectStore.check(key)
    switch options.range {
    case .bounded(let range) where range.isEmpty: try await refuseEmpty(key, options)
    case .suffix(0): try await refuseEmpty(key, options)
    default: break
    }
    var request = S3Request("read", .get, key)
    request.target = .stream
    request.add(options)
    switch options.range {
    case nil: if configuration.verifiesReads { request.addHeader("x-amz-checksum-mode", "ENABLED") }
    case .bounded(let range): request.range = range
    case .from(let start): request.addHeader("range", "bytes=\(start)-")
    case .suffix(let count): request.addHeader("range", "bytes=-\(count)")
    }
    let (response, body): (HTTPResponse, HTTPBody?)
    do throws(S3Failure) {
      (response, body) = try await client.open(request)
    } catch {
      throw error.error
    }
    let head = try ObjectHead(response, key)
    try S3ObjectStore.checkAny(options, head)
    let expected = try options.range.resolved(size: head.metadata.size, key: key)
    guard head.range == expected else {
      throw ObjectStoreError(
        .integrity,
        "Bytes \(expected) were asked for; the store sends \(head.range). It may not know ranges.",
        key: key
      )
    }
    let checksum = configuration.verifiesReads && options.range == nil ? ReadChecksum(response, key) : nil
    let reader = S3BodyReader(client, head, options.version, response.body, body, checksum)
    return GetResult(
      metadata: head.metadata,
      range: head.range,
      body: ObjectBody { () throws(ObjectStoreError) in try await reader.next() }
    )
  }

  /// Without a byte to ask for, the object has to be there all the same.
  private func refuseEmpty(_ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError) {
    let metadata = try await head(key, options)
    _ = try ByteRange?.some(.bounded(0..<0)).resolved(size: metadata.size, key: key)
  }

  /// Any version at all is not what a read that wants none may find; servers differ in this.
  static func checkAny(_ options: GetOptions, _ head: ObjectHead) throws(ObjectStoreError) {
    if options.ifNoneMatch == "*" { try options.check(head.metadata) }
  }
}

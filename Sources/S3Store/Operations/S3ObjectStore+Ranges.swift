public import ByteBuffers
public import ObjectStores

extension S3ObjectStore {
  /// Bytes that are made room for before the object's size is known.
  private static let trustedLength: UInt64 = 64 << 20
  /// Requests of one call at the same time.
  private static let readsAtOnce = 8

  /// Reads several ranges of one version: near ones in one request, long ones in several.
  public func getRanges(_ key: ObjectKey, _ ranges: [Range<UInt64>], _ options: GetOptions)
    async throws(ObjectStoreError) -> [Bytes]
  {
    try S3ObjectStore.check(key)
    let reads = coalesce(ranges, gap: configuration.rangeGap, longest: configuration.longestRead)
    var options = options
    // Nothing to fetch, or so much that there should be room made only for what there is.
    if reads.isEmpty || reads.contains(where: { $0.range.length > S3ObjectStore.trustedLength }) {
      let metadata = try await head(key, options)
      try ranges.check(size: metadata.size, key: key)
      options.ifMatch = metadata.etag
    }
    guard !reads.isEmpty else { return ranges.map { _ in .empty } }
    var blocks: [AlignedBuffer] = []
    var pieces: [Piece] = []
    for read in reads {
      let block = BufferPool.shared.take(Int(clamping: read.range.length))
      blocks.append(block)
      pieces += cut(read.range, into: block, at: 0)
    }
    let size = try await fill(pieces, key, options)
    try ranges.check(size: size, key: key)
    var results = [Bytes](repeating: .empty, count: ranges.count)
    for (read, block) in zip(reads, blocks) {
      let whole = Bytes(block, count: Int(clamping: read.range.length))
      for member in read.members {
        let start = Int(ranges[member].lowerBound - read.range.lowerBound)
        results[member] = whole[start..<start + Int(clamping: ranges[member].length)]
      }
    }
    return results
  }

  /// Reads a range of one version into memory of the caller's.
  public func getRange(
    _ key: ObjectKey,
    _ range: Range<UInt64>,
    into target: AlignedBuffer,
    at offset: Int,
    _ options: GetOptions
  ) async throws(ObjectStoreError) {
    try S3ObjectStore.check(key)
    guard !range.isEmpty else {
      return try CollectionOfOne(range).check(size: try await head(key, options).size, key: key)
    }
    guard offset >= 0, offset <= target.capacity, range.length <= UInt64(target.capacity - offset) else {
      // More than there is room for may be more than there is.
      try CollectionOfOne(range).check(size: try await head(key, options).size, key: key)
      throw ObjectStoreError(.invalidRange, "The block has no room for \(range.length) bytes.", key: key)
    }
    let size = try await fill(cut(range, into: target, at: offset), key, options)
    try CollectionOfOne(range).check(size: size, key: key)
  }

  /// A part of an object and where it goes.
  private struct Piece: Sendable {
    let range: Range<UInt64>
    let place: AlignedBlock
  }

  /// Cuts what is too long for one request.
  private func cut(_ range: Range<UInt64>, into block: AlignedBuffer, at offset: Int) -> [Piece] {
    var pieces: [Piece] = []
    var at = range.lowerBound
    while at < range.upperBound {
      let end = at + min(range.upperBound - at, max(1, configuration.longestRead))
      let place = AlignedBlock(block: block, offset: offset + Int(at - range.lowerBound))
      pieces.append(Piece(range: at..<end, place: place))
      at = end
    }
    return pieces
  }

  /// Reads pieces of one version to their places.
  ///
  /// - Returns: the object's size.
  private func fill(_ pieces: [Piece], _ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError) -> UInt64
  {
    guard let first = pieces.first else { return 0 }
    guard pieces.count > 1 else { return try await fill(first, key, options).size }
    let found = await withTaskGroup(of: Result<ObjectMetadata, ObjectStoreError>.self) { group in
      var found: [Result<ObjectMetadata, ObjectStoreError>] = []
      for (number, piece) in pieces.enumerated() {
        if number >= S3ObjectStore.readsAtOnce, let result = await group.next() {
          found.append(result)
          if case .failure = result { break }
        }
        group.addTask {
          do throws(ObjectStoreError) {
            return .success(try await fill(piece, key, options))
          } catch {
            return .failure(error)
          }
        }
      }
      if found.contains(where: { if case .failure = $0 { true } else { false } }) { group.cancelAll() }
      for await result in group {
        if case .failure = result { group.cancelAll() }
        found.append(result)
      }
      return found
    }
    return try S3ObjectStore.oneVersion(found, key)
  }

  /// The size of the version that all reads found; the first error that says something, else.
  private static func oneVersion(
    _ found: [Result<ObjectMetadata, ObjectStoreError>],
    _ key: ObjectKey
  ) throws(ObjectStoreError) -> UInt64 {
    var errors: [ObjectStoreError] = []
    var versions: [ObjectMetadata] = []
    for result in found {
      switch result {
      case .success(let metadata): versions.append(metadata)
      case .failure(let error): errors.append(error)
      }
    }
    if let error = errors.first(where: { $0.code != .cancelled }) ?? errors.first { throw error }
    guard let first = versions.first, versions.allSatisfy({ $0.etag == first.etag }) else {
      throw ObjectStoreError(.preconditionFailed, "The object was replaced while it was read; read it anew.", key: key)
    }
    return first.size
  }

  private func fill(_ piece: Piece, _ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError)
    -> ObjectMetadata
  {
    var request = S3Request("read", .get, key)
    request.range = piece.range
    request.target = .fill(piece.place, count: Int(clamping: piece.range.length))
    request.add(options)
    let response: HTTPResponse
    do throws(S3Failure) {
      response = try await client.send(request)
    } catch {
      throw error.error
    }
    let head = try ObjectHead(response, key)
    try S3ObjectStore.checkAny(options, head)
    // What broke in the middle was continued: the last answer is of the rest.
    guard head.range.upperBound == min(piece.range.upperBound, head.metadata.size),
      head.range.lowerBound >= piece.range.lowerBound, piece.range.lowerBound < head.metadata.size
    else {
      throw ObjectStoreError(
        .integrity,
        "Bytes \(piece.range) were asked for; the store sent \(head.range). It may not know ranges.",
        key: key
      )
    }
    return head.metadata
  }
}

extension Range<UInt64> {
  var length: UInt64 { upperBound - lowerBound }
}

public import ByteBuffers

/// One version of an object as something that format readers read ranges from.
///
/// Every read is pinned to the version that was seen when the source was opened. After a replacement, reads end in
/// ``ObjectStoreError/Code/preconditionFailed``, or go on with that version where the store still has it, as a
/// ``LocalStore`` does with the files it holds open; never in a mixture.
public struct ObjectSource: RandomAccessSource {
  /// The store that holds the object.
  public let store: any ObjectStore
  /// Metadata of the version that is read.
  public let metadata: ObjectMetadata
  private let pinned: (any PinnedReads)?

  /// Opens the current version of an object.
  ///
  /// - Parameters:
  ///   - key: the object.
  ///   - store: where it is.
  public init(_ key: ObjectKey, in store: any ObjectStore) async throws(ObjectStoreError) {
    self.store = store
    if let pinning = store as? any PinningStore {
      (metadata, pinned) = try await pinning.pin(key)
    } else {
      metadata = try await store.head(key, GetOptions())
      pinned = nil
    }
  }

  /// Takes a version that is already known, from a listing for example.
  ///
  /// - Parameters:
  ///   - metadata: of the version to read.
  ///   - store: where it is.
  public init(_ metadata: ObjectMetadata, in store: any ObjectStore) {
    self.metadata = metadata
    self.store = store
    pinned = nil
  }

  /// The object's key.
  public var name: String { metadata.key.text }

  /// The object's length in bytes.
  public var size: Int { Int(clamping: metadata.size) }

  /// Whether the store is on this machine.
  public var isLocal: Bool { store.capabilities.isLocal }

  /// Reads ranges of the pinned version.
  public func read(_ ranges: [Range<Int>]) async throws -> [Bytes] {
    let wide = ranges.map { UInt64($0.lowerBound)..<UInt64($0.upperBound) }
    if let pinned { return try await pinned.read(wide) }
    return try await store.getRanges(metadata.key, wide, GetOptions(ifMatch: metadata.etag))
  }

  /// Reads a range of the pinned version straight into the block, where the store can.
  public func read(_ range: Range<Int>, into target: AlignedBuffer, at offset: Int) async throws {
    let wide = UInt64(range.lowerBound)..<UInt64(range.upperBound)
    if let pinned { return try await pinned.read(wide, into: target, at: offset) }
    try await store.getRange(metadata.key, wide, into: target, at: offset, GetOptions(ifMatch: metadata.etag))
  }
}

/// An object being written, as something that format writers append to.
public struct ObjectSink: ByteSink {
  private let writer: any ObjectWriter

  /// Wraps a writer; finishing it stays with the caller.
  ///
  /// - Parameter writer: an opened object.
  public init(_ writer: any ObjectWriter) {
    self.writer = writer
  }

  /// Appends bytes to the object.
  public func write(_ bytes: Bytes) async throws {
    try await writer.write(bytes)
  }
}

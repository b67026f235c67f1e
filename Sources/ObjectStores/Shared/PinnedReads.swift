internal import ByteBuffers

/// Reads of one version of an object that its store holds open, so that no read has to look it up again.
protocol PinnedReads: Sendable {
  /// Reads ranges; the answers and the errors are those of ``ObjectStore/getRanges(_:_:_:)``.
  func read(_ ranges: [Range<UInt64>]) async throws(ObjectStoreError) -> [Bytes]

  /// Reads a range; the answers and the errors are those of ``ObjectStore/getRange(_:_:into:at:_:)``.
  func read(_ range: Range<UInt64>, into target: AlignedBuffer, at offset: Int) async throws(ObjectStoreError)
}

/// A store that can hold a version of an object open.
protocol PinningStore: ObjectStore {
  /// Looks up the current version of an object, and holds it open unless there are many of them already.
  func pin(_ key: ObjectKey) async throws(ObjectStoreError) -> (ObjectMetadata, (any PinnedReads)?)
}

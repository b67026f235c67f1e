public import ByteBuffers

/// Named, versioned byte strings: what the library asks of S3, of a folder, of a dictionary in memory.
///
/// The contract, which `BackfillConformance` checks on any implementation:
///
/// 1. After a put returned, every later read, head and listing sees it. A reader sees one version or another, never a
///    mixture, and never a part of an object.
/// 2. Keys are raw bytes; listings are in bytewise order of whole keys, and a prefix is raw bytes too.
/// 3. Every version has an entity tag, opaque text that changes when the object is replaced by another content; stores
///    that make tags of the content, as S3 does, give the same content the same one.
/// 4. A put in ``PutMode/create`` has exactly one winner; the others get ``ObjectStoreError/Code/alreadyExists``.
/// 5. Deleting an object that is not there is a success.
/// 6. Cancelling the calling task ends the call with ``ObjectStoreError/Code/cancelled`` and leaves no partial object.
///
/// Implementations are called from many tasks at once and do not block the threads of the cooperative pool. The
/// requirements are kept few; what can be made of them is in extensions, which nobody overrides.
public protocol ObjectStore: Sendable {
  /// What this store can do and its limits.
  var capabilities: StoreCapabilities { get }

  /// Lists one page of keys.
  ///
  /// - Parameter request: prefix, delimiter, where to start, page size, and the continuation of an earlier page.
  /// - Returns: at most `pageSize` objects and common prefixes, and how to go on.
  func list(_ request: ListRequest) async throws(ObjectStoreError) -> ListPage

  /// Reads the metadata of an object.
  ///
  /// - Parameters:
  ///   - key: the object.
  ///   - options: conditions; the range is ignored.
  /// - Returns: size, entity tag and modification time.
  func head(_ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError) -> ObjectMetadata

  /// Opens an object, or a range of it, for reading.
  ///
  /// - Parameters:
  ///   - key: the object.
  ///   - options: range and conditions.
  /// - Returns: metadata and a body that is read front to back.
  func get(_ key: ObjectKey, _ options: GetOptions) async throws(ObjectStoreError) -> GetResult

  /// Reads several ranges of one version of an object.
  ///
  /// Ranges may overlap and need not be sorted; near ones are fetched together.
  ///
  /// - Parameters:
  ///   - key: the object.
  ///   - ranges: each must lie within the object.
  ///   - options: conditions; its own range is ignored.
  /// - Returns: one run of bytes for each range, in the order given.
  func getRanges(_ key: ObjectKey, _ ranges: [Range<UInt64>], _ options: GetOptions) async throws(ObjectStoreError)
    -> [Bytes]

  /// Reads a range of one version of an object into memory of the caller's.
  ///
  /// The block belongs to the call until it returns, also when it throws and when the calling task is cancelled: from
  /// then on the store and its threads write nothing to it. When it throws the bytes of the range's place in the block
  /// are undefined; the others are never touched.
  ///
  /// - Parameters:
  ///   - key: the object.
  ///   - range: must lie within the object, as with ``getRanges(_:_:_:)``; an empty one is checked and reads nothing.
  ///   - target: a block that nobody else reads or writes until the call has returned.
  ///   - offset: where in the block the bytes go; it must have room for all of them.
  ///   - options: conditions; its own range is ignored.
  func getRange(
    _ key: ObjectKey,
    _ range: Range<UInt64>,
    into target: AlignedBuffer,
    at offset: Int,
    _ options: GetOptions
  ) async throws(ObjectStoreError)

  /// Stores a whole object.
  ///
  /// - Parameters:
  ///   - key: the object.
  ///   - bytes: its content.
  ///   - options: mode and durability.
  /// - Returns: the entity tag of what was written.
  @discardableResult
  func put(_ key: ObjectKey, _ bytes: Bytes, _ options: PutOptions) async throws(ObjectStoreError) -> PutResult

  /// Opens an object for writing front to back; it becomes visible when the writer finishes.
  ///
  /// - Parameters:
  ///   - key: the object.
  ///   - options: mode, durability and part size.
  /// - Returns: a writer with one owner.
  func putStream(_ key: ObjectKey, _ options: PutStreamOptions) async throws(ObjectStoreError) -> any ObjectWriter

  /// Deletes objects.
  ///
  /// - Parameter keys: any number; missing ones count as deleted.
  /// - Returns: the keys that could not be deleted, each with its reason.
  func delete(_ keys: [ObjectKey]) async throws(ObjectStoreError) -> [DeleteFailure]

  /// Copies an object inside the store.
  ///
  /// - Parameters:
  ///   - source: the object to copy.
  ///   - target: where to.
  ///   - mode: what to do when the target exists.
  func copy(_ source: ObjectKey, to target: ObjectKey, _ mode: PutMode) async throws(ObjectStoreError)

  /// Makes objects that were put with ``Durability/deferred`` survive a loss of power.
  ///
  /// A store whose puts are always durable returns at once.
  ///
  /// - Parameter keys: objects this process put.
  func flush(_ keys: [ObjectKey]) async throws(ObjectStoreError)
}

/// Writes one object front to back.
public protocol ObjectWriter: Sendable {
  /// Appends bytes.
  ///
  /// - Parameter bytes: what comes next.
  func write(_ bytes: Bytes) async throws(ObjectStoreError)

  /// Publishes the object.
  ///
  /// - Returns: the entity tag of what was written.
  func finish() async throws(ObjectStoreError) -> PutResult

  /// Gives up: nothing becomes visible and nothing is left behind. Dropping the writer does the same.
  func abort() async
}

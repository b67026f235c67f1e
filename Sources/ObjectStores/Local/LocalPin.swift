internal import ByteBuffers
internal import Synchronization

extension LocalStore: PinningStore {
  func pin(_ key: ObjectKey) async throws(ObjectStoreError) -> (ObjectMetadata, (any PinnedReads)?) {
    let object = try await open(key, GetOptions())
    return (object.metadata, LocalPin(object, of: self))
  }
}

/// The files that a store holds open for its callers; a process may have few of them.
final class PinCount: Sendable {
  private static let most = 128

  private let count = Atomic(0)

  /// Counts one more; false when there are as many as there may be.
  func take() -> Bool {
    guard count.wrappingAdd(1, ordering: .relaxed).newValue > PinCount.most else { return true }
    giveBack()
    return false
  }

  func giveBack() {
    count.wrappingSubtract(1, ordering: .relaxed)
  }
}

/// A file held open: what is read is the version that was there, whatever happens to its name.
final class LocalPin: PinnedReads {
  private let object: OpenObject
  private let store: LocalStore

  init?(_ object: OpenObject, of store: LocalStore) {
    guard store.pins.take() else { return nil }
    self.object = object
    self.store = store
  }

  deinit {
    store.pins.giveBack()
  }

  func read(_ ranges: [Range<UInt64>]) async throws(ObjectStoreError) -> [Bytes] {
    try object.checkIsUnchanged()
    let plan = try ReadPlan(ranges, of: object.metadata, gap: store.options.rangeGap)
    try await object.read(plan.parts, store.threads)
    return plan.runs
  }

  func read(_ range: Range<UInt64>, into target: AlignedBuffer, at offset: Int) async throws(ObjectStoreError) {
    try object.checkIsUnchanged()
    try await object.read([try object.part(range, target, at: offset)], store.threads)
  }
}

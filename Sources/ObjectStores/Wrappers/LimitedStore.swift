internal import Synchronization

/// Another store with at most so many operations at a time; the others wait in the order in which they came.
///
/// A body counts until it was read to its end or dropped, a writer until it was finished, aborted or dropped, or failed.
/// Who keeps one open and calls the store again needs a second place: with a limit of 1 it waits for itself. Waiting ends
/// with ``ObjectStoreError/Code/cancelled`` when the task is cancelled.
public struct LimitedStore: WrappingStore {
  /// The store that does the work.
  public let base: any ObjectStore
  private let gate: FairGate

  /// Wraps a store.
  ///
  /// - Parameters:
  ///   - base: the store that does the work.
  ///   - limit: the most operations at a time, at least 1.
  public init(_ base: any ObjectStore, limit: Int) {
    self.base = base
    gate = FairGate(places: max(1, limit))
  }

  /// Operations that have a place now.
  public var underWay: Int { gate.taken }

  /// Operations that wait for one.
  public var waiting: Int { gate.waiting }

  /// Waits for a place.
  public func begin(_ operation: StoreOperation) async throws(ObjectStoreError) -> any StoreScope {
    // These belong to a writer, which has a place.
    if operation.kind == .write || operation.kind == .finish { return EmptyScope.shared }
    guard await gate.enter() else { throw .cancelled(operation.key) }
    return Place(gate)
  }

  /// A place at the gate, left once.
  private final class Place: StoreScope {
    private let gate: FairGate
    private let isLeft = Atomic(false)

    init(_ gate: FairGate) {
      self.gate = gate
    }

    deinit {
      leave()
    }

    func end(_ outcome: StoreOutcome) throws(ObjectStoreError) {
      leave()
    }

    private func leave() {
      if !isLeft.exchange(true, ordering: .relaxed) { gate.leave() }
    }
  }
}

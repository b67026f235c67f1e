internal import ByteBuffers
internal import Synchronization

/// Another store that fails now and then as a ``FaultPlan`` says: for simulations and tests.
///
/// An error before the operation means that nothing was done, one after it that it was done and the answer was lost:
/// the object is written, the caller is told otherwise. Of a body or a writer that was opened the answer can be lost
/// too; it is given up then.
public struct FaultyStore: WrappingStore {
  /// What was done.
  public struct Counts: Sendable, Hashable {
    /// Operations begun, failed or not.
    public var operations: UInt64 = 0
    /// Errors before the operation.
    public var before = 0
    /// Errors after the operation.
    public var after = 0
    /// Bodies that broke off.
    public var brokenBodies = 0
    /// Delays.
    public var delays = 0

    /// Starts at nothing.
    public init() {}
  }

  /// The store that does the work.
  public let base: any ObjectStore
  /// Which operations fail, and how.
  public let plan: FaultPlan
  private let tally = FaultTally()

  /// Wraps a store.
  ///
  /// - Parameters:
  ///   - base: the store that does the work.
  ///   - plan: which operations fail, and how.
  public init(_ base: any ObjectStore, plan: FaultPlan) {
    self.base = base
    self.plan = plan
  }

  /// What was done so far.
  public var counts: Counts { tally.counts.withLock { $0 } }

  /// Delays or fails the operation when its number is up.
  public func begin(_ operation: StoreOperation) async throws(ObjectStoreError) -> any StoreScope {
    let number = tally.counts.withLock { counts in
      defer { counts.operations += 1 }
      return counts.operations
    }
    var lostAnswer: ObjectStoreError.Code?
    var breaks = false
    for fault in plan.faults(of: number, operation.kind) {
      switch fault {
      case .delay(let duration):
        tally.count { $0.delays += 1 }
        guard (try? await Task.sleep(for: duration)) != nil else { throw .cancelled(operation.key) }
      case .before(let code):
        tally.count { $0.before += 1 }
        throw .fault(code, "operation \(number), \(operation.kind.rawValue), was not done", operation.key)
      case .after(let code): lostAnswer = code
      case .brokenBody: breaks = operation.kind == .get
      }
    }
    if lostAnswer == nil, !breaks { return EmptyScope.shared }
    return FaultyScope(operation, number, lostAnswer: lostAnswer, plan: breaks ? plan : nil, tally: tally)
  }
}

extension ObjectStoreError {
  fileprivate static func fault(_ code: Code, _ what: String, _ key: ObjectKey?) -> ObjectStoreError {
    ObjectStoreError(code, "A fault of the simulation: \(what); try again.", key: key)
  }
}

private final class FaultTally: Sendable {
  let counts = Mutex(FaultyStore.Counts())

  func count(_ change: (inout FaultyStore.Counts) -> Void) {
    counts.withLock { change(&$0) }
  }
}

/// Loses the answer of an operation, or breaks off its body.
private final class FaultyScope: StoreScope {
  private struct State {
    var lostAnswer: ObjectStoreError.Code?
    /// Bytes of the body that arrive; nil when it does not break off.
    var breaksAfter: UInt64?
    var arrived: UInt64 = 0
    var isBroken = false
  }

  private let operation: StoreOperation
  private let number: UInt64
  /// Says where the body breaks off; nil when it does not.
  private let plan: FaultPlan?
  private let tally: FaultTally
  private let state: Mutex<State>

  init(
    _ operation: StoreOperation,
    _ number: UInt64,
    lostAnswer: ObjectStoreError.Code?,
    plan: FaultPlan?,
    tally: FaultTally
  ) {
    self.operation = operation
    self.number = number
    self.plan = plan
    self.tally = tally
    state = Mutex(State(lostAnswer: lostAnswer))
  }

  func opened(_ bytes: UInt64) throws(ObjectStoreError) {
    try loseAnswer()
    state.withLock { $0.breaksAfter = plan?.breakingPoint(of: number, length: bytes) }
  }

  func received(_ run: Bytes) async throws(ObjectStoreError) -> Bytes {
    let kept = state.withLock { state in
      guard let limit = state.breaksAfter else { return run.count }
      let kept = Int(min(limit - state.arrived, UInt64(run.count)))
      state.arrived += UInt64(kept)
      return kept
    }
    if kept == 0 { throw broken() }
    return run[0..<kept]
  }

  func end(_ outcome: StoreOutcome) throws(ObjectStoreError) {
    guard case .success = outcome else { return }
    try loseAnswer()
    if state.withLock({ $0.breaksAfter != nil }) { throw broken() }
  }

  private func loseAnswer() throws(ObjectStoreError) {
    let code = state.withLock { state in
      defer { state.lostAnswer = nil }
      return state.lostAnswer
    }
    guard let code else { return }
    tally.count { $0.after += 1 }
    throw .fault(code, "the answer to operation \(number), \(operation.kind.rawValue), was lost", operation.key)
  }

  private func broken() -> ObjectStoreError {
    let isFirst = state.withLock { state in
      defer { state.isBroken = true }
      return !state.isBroken
    }
    if isFirst { tally.count { $0.brokenBodies += 1 } }
    return .fault(.transport, "the body of operation \(number) broke off", operation.key)
  }
}

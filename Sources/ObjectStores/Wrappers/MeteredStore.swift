internal import ByteBuffers
public import CoreMetrics
internal import Synchronization

/// Another store whose operations are measured with swift-metrics.
///
/// Dimensions are `store`, the name given, and `operation`, the ``StoreOperation/Kind``: a body is one `get` until it was
/// read to its end or dropped, a writer one `putStream` until it was finished, aborted or dropped.
///
/// | metric | kind | dimensions |
/// |---|---|---|
/// | `object_store_operations` | counter, when an operation ends | store, operation |
/// | `object_store_errors` | counter | store, operation, code |
/// | `object_store_received_bytes` | counter | store, operation |
/// | `object_store_sent_bytes` | counter | store, operation |
/// | `object_store_duration` | timer | store, operation |
/// | `object_store_under_way` | meter | store |
public struct MeteredStore: WrappingStore {
  /// The store that does the work.
  public let base: any ObjectStore
  /// The value of the dimension `store`.
  public let name: String
  private let meters: StoreMeters

  /// Wraps a store.
  ///
  /// - Parameters:
  ///   - base: the store that does the work.
  ///   - name: the value of the dimension `store`; few different ones, since each makes metrics of its own.
  ///   - factory: where metrics go.
  public init(_ base: any ObjectStore, name: String, factory: any MetricsFactory = MetricsSystem.factory) {
    self.base = base
    self.name = name
    meters = StoreMeters(name: name, factory: factory)
  }

  /// Starts the clock.
  public func begin(_ operation: StoreOperation) async throws(ObjectStoreError) -> any StoreScope {
    switch operation.kind {
    case .write:
      meters.ofWriters.sent.increment(by: operation.bytes)
      return EmptyScope.shared
    case .finish:
      return EmptyScope.shared
    default:
      return MeteredScope(operation, meters)
    }
  }
}

/// The metrics of a store.
private final class StoreMeters: Sendable {
  struct OfKind: Sendable {
    let operations: Counter
    let received: Counter
    let sent: Counter
    let duration: Timer
  }

  private struct ErrorLabel: Hashable {
    let kind: StoreOperation.Kind
    let code: ObjectStoreError.Code
  }

  /// Codes are open; a store that made one for every error would make as many metrics.
  private static let mostErrors = 500

  let underWay: Meter
  let ofWriters: OfKind
  private let ofKind: [StoreOperation.Kind: OfKind]
  private let errors = Mutex<[ErrorLabel: Counter]>([:])
  private let name: String
  private let factory: any MetricsFactory

  init(name: String, factory: any MetricsFactory) {
    self.name = name
    self.factory = factory
    underWay = Meter(label: "object_store_under_way", dimensions: [("store", name)], factory: factory)
    ofWriters = StoreMeters.make(.putStream, name, factory)
    let others = StoreOperation.Kind.allCases.filter { ![.putStream, .write, .finish].contains($0) }
    ofKind = Dictionary(uniqueKeysWithValues: others.map { ($0, StoreMeters.make($0, name, factory)) })
  }

  func of(_ kind: StoreOperation.Kind) -> OfKind { ofKind[kind] ?? ofWriters }

  func countError(_ kind: StoreOperation.Kind, _ code: ObjectStoreError.Code) {
    errors.withLock { errors in
      let known = errors.count < StoreMeters.mostErrors || errors[ErrorLabel(kind: kind, code: code)] != nil
      let label = ErrorLabel(kind: kind, code: known ? code : .init(rawValue: "other"))
      if let counter = errors[label] { return counter.increment() }
      let dimensions = [("store", name), ("operation", kind.rawValue), ("code", label.code.rawValue)]
      let counter = Counter(label: "object_store_errors", dimensions: dimensions, factory: factory)
      errors[label] = counter
      counter.increment()
    }
  }

  private static func make(_ kind: StoreOperation.Kind, _ name: String, _ factory: any MetricsFactory) -> OfKind {
    let dimensions = [("store", name), ("operation", kind.rawValue)]
    return OfKind(
      operations: Counter(label: "object_store_operations", dimensions: dimensions, factory: factory),
      received: Counter(label: "object_store_received_bytes", dimensions: dimensions, factory: factory),
      sent: Counter(label: "object_store_sent_bytes", dimensions: dimensions, factory: factory),
      duration: Timer(label: "object_store_duration", dimensions: dimensions, factory: factory)
    )
  }
}

/// Measures one operation.
private final class MeteredScope: StoreScope {
  private let operation: StoreOperation
  private let meters: StoreMeters
  private let start = ContinuousClock.now
  private let isOver = Atomic(false)

  init(_ operation: StoreOperation, _ meters: StoreMeters) {
    self.operation = operation
    self.meters = meters
    meters.underWay.increment()
  }

  deinit {
    conclude(.abandoned)
  }

  func received(_ run: Bytes) async throws(ObjectStoreError) -> Bytes {
    meters.of(operation.kind).received.increment(by: run.count)
    return run
  }

  func end(_ outcome: StoreOutcome) throws(ObjectStoreError) {
    conclude(outcome)
  }

  private func conclude(_ outcome: StoreOutcome) {
    guard !isOver.exchange(true, ordering: .relaxed) else { return }
    meters.underWay.decrement()
    let metrics = meters.of(operation.kind)
    metrics.operations.increment()
    let (seconds, attoseconds) = start.duration(to: .now).components
    metrics.duration.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    switch outcome {
    case .failure(let error): meters.countError(operation.kind, error.code)
    case .success where operation.kind == .put: metrics.sent.increment(by: operation.bytes)
    case .success where operation.bytes > 0: metrics.received.increment(by: operation.bytes)
    case .success, .abandoned: break
    }
  }
}

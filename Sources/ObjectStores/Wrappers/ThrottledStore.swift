internal import ByteBuffers
internal import Synchronization

/// Another store with at most so many requests, and so many bytes, per second.
///
/// Every call is a request, a deletion one for each thousand keys begun, a writer one when it is opened and one when it
/// is finished; what the store makes of a call in requests of its own is not seen here. Bytes count in both directions:
/// what is written before it goes, what is read once it has arrived, since nobody knows before whether a range exists.
/// Waiting ends with ``ObjectStoreError/Code/cancelled`` when the task is cancelled.
public struct ThrottledStore: WrappingStore {
  /// What is allowed.
  public struct Rates: Sendable, Hashable {
    /// Requests per second; nil for any number.
    public var requestsPerSecond: Double?
    /// Bytes per second, in both directions together; nil for any number.
    public var bytesPerSecond: Double?
    /// Requests that may be made at once after a pause.
    public var requestBurst: Double
    /// Bytes that may be moved at once after a pause.
    public var byteBurst: Double

    /// Creates rates.
    ///
    /// - Parameters:
    ///   - requestsPerSecond: nil for any number.
    ///   - bytesPerSecond: nil for any number.
    ///   - requestBurst: requests at once after a pause; a second's worth when it is nil.
    ///   - byteBurst: bytes at once after a pause; a second's worth when it is nil.
    public init(
      requestsPerSecond: Double? = nil,
      bytesPerSecond: Double? = nil,
      requestBurst: Double? = nil,
      byteBurst: Double? = nil
    ) {
      self.requestsPerSecond = requestsPerSecond
      self.bytesPerSecond = bytesPerSecond
      self.requestBurst = requestBurst ?? max(1, requestsPerSecond ?? 1)
      self.byteBurst = byteBurst ?? max(1, bytesPerSecond ?? 1)
    }
  }

  /// The store that does the work.
  public let base: any ObjectStore
  /// What is allowed.
  public let rates: Rates
  private let pace: Pace

  /// Wraps a store.
  ///
  /// - Parameters:
  ///   - base: the store that does the work.
  ///   - rates: what is allowed.
  /// - Throws: ``ObjectStoreError/Code/configuration`` when a rate is not above 0 or a burst below it.
  public init(_ base: any ObjectStore, rates: Rates) throws(ObjectStoreError) {
    self.base = base
    self.rates = rates
    pace = Pace(
      Throttle(
        requests: try ThrottledStore.bucket(rates.requestsPerSecond, rates.requestBurst, "requests"),
        bytes: try ThrottledStore.bucket(rates.bytesPerSecond, rates.byteBurst, "bytes")
      )
    )
  }

  /// Waits until the operation may begin.
  public func begin(_ operation: StoreOperation) async throws(ObjectStoreError) -> any StoreScope {
    try await pace.wait(for: ThrottledStore.demand(of: operation), key: operation.key)
    switch operation.kind {
    case .get, .getRanges, .getRange: return ThrottledRead(operation, pace)
    default: return EmptyScope.shared
    }
  }

  /// What an operation needs before it begins.
  static func demand(of operation: StoreOperation) -> Throttle.Demand {
    switch operation.kind {
    case .put: Throttle.Demand(requests: 1, bytes: operation.bytes)
    case .write: Throttle.Demand(bytes: operation.bytes)
    case .get, .getRanges, .getRange: Throttle.Demand(requests: 1, bytes: 0)
    case .delete: Throttle.Demand(requests: operation.objects / 1000 + (operation.objects % 1000 == 0 ? 0 : 1))
    case .list, .head, .putStream, .finish, .copy: Throttle.Demand(requests: 1)
    case .flush: Throttle.Demand()
    }
  }

  private static func bucket(_ rate: Double?, _ burst: Double, _ name: String) throws(ObjectStoreError) -> TokenBucket?
  {
    guard let rate else { return nil }
    guard rate > 0, rate.isFinite, burst >= 0, burst.isFinite else {
      throw ObjectStoreError(
        .configuration,
        "\(rate) \(name) per second with a burst of \(burst) is no rate; take one above 0, or nil for any number."
      )
    }
    return TokenBucket(rate: rate, burst: burst)
  }
}

/// Waits as a ``Throttle`` decides.
private final class Pace: Sendable {
  private let throttle: Mutex<Throttle>
  private let start = ContinuousClock.now

  init(_ throttle: Throttle) {
    self.throttle = Mutex(throttle)
  }

  func wait(for demand: Throttle.Demand, key: ObjectKey?) async throws(ObjectStoreError) {
    let nanoseconds = throttle.withLock { $0.take(demand, at: now) }
    guard nanoseconds > 0 else { return }
    do {
      try await Task.sleep(for: .nanoseconds(nanoseconds))
    } catch {
      throttle.withLock { $0.putBack(demand) }
      throw .cancelled(key)
    }
  }

  private var now: Int64 {
    let (seconds, attoseconds) = start.duration(to: .now).components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}

/// Counts the bytes that a read brings.
private final class ThrottledRead: StoreScope {
  private let operation: StoreOperation
  private let pace: Pace

  init(_ operation: StoreOperation, _ pace: Pace) {
    self.operation = operation
    self.pace = pace
  }

  func received(_ run: Bytes) async throws(ObjectStoreError) -> Bytes {
    try await pace.wait(for: Throttle.Demand(bytes: run.count), key: operation.key)
    return run
  }

  func end(_ outcome: StoreOutcome) async throws(ObjectStoreError) {
    guard case .success = outcome, operation.bytes > 0 else { return }
    try await pace.wait(for: Throttle.Demand(bytes: operation.bytes), key: operation.key)
  }
}

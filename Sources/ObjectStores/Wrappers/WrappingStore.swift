public import ByteBuffers

/// A store that does something around every operation of another: counts, delays or fails it.
///
/// An implementation says what to do in ``begin(_:)``; the operations themselves are forwarded by an extension. For an
/// operation that ends with the call, like a put, the scope ends with it. A body is one operation until it was read to
/// its end, and a writer until it was finished or aborted: their scope goes away unended when the caller drops them.
/// The writes of a writer, and its end, are operations of their own within that of the writer.
public protocol WrappingStore: ObjectStore {
  /// The store that does the work.
  var base: any ObjectStore { get }

  /// Called before an operation; throwing makes the operation fail before it reached the base.
  ///
  /// - Parameter operation: what was called.
  /// - Returns: what accompanies the operation.
  func begin(_ operation: StoreOperation) async throws(ObjectStoreError) -> any StoreScope
}

/// Accompanies one operation of a ``WrappingStore``; when it goes away unended, the operation was dropped.
public protocol StoreScope: AnyObject, Sendable {
  /// The base opened a body or a writer; throwing gives it up.
  ///
  /// - Parameter bytes: length of the body, 0 for a writer.
  func opened(_ bytes: UInt64) throws(ObjectStoreError)

  /// A run of a body arrived; throwing ends the body.
  ///
  /// - Parameter run: what arrived, not empty.
  /// - Returns: what the caller gets of it.
  func received(_ run: Bytes) async throws(ObjectStoreError) -> Bytes

  /// The operation ended; only the first call counts.
  ///
  /// - Parameter outcome: how; throwing turns a success into a failure.
  func end(_ outcome: StoreOutcome) async throws(ObjectStoreError)
}

extension StoreScope {
  /// Lets it be.
  public func opened(_ bytes: UInt64) throws(ObjectStoreError) {}

  /// Hands the run on.
  public func received(_ run: Bytes) async throws(ObjectStoreError) -> Bytes { run }

  /// Lets it be.
  public func end(_ outcome: StoreOutcome) async throws(ObjectStoreError) {}
}

/// A scope for operations that need none.
final class EmptyScope: StoreScope {
  static let shared = EmptyScope()
}

/// A call of a store or of a writer, as wrappers see it.
public struct StoreOperation: Sendable, Hashable {
  /// Which call it is.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// One page of a listing.
    case list
    /// Metadata.
    case head
    /// A body, until it was read to its end, or dropped.
    case get
    /// Several ranges.
    case getRanges
    /// A range into memory of the caller's.
    case getRange
    /// A whole object.
    case put
    /// A writer, until it was finished, aborted or dropped.
    case putStream
    /// Bytes handed to a writer.
    case write
    /// The end of a writer.
    case finish
    /// Objects deleted at once.
    case delete
    /// A copy inside the store.
    case copy
    /// Deferred puts made durable.
    case flush
  }

  /// Which call it is.
  public let kind: Kind
  /// The object, the source of a copy, or the prefix of a listing; nil when there are several.
  public let key: ObjectKey?
  /// Objects it is about.
  public let objects: Int
  /// Bytes that go to the store, or are asked of it, as far as they are known before the call.
  public let bytes: Int

  /// Describes a call.
  ///
  /// - Parameters:
  ///   - kind: which call it is.
  ///   - key: the object.
  ///   - objects: how many objects it is about.
  ///   - bytes: those known before the call.
  public init(_ kind: Kind, key: ObjectKey? = nil, objects: Int = 1, bytes: Int = 0) {
    self.kind = kind
    self.key = key
    self.objects = objects
    self.bytes = bytes
  }
}

/// How an operation ended.
public enum StoreOutcome: Sendable {
  /// It did what was asked.
  case success
  /// It threw.
  case failure(ObjectStoreError)
  /// The caller lost interest: a writer was aborted.
  case abandoned
}

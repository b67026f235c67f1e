public import ByteBuffers

/// What a store can do and its limits.
public struct StoreCapabilities: Sendable, Hashable {
  /// ``PutMode/create`` is atomic.
  public var createOnly = true
  /// ``PutMode/update(ifMatch:)`` is atomic among all clients, not only within this process.
  public var compareAndSet = true
  /// Copies happen inside the store.
  public var serverSideCopy = true
  /// Largest object of one ``ObjectStore/put(_:_:_:)``, in bytes.
  public var largestPut: UInt64 = .max
  /// Longest key, in bytes.
  public var longestKey = 1024

  /// Content types and metadata are kept with objects; else puts that have some are refused.
  public var keepsMetadata = true

  /// Reads cost little more than their bytes, as from this machine's disks.
  public var isLocal = false

  /// Creates a description of a store that can do everything.
  public init() {}
}

/// One page of a listing is asked for with this.
public struct ListRequest: Sendable {
  /// Raw bytes that every key begins with.
  public var prefix: ObjectKey
  /// Keys that contain this after the prefix are rolled up into a common prefix.
  public var delimiter: [UInt8]?
  /// Only keys behind this one.
  public var startAfter: ObjectKey?
  /// The most entries of a page, at least 1; stores may return fewer.
  public var pageSize: Int
  /// Where an earlier page said to go on.
  public var continuation: ListContinuation?

  /// Creates a request.
  ///
  /// - Parameters:
  ///   - prefix: raw bytes that every key begins with.
  ///   - delimiter: what to roll up at, usually a slash.
  ///   - startAfter: only keys behind this one.
  ///   - pageSize: the most entries of a page.
  ///   - continuation: where an earlier page said to go on.
  public init(
    prefix: ObjectKey = "",
    delimiter: String? = nil,
    startAfter: ObjectKey? = nil,
    pageSize: Int = 1000,
    continuation: ListContinuation? = nil
  ) {
    self.prefix = prefix
    self.delimiter = delimiter.map { Array($0.utf8) }
    self.startAfter = startAfter
    self.pageSize = pageSize
    self.continuation = continuation
  }
}

/// Where the next page of a listing begins; only the store that made it can read it.
public struct ListContinuation: Sendable, Hashable {
  /// The store's own token.
  public let token: [UInt8]

  /// Wraps a token.
  ///
  /// - Parameter token: the store's own.
  public init(token: [UInt8]) {
    self.token = token
  }
}

/// A part of a listing.
public struct ListPage: Sendable {
  /// Objects in bytewise order of their keys.
  public var objects: [ObjectMetadata]
  /// Rolled-up prefixes, each ending in the delimiter, in bytewise order.
  public var commonPrefixes: [ObjectKey]
  /// How to get the next page; nil when this is the last.
  public var continuation: ListContinuation?

  /// Creates a page.
  ///
  /// - Parameters:
  ///   - objects: objects in order.
  ///   - commonPrefixes: rolled-up prefixes in order.
  ///   - continuation: how to go on.
  public init(objects: [ObjectMetadata] = [], commonPrefixes: [ObjectKey] = [], continuation: ListContinuation? = nil) {
    self.objects = objects
    self.commonPrefixes = commonPrefixes
    self.continuation = continuation
  }
}

/// What a store knows of an object without reading it.
public struct ObjectMetadata: Sendable, Hashable {
  /// The object's name.
  public var key: ObjectKey
  /// Length in bytes.
  public var size: UInt64
  /// Opaque version text; two versions of one key share it only if they have the same bytes.
  public var etag: String
  /// When this version was written, in nanoseconds since 1970-01-01 UTC; stores may round to seconds.
  public var modified: Int64
  /// The version's id where the store keeps versions.
  public var version: String?
  /// What kind of content it is, as far as the store knows; never in a listing.
  public var contentType: String?
  /// What the caller of the put said of it, by names in lower case; never in a listing.
  public var metadata: [String: String] = [:]

  /// Creates metadata, without a content type.
  ///
  /// - Parameters:
  ///   - key: the object's name.
  ///   - size: length in bytes.
  ///   - etag: opaque version text.
  ///   - modified: nanoseconds since 1970-01-01 UTC.
  ///   - version: the version's id where the store keeps versions.
  public init(key: ObjectKey, size: UInt64, etag: String, modified: Int64, version: String? = nil) {
    self.key = key
    self.size = size
    self.etag = etag
    self.modified = modified
    self.version = version
  }
}

/// A part of an object.
public enum ByteRange: Sendable, Hashable {
  /// Bytes from the first bound up to, not including, the second; the end is cut to the object's.
  case bounded(Range<UInt64>)
  /// Everything from an offset on.
  case from(UInt64)
  /// The last bytes; the whole object when it is shorter.
  case suffix(UInt64)
}

/// Range and conditions of a read.
public struct GetOptions: Sendable, Hashable {
  /// The part wanted; nil for all.
  public var range: ByteRange?
  /// Only this version, or any existing one for `*`; else ``ObjectStoreError/Code/preconditionFailed``.
  public var ifMatch: String?
  /// Only another version; else ``ObjectStoreError/Code/notModified``.
  public var ifNoneMatch: String?
  /// Only when written later than this (nanoseconds since 1970); else ``ObjectStoreError/Code/notModified``.
  public var ifModifiedSince: Int64?
  /// Only when not written later than this; else ``ObjectStoreError/Code/preconditionFailed``.
  public var ifUnmodifiedSince: Int64?
  /// A stored version's id.
  public var version: String?

  /// Creates options that ask for the whole object without conditions.
  ///
  /// - Parameters:
  ///   - range: the part wanted.
  ///   - ifMatch: only this version.
  ///   - ifNoneMatch: only another version.
  public init(range: ByteRange? = nil, ifMatch: String? = nil, ifNoneMatch: String? = nil) {
    self.range = range
    self.ifMatch = ifMatch
    self.ifNoneMatch = ifNoneMatch
  }
}

/// An opened object.
public struct GetResult: Sendable {
  /// Metadata of the version that is read; `size` is that of the whole object.
  public var metadata: ObjectMetadata
  /// The bytes that the body holds, counted in the whole object.
  public var range: Range<UInt64>
  /// The content, front to back, in runs of the store's choice; it can be read once.
  public var body: ObjectBody

  /// Creates a result.
  ///
  /// - Parameters:
  ///   - metadata: of the version that is read.
  ///   - range: the bytes that the body holds.
  ///   - body: the content.
  public init(metadata: ObjectMetadata, range: Range<UInt64>, body: ObjectBody) {
    self.metadata = metadata
    self.range = range
    self.body = body
  }
}

/// The content of an opened object: pulled run by run, so a slow consumer holds the producer back.
public struct ObjectBody: AsyncSequence, Sendable {
  /// One run of bytes.
  public typealias Element = Bytes
  /// What a read may throw.
  public typealias Failure = ObjectStoreError

  /// Returns the next run, or nil at the end.
  public typealias Next = @Sendable () async throws(ObjectStoreError) -> Bytes?

  private let nextRun: Next

  /// Wraps a function that returns run after run.
  ///
  /// - Parameter next: called until it returns nil or throws; what it holds is released when the body goes away.
  public init(next: @escaping Next) {
    nextRun = next
  }

  /// Pulls the runs.
  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let nextRun: Next

    /// Returns the next run, or nil at the end.
    public mutating func next() async throws -> Bytes? {
      try await nextRun()
    }

    /// Returns the next run, or nil at the end.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(ObjectStoreError) -> Bytes? {
      try await nextRun()
    }
  }

  /// Starts reading.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(nextRun: nextRun)
  }
}

/// What a put does when the object exists.
public enum PutMode: Sendable, Hashable {
  /// Replace it.
  case overwrite
  /// Fail with ``ObjectStoreError/Code/alreadyExists``.
  case create
  /// Replace exactly this version, else fail with ``ObjectStoreError/Code/preconditionFailed``.
  case update(ifMatch: String)
}

/// When a put counts as done.
public enum Durability: Sendable, Hashable {
  /// When it survives a loss of power.
  case immediate
  /// When it is visible; ``ObjectStore/flush(_:)`` makes a group of puts durable at once.
  case deferred
}

/// How to store a whole object.
public struct PutOptions: Sendable, Hashable {
  /// What to do when the object exists.
  public var mode: PutMode
  /// When the put counts as done.
  public var durability: Durability
  /// What kind of content it is, such as `application/json`.
  public var contentType: String?
  /// What else is to be known of it, by names that are compared in lower case; at most 2,000 bytes in all.
  public var metadata: [String: String] = [:]

  /// Creates options, without a content type.
  ///
  /// - Parameters:
  ///   - mode: what to do when the object exists.
  ///   - durability: when the put counts as done.
  public init(_ mode: PutMode = .overwrite, durability: Durability = .immediate) {
    self.mode = mode
    self.durability = durability
  }
}

/// How to store an object piece by piece.
public struct PutStreamOptions: Sendable, Hashable {
  /// What to do when the object exists at the time of finishing.
  public var mode: PutMode
  /// When the put counts as done.
  public var durability: Durability
  /// Bytes gathered before they are sent, where the store sends in parts; it grows when an object needs more parts
  /// than the store allows.
  public var partSize: Int
  /// What kind of content it is, such as `application/json`.
  public var contentType: String?
  /// What else is to be known of it, by names that are compared in lower case; at most 2,000 bytes in all.
  public var metadata: [String: String] = [:]

  /// Creates options, without a content type.
  ///
  /// - Parameters:
  ///   - mode: what to do when the object exists.
  ///   - durability: when the put counts as done.
  ///   - partSize: bytes of a part.
  public init(_ mode: PutMode = .overwrite, durability: Durability = .immediate, partSize: Int = 8 << 20) {
    self.mode = mode
    self.durability = durability
    self.partSize = partSize
  }
}

/// What a put wrote.
public struct PutResult: Sendable, Hashable {
  /// Entity tag of the new version.
  public var etag: String
  /// The version's id where the store keeps versions.
  public var version: String?

  /// Creates a result.
  ///
  /// - Parameters:
  ///   - etag: entity tag of the new version.
  ///   - version: the version's id.
  public init(etag: String, version: String? = nil) {
    self.etag = etag
    self.version = version
  }
}

/// A key that could not be deleted.
public struct DeleteFailure: Sendable {
  /// The object that is still there.
  public var key: ObjectKey
  /// Why.
  public var error: ObjectStoreError

  /// Creates a failure.
  ///
  /// - Parameters:
  ///   - key: the object that is still there.
  ///   - error: why.
  public init(key: ObjectKey, error: ObjectStoreError) {
    self.key = key
    self.error = error
  }
}

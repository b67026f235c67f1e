/// A store could not do what was asked, named by what the caller can do about it.
public struct ObjectStoreError: Error, Sendable {
  /// What the caller can do; open, so that stores can add codes.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The name of the code.
    public let rawValue: String

    /// Names a code.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// The object, or the root or bucket, does not exist.
    public static let notFound = Code(rawValue: "notFound")
    /// A create-only put found an object.
    public static let alreadyExists = Code(rawValue: "alreadyExists")
    /// An `ifMatch` condition or a compare-and-set put found another version, or none.
    public static let preconditionFailed = Code(rawValue: "preconditionFailed")
    /// An `ifNoneMatch` read found the version the caller already has.
    public static let notModified = Code(rawValue: "notModified")
    /// The caller is known and may not do this.
    public static let permissionDenied = Code(rawValue: "permissionDenied")
    /// The caller is not known: wrong, missing or expired credentials.
    public static let unauthenticated = Code(rawValue: "unauthenticated")
    /// The store asks for fewer requests.
    public static let throttled = Code(rawValue: "throttled")
    /// No answer in time.
    public static let timeout = Code(rawValue: "timeout")
    /// The task was cancelled.
    public static let cancelled = Code(rawValue: "cancelled")
    /// The key cannot name an object in this store.
    public static let invalidKey = Code(rawValue: "invalidKey")
    /// A range lies outside the object.
    public static let invalidRange = Code(rawValue: "invalidRange")
    /// What was given with a put cannot be kept in any store: a content type or metadata.
    public static let invalidMetadata = Code(rawValue: "invalidMetadata")
    /// The store cannot do this at all.
    public static let unsupported = Code(rawValue: "unsupported")
    /// Length or checksum of what arrived is wrong.
    public static let integrity = Code(rawValue: "integrity")
    /// The connection, or the disk, failed.
    public static let transport = Code(rawValue: "transport")
    /// There is no room left.
    public static let outOfSpace = Code(rawValue: "outOfSpace")
    /// The server answered with an error of its own.
    public static let server = Code(rawValue: "server")
    /// The store is configured wrongly.
    public static let configuration = Code(rawValue: "configuration")
  }

  /// What the caller can do.
  public let code: Code

  /// What was wrong and what to do next, in one sentence; never contains a secret.
  public let message: String

  /// The object it happened to, if one.
  public let key: ObjectKey?

  /// The error below, if one.
  public let underlying: (any Error)?

  /// Whether the same request may succeed later.
  public var isRetryable: Bool { [.throttled, .timeout, .transport, .server].contains(code) }

  /// Creates an error.
  ///
  /// - Parameters:
  ///   - code: what the caller can do.
  ///   - message: one sentence.
  ///   - key: the object it happened to.
  ///   - underlying: the error below.
  public init(_ code: Code, _ message: String, key: ObjectKey? = nil, underlying: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.key = key
    self.underlying = underlying
  }
}

extension ObjectStoreError: CustomStringConvertible {
  /// Code, message and key in one line.
  public var description: String {
    guard let key else { return "\(code.rawValue): \(message)" }
    return "\(code.rawValue): \(message) (\(key.text))"
  }
}

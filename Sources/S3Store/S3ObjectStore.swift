public import ObjectStores

/// A bucket of S3, or of what speaks it, as an ``ObjectStore``.
///
/// Reads of one object are pinned to a version by its entity tag, puts in ``PutMode/create`` and
/// ``PutMode/update(ifMatch:)`` are decided by the server. What goes wrong on the way is repeated as the configuration's
/// ``S3Configuration/retry`` says; a put whose answer was lost is recognised as this client's own.
///
/// Two things depend on the server. A *streamed* object of more than one part in a conditional mode is decided by the
/// server only if it looks at conditions when an upload is completed, as AWS does; the condition is checked right before
/// in any case. The same holds for copies that are too large to be read and put.
public struct S3ObjectStore: ObjectStore {
  let client: S3Client

  var configuration: S3Configuration { client.configuration }

  /// Prepares to speak to a bucket; nothing is sent yet.
  ///
  /// - Parameter configuration: where it is and how it is spoken to.
  /// - Throws: `configuration` when bucket and endpoint make no address.
  public init(_ configuration: S3Configuration) throws(ObjectStoreError) {
    client = try S3Client(configuration)
  }

  /// What S3 can do.
  public var capabilities: StoreCapabilities {
    var capabilities = StoreCapabilities()
    capabilities.largestPut = S3ObjectStore.largestPut
    capabilities.longestKey = S3ObjectStore.longestKey
    return capabilities
  }

  static let largestPut: UInt64 = 5 << 30
  static let longestKey = 1024

  /// Returns at once: what S3 has confirmed is durable.
  public func flush(_ keys: [ObjectKey]) async throws(ObjectStoreError) {}

  /// An address that reads or writes one object without keys, for a while; it is a secret.
  ///
  /// - Parameters:
  ///   - key: the object.
  ///   - isForWriting: whether it is good for a put instead of a get.
  ///   - seconds: for how long, 1 to 604,800.
  /// - Returns: the address.
  /// - Throws: `configuration` for another time; what the source of the keys throws.
  public func presignedURL(
    _ key: ObjectKey,
    isForWriting: Bool = false,
    seconds: Int = 3600
  ) async throws(ObjectStoreError) -> String {
    try S3ObjectStore.check(key)
    let request = S3Request(isForWriting ? "write" : "read", isForWriting ? .put : .get, key)
    return try await client.presign(request, expires: seconds)
  }

  static func check(_ key: ObjectKey) throws(ObjectStoreError) {
    guard 1...longestKey ~= key.bytes.count else {
      throw ObjectStoreError(.invalidKey, "The key has \(key.bytes.count) bytes, 1 to 1,024 are allowed.", key: key)
    }
    guard !key.bytes.contains(0), String(validating: key.bytes, as: UTF8.self) != nil else {
      throw ObjectStoreError(.invalidKey, "Keys of S3 are UTF-8 without NUL; this one is not.", key: key)
    }
  }

  /// Sends a request; for those who need no more than the error.
  func send(_ request: S3Request) async throws(ObjectStoreError) -> HTTPResponse {
    do throws(S3Failure) {
      return try await client.send(request)
    } catch {
      throw error.error
    }
  }
}

public import ObjectStores

/// A place in S3 as people write it: `s3://bucket/prefix`.
///
/// `s3a://`, as Hadoop's programs write it, means the same. Everything behind the bucket's slash is the key as it is:
/// nothing is percent-decoded, and `?`, `#` and further slashes are bytes of the key. The server's address, the region
/// and the credentials belong elsewhere.
public struct S3Location: Hashable, Sendable {
  /// The bucket.
  public let bucket: String

  /// The key of an object, or the prefix of many; empty for the whole bucket.
  public let key: ObjectKey

  /// Takes a bucket and a key.
  ///
  /// - Parameters:
  ///   - bucket: 3 to 63 characters, as S3 allows them.
  ///   - key: the key of an object, or a prefix.
  public init(bucket: String, key: ObjectKey = "") throws(ObjectStoreError) {
    if let fault = Self.fault(ofBucket: bucket) { throw ObjectStoreError(.configuration, fault) }
    guard key.bytes.count <= Self.longestKey else {
      throw ObjectStoreError(
        .invalidKey,
        "A key has \(key.bytes.count) bytes; S3 takes at most \(Self.longestKey). Choose a shorter prefix."
      )
    }
    self.bucket = bucket
    self.key = key
  }

  /// Takes a location apart.
  ///
  /// - Parameter uri: `s3://bucket`, `s3://bucket/key` or the same with `s3a`.
  public init(_ uri: String) throws(ObjectStoreError) {
    guard let mark = uri.firstRange(of: "://"), ["s3", "s3a"].contains(uri[..<mark.lowerBound].lowercased()) else {
      throw ObjectStoreError(.configuration, "A location in S3 begins with s3://; write s3://bucket/prefix.")
    }
    let rest = uri.utf8[mark.upperBound...]
    let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
    try self.init(bucket: String(uri[mark.upperBound..<end]), key: ObjectKey(bytes: Array(rest[end...].dropFirst())))
  }

  private static let longestKey = 1024

  /// What is wrong with the name of a bucket; nil when nothing is.
  static func fault(ofBucket name: String) -> String? {
    // What is no name may hold a password, and is not repeated.
    guard !name.utf8.contains(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: ":") }) else {
      return """
        A location in S3 has an '@' or a ':' before its first slash; write s3://bucket/prefix, and give the server's \
        address and the credentials as options or in the environment.
        """
    }
    let bytes = Array(name.utf8)
    func fault(_ rule: String) -> String { "'\(name)' is no name of a bucket: \(rule). Check the location." }
    guard !bytes.isEmpty else { return "A location in S3 names no bucket; write s3://bucket/prefix." }
    guard 3...63 ~= bytes.count else { return fault("it has \(bytes.count) characters, S3 takes 3 to 63") }
    guard bytes.allSatisfy({ isLetterOrDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }) else {
      return fault("S3 takes small letters a to z, digits, '.' and '-'")
    }
    guard let first = bytes.first, let last = bytes.last, isLetterOrDigit(first), isLetterOrDigit(last) else {
      return fault("it has to begin and end with a small letter or a digit")
    }
    guard !name.contains("..") else { return fault("it has two '.' in a row") }
    guard !isAddress(bytes) else { return fault("it is written like an IP address") }
    return nil
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
  }

  /// Four numbers with dots between, whatever their size.
  private static func isAddress(_ bytes: [UInt8]) -> Bool {
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { 1...3 ~= $0.count && $0.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } }
  }
}

extension S3Location: CustomStringConvertible {
  /// The location with the scheme `s3`; for messages where the key is no valid UTF-8.
  public var description: String { key.bytes.isEmpty ? "s3://\(bucket)" : "s3://\(bucket)/\(key.text)" }
}

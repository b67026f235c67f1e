/// The name of an object: raw bytes, ordered bytewise.
///
/// Keys are bytes, not text: two keys that are canonically equivalent Unicode are different objects. A key has no
/// leading slash of its own accord; what a store cannot hold it refuses with ``ObjectStoreError/Code/invalidKey``.
public struct ObjectKey: Hashable, Sendable {
  /// The bytes of the name.
  public let bytes: [UInt8]

  /// Takes bytes.
  ///
  /// - Parameter bytes: the name; at most 1,024 bytes are accepted by stores.
  public init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Takes the UTF-8 form of a text.
  ///
  /// - Parameter text: the name.
  public init(_ text: String) {
    bytes = Array(text.utf8)
  }

  /// The name as text, invalid UTF-8 replaced; for messages, never for comparing.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The key with a path segment behind it, joined by a slash.
  ///
  /// - Parameter segment: what to append; a slash is put between unless the key is empty or ends in one.
  /// - Returns: the longer key.
  public func appending(_ segment: String) -> ObjectKey {
    var joined = bytes
    if let last = joined.last, last != UInt8(ascii: "/") { joined.append(UInt8(ascii: "/")) }
    joined.append(contentsOf: segment.utf8)
    return ObjectKey(bytes: joined)
  }

  /// Whether the key begins with the bytes of another.
  ///
  /// - Parameter prefix: raw bytes; `l/b` is a prefix of `l/b-x`.
  /// - Returns: true when it does.
  public func hasPrefix(_ prefix: ObjectKey) -> Bool {
    bytes.starts(with: prefix.bytes)
  }
}

extension ObjectKey: Comparable {
  /// Orders by unsigned bytes, which is the order of listings.
  public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}

extension ObjectKey: ExpressibleByStringLiteral, CustomStringConvertible {
  /// Takes a literal.
  public init(stringLiteral value: String) {
    self.init(value)
  }

  /// The name as text.
  public var description: String { text }
}

/// Keys in bytewise order, one after the other: what a listing page is cut from.
protocol KeyCursor {
  /// The next key, without stepping over it; nil at the end.
  mutating func peek() throws(ObjectStoreError) -> ObjectKey?

  /// Steps over the key that ``peek()`` returned.
  ///
  /// - Returns: its metadata; nil when the object has gone meanwhile.
  mutating func take() throws(ObjectStoreError) -> ObjectMetadata?

  /// Steps over all keys that begin with a prefix of the key that ``peek()`` returned.
  mutating func skip(_ prefix: ObjectKey) throws(ObjectStoreError)
}

/// Where a listing stands.
enum ListPosition: Hashable, Sendable {
  /// Before the first key.
  case start
  /// Behind a key.
  case after(ObjectKey)
  /// Behind every key that begins with a common prefix.
  case past(ObjectKey)

  /// Whether a key was passed already.
  func isBehind(_ key: ObjectKey) -> Bool {
    switch self {
    case .start: false
    case .after(let last): key <= last
    case .past(let prefix): key < prefix || key.hasPrefix(prefix)
    }
  }

  /// Where a request begins.
  init(_ request: ListRequest) throws(ObjectStoreError) {
    if let token = request.continuation?.token {
      self = try ListPosition(token: token[...])
    } else {
      self = request.startAfter.map { .after($0) } ?? .start
    }
  }

  /// Reads what ``token`` wrote.
  init(token: ArraySlice<UInt8>) throws(ObjectStoreError) {
    let key = ObjectKey(bytes: Array(token.dropFirst()))
    switch token.first {
    case UInt8(ascii: "k"): self = .after(key)
    case UInt8(ascii: "p"): self = .past(key)
    default:
      throw ObjectStoreError(.configuration, "The continuation is not one of this store; begin the listing anew.")
    }
  }

  /// The position as bytes.
  var token: [UInt8] {
    switch self {
    case .start: [UInt8(ascii: "k")]
    case .after(let key): [UInt8(ascii: "k")] + key.bytes
    case .past(let prefix): [UInt8(ascii: "p")] + prefix.bytes
    }
  }
}

extension ListRequest {
  /// Cuts a page.
  ///
  /// - Parameter cursor: stands at the page's first key; it only returns keys with the request's prefix.
  /// - Returns: the page, its continuation missing, and where the next one begins; nil at the end.
  func page(from cursor: inout some KeyCursor) throws(ObjectStoreError) -> (ListPage, next: ListPosition?) {
    var page = ListPage()
    var position = ListPosition.start
    let limit = max(1, pageSize)
    while let key = try cursor.peek() {
      if page.objects.count + page.commonPrefixes.count == limit { return (page, position) }
      if let common = commonPrefix(of: key) {
        page.commonPrefixes.append(common)
        try cursor.skip(common)
        position = .past(common)
      } else {
        if let metadata = try cursor.take() { page.objects.append(metadata) }
        position = .after(key)
      }
    }
    return (page, nil)
  }

  /// What a key is rolled up into, or nil.
  package func commonPrefix(of key: ObjectKey) -> ObjectKey? {
    guard let delimiter, !delimiter.isEmpty else { return nil }
    let bytes = key.bytes
    var at = prefix.bytes.count
    while at + delimiter.count <= bytes.count {
      if bytes[at..<at + delimiter.count].elementsEqual(delimiter) {
        return ObjectKey(bytes: Array(bytes[..<(at + delimiter.count)]))
      }
      at += 1
    }
    return nil
  }
}

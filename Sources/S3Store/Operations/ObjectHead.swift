internal import ObjectStores

/// What the head of an answer says of an object.
struct ObjectHead {
  var metadata: ObjectMetadata
  /// The bytes that the body holds.
  var range: Range<UInt64>
  /// Who put it, where this client's puts are marked.
  var mark: String?

  /// Reads the answer to a HEAD or a GET.
  ///
  ///     content-length: 100
  ///     content-range: bytes 900-999/2000     of a part
  init(_ response: HTTPResponse, _ key: ObjectKey) throws(ObjectStoreError) {
    guard let etag = response.header("etag"), !etag.isEmpty else {
      throw ObjectStoreError(.integrity, "The store gives no entity tag, so versions cannot be told apart.", key: key)
    }
    let length = response.header("content-length").flatMap { UInt64($0) }
    if response.status == 206 {
      guard let (range, size) = response.header("content-range").flatMap({ ObjectHead.contentRange($0) }) else {
        throw ObjectStoreError(.integrity, "The store does not say which part of the object it sends.", key: key)
      }
      guard length == nil || length == range.length else {
        throw ObjectStoreError(.integrity, "The store sends another part than it says.", key: key)
      }
      self.range = range
      metadata = ObjectMetadata(key: key, size: size, etag: etag, modified: 0)
    } else {
      guard let length else {
        throw ObjectStoreError(.integrity, "The store does not say how long the object is.", key: key)
      }
      range = 0..<length
      metadata = ObjectMetadata(key: key, size: length, etag: etag, modified: 0)
    }
    let seconds = response.header("last-modified").flatMap { DateForms.parseHTTP($0) } ?? 0
    metadata.modified = seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue
    let version = response.header("x-amz-version-id")
    metadata.version = version == "null" ? nil : version
    mark = response.header(ObjectHead.markHeader)
    metadata.contentType = response.header("content-type")
    for header in response.headers where header.name.hasPrefix(ObjectHead.metadataPrefix) {
      let name = String(header.name.dropFirst(ObjectHead.metadataPrefix.count))
      guard !name.hasPrefix(ObjectAttributes.reservedPrefix) else { continue }
      metadata.metadata[name] = metadata.metadata[name].map { $0 + "," + header.value } ?? header.value
    }
  }

  /// What the names of the headers begin with that carry metadata.
  static let metadataPrefix = "x-amz-meta-"

  /// The header in which conditional puts leave a number that only this client knows.
  static let markHeader = "x-amz-meta-backfill-put"

  /// The bounds in `bytes 0-99/1000`.
  private static func contentRange(_ text: String) -> (Range<UInt64>, size: UInt64)? {
    guard text.hasPrefix("bytes ") else { return nil }
    let parts = text.dropFirst(6).split(separator: "/", maxSplits: 1)
    let bounds = parts.first?.split(separator: "-", maxSplits: 1) ?? []
    guard parts.count == 2, bounds.count == 2, let first = UInt64(bounds[0]), let last = UInt64(bounds[1]),
      let size = UInt64(parts[1]), first <= last, last < size
    else { return nil }
    return (first..<last + 1, size)
  }
}

extension S3Request {
  /// Adds what is to be kept with an object.
  mutating func add(_ attributes: ObjectAttributes) {
    if let type = attributes.contentType { addHeader("content-type", type) }
    for (name, value) in attributes.metadata.sorted(by: { $0.key < $1.key }) {
      addHeader(ObjectHead.metadataPrefix + name, value)
    }
  }

  /// Adds the conditions of a read; any version is what one without a condition asks for.
  mutating func add(_ options: GetOptions) {
    if let tag = options.ifMatch, tag != "*" { addHeader("if-match", tag) }
    if let tag = options.ifNoneMatch, tag != "*" { addHeader("if-none-match", tag) }
    if options.ifMatch == nil, let time = options.ifUnmodifiedSince {
      addHeader("if-unmodified-since", S3Request.date(time))
    }
    if options.ifNoneMatch == nil, let time = options.ifModifiedSince {
      addHeader("if-modified-since", S3Request.date(time))
    }
    if let version = options.version { addQuery("versionId", version) }
  }

  /// Dates in headers have whole seconds.
  private static func date(_ nanoseconds: Int64) -> String {
    DateForms.http(Int64((Double(nanoseconds) / 1e9).rounded(.down)))
  }
}

internal import ByteBuffers
internal import ObjectStores

/// A page of keys, answered to ListObjectsV2.
///
///     <ListBucketResult>
///       <IsTruncated>true</IsTruncated> <NextContinuationToken>opaque</NextContinuationToken>
///       <EncodingType>url</EncodingType>
///       <Contents> <Key/> <LastModified/> <ETag/> <Size/> <StorageClass/> … </Contents> …
///       <CommonPrefixes> <Prefix/> </CommonPrefixes> …
///     </ListBucketResult>
struct ListAnswer: Sendable {
  /// In the server's order; an entity tag is empty, and a time 0, where the server gives none.
  var objects: [ObjectMetadata] = []
  var commonPrefixes: [ObjectKey] = []
  var isTruncated = false
  /// Not encoded; nil when it is missing or empty.
  var nextContinuationToken: String?

  private var isEncoded = false

  /// Reads the body of an answer.
  init(_ body: Bytes) throws(ObjectStoreError) {
    self = try XMLScanner.read(body, roots: ["ListBucketResult"]) { (scanner) throws(XMLError) in
      var answer = ListAnswer()
      try answer.read(&scanner)
      return answer
    }
  }

  private init() {
    objects.reserveCapacity(1000)
  }

  private mutating func read(_ scanner: inout XMLScanner) throws(XMLError) {
    while let name = try scanner.child() {
      switch name {
      case "Contents": objects.append(try object(&scanner))
      case "CommonPrefixes": commonPrefixes += try prefixes(&scanner)
      case "IsTruncated": isTruncated = try scanner.boolean("IsTruncated")
      case "NextContinuationToken":
        let token = try scanner.text()
        if !token.isEmpty { nextContinuationToken = token.string }
      case "EncodingType":
        if try scanner.text().isText("url") { try decodeKeys(at: scanner.offset) }
      default: try scanner.skip()
      }
    }
  }

  private func object(_ scanner: inout XMLScanner) throws(XMLError) -> ObjectMetadata {
    var key: ObjectKey?
    var size: UInt64?
    var etag = ""
    var modified: Int64 = 0
    while let name = try scanner.child() {
      switch name {
      case "Key": key = try scanner.key("Key", isEncoded: isEncoded)
      case "Size":
        guard let value = try scanner.text().unsigned else { throw scanner.badValue("Size") }
        size = value
      case "ETag": etag = try scanner.text().string
      case "LastModified": modified = try scanner.timestamp("LastModified")
      default: try scanner.skip()
      }
    }
    guard let key else { throw scanner.missing("Key") }
    guard let size else { throw scanner.missing("Size") }
    return ObjectMetadata(key: key, size: size, etag: etag, modified: modified)
  }

  private func prefixes(_ scanner: inout XMLScanner) throws(XMLError) -> [ObjectKey] {
    var prefixes: [ObjectKey] = []
    while let name = try scanner.child() {
      if name == "Prefix" {
        prefixes.append(try scanner.key("Prefix", isEncoded: isEncoded))
      } else {
        try scanner.skip()
      }
    }
    return prefixes
  }

  /// Notes that keys are encoded; some servers say so only behind them.
  private mutating func decodeKeys(at offset: Int) throws(XMLError) {
    guard !isEncoded else { return }
    isEncoded = true
    for index in objects.indices { objects[index].key = try objects[index].key.urlDecoded("Key", at: offset) }
    for index in commonPrefixes.indices {
      commonPrefixes[index] = try commonPrefixes[index].urlDecoded("Prefix", at: offset)
    }
  }
}

internal import ByteBuffers
internal import ObjectStores

/// Uploads that were begun and neither completed nor aborted, answered to ListMultipartUploads.
///
///     <ListMultipartUploadsResult>
///       <NextKeyMarker/> <NextUploadIdMarker/> <EncodingType/> <IsTruncated/>
///       <Upload> <Key/> <UploadId/> <Initiated/> … </Upload> …
///     </ListMultipartUploadsResult>
struct UploadsAnswer: Sendable {
  struct Upload: Sendable, Equatable {
    var key: ObjectKey
    var uploadID: String
    /// When it was begun, in nanoseconds since 1970; 0 where the server does not say.
    var initiated: Int64
  }

  var uploads: [Upload] = []
  var isTruncated = false
  /// Where the next page begins; nil when it is missing or empty.
  var nextKeyMarker: ObjectKey?
  /// Goes with ``nextKeyMarker``.
  var nextUploadIDMarker: String?

  /// Reads the body of an answer.
  init(_ body: Bytes) throws(ObjectStoreError) {
    self = try XMLScanner.read(body, roots: ["ListMultipartUploadsResult"]) { (scanner) throws(XMLError) in
      var answer = UploadsAnswer()
      try answer.read(&scanner)
      return answer
    }
  }

  private init() {}

  private mutating func read(_ scanner: inout XMLScanner) throws(XMLError) {
    var isEncoded = false
    while let name = try scanner.child() {
      switch name {
      case "Upload": uploads.append(try upload(&scanner))
      case "IsTruncated": isTruncated = try scanner.boolean("IsTruncated")
      case "EncodingType": isEncoded = try scanner.text().isText("url")
      case "NextKeyMarker":
        let marker = try scanner.key("NextKeyMarker", isEncoded: false)
        nextKeyMarker = marker.bytes.isEmpty ? nil : marker
      case "NextUploadIdMarker":
        let marker = try scanner.text()
        nextUploadIDMarker = marker.isEmpty ? nil : marker.string
      default: try scanner.skip()
      }
    }
    if isEncoded { try decodeKeys(at: scanner.offset) }
  }

  private func upload(_ scanner: inout XMLScanner) throws(XMLError) -> Upload {
    var key: ObjectKey?
    var id: String?
    var initiated: Int64 = 0
    while let name = try scanner.child() {
      switch name {
      case "Key": key = try scanner.key("Key", isEncoded: false)
      case "UploadId": id = try scanner.required("UploadId")
      case "Initiated": initiated = try scanner.timestamp("Initiated")
      default: try scanner.skip()
      }
    }
    guard let key else { throw scanner.missing("Key") }
    guard let id else { throw scanner.missing("UploadId") }
    return Upload(key: key, uploadID: id, initiated: initiated)
  }

  private mutating func decodeKeys(at offset: Int) throws(XMLError) {
    for index in uploads.indices { uploads[index].key = try uploads[index].key.urlDecoded("Key", at: offset) }
    if let marker = nextKeyMarker { nextKeyMarker = try marker.urlDecoded("NextKeyMarker", at: offset) }
  }
}

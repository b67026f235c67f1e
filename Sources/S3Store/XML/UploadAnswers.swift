internal import ByteBuffers
internal import ObjectStores

/// The id of a new upload, answered to CreateMultipartUpload.
///
///     <InitiateMultipartUploadResult> <Bucket/> <Key/> <UploadId/> </InitiateMultipartUploadResult>
struct UploadAnswer: Sendable {
  var uploadID: String

  /// Reads the body of an answer.
  init(_ body: Bytes) throws(ObjectStoreError) {
    uploadID = try XMLScanner.read(body, roots: ["InitiateMultipartUploadResult"]) { (scanner) throws(XMLError) in
      var id: String?
      while let name = try scanner.child() {
        if name == "UploadId" { id = try scanner.required("UploadId") } else { try scanner.skip() }
      }
      guard let id else { throw scanner.missing("UploadId") }
      return id
    }
  }
}

/// What was made of the parts, answered to CompleteMultipartUpload.
///
///     <CompleteMultipartUploadResult> <Location/> <Bucket/> <Key/> <ETag/> </CompleteMultipartUploadResult>
struct CompleteAnswer: Sendable {
  /// Nil when the server gives none, or an empty one.
  var etag: String?

  /// Reads the body of an answer.
  init(_ body: Bytes) throws(ObjectStoreError) {
    etag = try XMLScanner.read(body, roots: ["CompleteMultipartUploadResult"]) { (scanner) throws(XMLError) in
      try scanner.lastETag()
    }
  }
}

/// The version that a copy made, answered to CopyObject and UploadPartCopy.
///
///     <CopyObjectResult> <LastModified/> <ETag/> </CopyObjectResult>
struct CopyAnswer: Sendable {
  /// Nil when the server gives none, or an empty one.
  var etag: String?

  /// Reads the body of an answer.
  init(_ body: Bytes) throws(ObjectStoreError) {
    etag = try XMLScanner.read(body, roots: ["CopyObjectResult", "CopyPartResult"]) { (scanner) throws(XMLError) in
      try scanner.lastETag()
    }
  }
}

extension XMLScanner {
  /// Reads the open element to its end for its entity tag.
  fileprivate mutating func lastETag() throws(XMLError) -> String? {
    var etag: String?
    while let name = try child() {
      guard name == "ETag" else {
        try skip()
        continue
      }
      let text = try text()
      etag = text.isEmpty || text.isText("\"\"") ? nil : text.string
    }
    return etag
  }
}

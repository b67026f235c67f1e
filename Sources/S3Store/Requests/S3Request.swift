internal import ByteBuffers
internal import ObjectStores

/// A request before it has an address, a date and a signature: it is given new ones each time it is sent.
struct S3Request: Sendable {
  /// What is done, for messages: "read", "write", ...
  var action: String
  var method: HTTPRequest.Method
  /// Nil for the bucket itself.
  var key: ObjectKey?
  /// Names and values, not encoded.
  var query: [(name: String, value: [UInt8])] = []
  var headers: [HTTPRequest.Header] = []
  /// Bytes of the object that are asked for.
  var range: Range<UInt64>?
  var body: [Bytes] = []
  var target = ResponseTarget.collect(limit: 8 << 20)
  /// Whether an answer of success may hold an error in its body.
  var mayFailInBody = false
  /// Whether nobody waits for the answer any more, so that it is not sent again.
  var isAbandoned: @Sendable () -> Bool = { false }

  init(_ action: String, _ method: HTTPRequest.Method, _ key: ObjectKey?) {
    self.action = action
    self.method = method
    self.key = key
  }

  mutating func addQuery(_ name: String, _ value: String = "") {
    query.append((name, Array(value.utf8)))
  }

  mutating func addHeader(_ name: String, _ value: String) {
    headers.append(HTTPRequest.Header(name: name, value: value))
  }

  /// Goes on behind bytes that have arrived, where it is sure that they are of the version that is asked for.
  ///
  /// - Returns: whether bytes that were received are kept.
  mutating func resume(after received: Int) -> Bool {
    guard received > 0, case .fill(let place, let count) = target, received < count, let range,
      headers.contains(where: { $0.name == "if-match" && $0.value != "*" })
    else { return false }
    self.range = range.lowerBound + UInt64(received)..<range.upperBound
    target = .fill(AlignedBlock(block: place.block, offset: place.offset + received), count: count - received)
    return true
  }
}

/// A request has failed for good.
struct S3Failure: Error {
  var error: ObjectStoreError
  /// Nil when there was no answer.
  var status: Int?
  /// The server's word for it.
  var serverCode = ""
  /// Whether an attempt may have taken effect all the same.
  var mayHaveHappened = false
}

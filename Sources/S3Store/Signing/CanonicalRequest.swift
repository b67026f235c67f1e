internal import Crypto

/// A request as both sides write it down before they sign.
///
///     PUT                                       method
///     /test%24file.text                         path as it is sent: S3 encodes once and removes no dots
///     max-keys=2&prefix=J                       query sorted by name, then value
///     host:examplebucket.s3.amazonaws.com       headers sorted by name, one a line
///     x-amz-date:20130524T000000Z
///                                               an empty line
///     host;x-amz-date                           names of the headers
///     44ce7dd67c959e0d3524ffac1771dfbba87d2b6…  hash of the body
struct CanonicalRequest {
  private var text: [UInt8] = []

  /// Writes a request down.
  ///
  /// - Parameters:
  ///   - request: with its query sorted.
  ///   - headers: of the request.
  ///   - payload: the text that stands for the body.
  init(_ request: HTTPRequest, _ headers: SignedHeaders, payload: String) {
    text.reserveCapacity(1024 + request.path.utf8.count)
    put(request.method.rawValue)
    put("\n")
    put(request.path)
    put("\n")
    for (index, parameter) in request.query.enumerated() {
      if index > 0 { put("&") }
      put(parameter.name)
      put("=")
      put(parameter.value)
    }
    put("\n")
    headers.write(to: &text)
    put("\n")
    put(headers.names)
    put("\n")
    put(payload)
  }

  private mutating func put(_ piece: String) {
    text.append(contentsOf: piece.utf8)
  }

  /// SHA-256 of the text.
  var hash: SHA256Digest {
    var hash = SHA256()
    text.withUnsafeBytes { hash.update(bufferPointer: $0) }
    return hash.finalize()
  }
}

extension HTTPRequest {
  /// Puts the parameters into the order in which they are signed: by name, then by value, bytewise.
  mutating func sortQuery() {
    guard query.count > 1 else { return }
    query.sort { left, right in
      if left.name != right.name { return left.name.utf8.lexicographicallyPrecedes(right.name.utf8) }
      return left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
    }
  }
}

internal import Crypto

/// Signs requests by AWS Signature Version 4, as S3 wants it.
///
/// The path is signed as it is sent. That is the rule of S3; other services encode it twice, which matters only for paths
/// other than `/`.
final class SigV4Signer: Sendable {
  static let algorithm = "AWS4-HMAC-SHA256"

  let keys = SigningKeys()

  /// Adds what a server needs to check a request: date, hash of the body, token and signature.
  ///
  /// What a former signature left is replaced, so a request may be signed again before it is sent again. The query is put
  /// into the order in which it is signed.
  ///
  /// - Parameters:
  ///   - request: what is sent.
  ///   - credentials: whose signature it is.
  ///   - region: where the bucket is.
  ///   - service: `s3`; for others the hash of the body is no header.
  ///   - seconds: Unix time as the server has it.
  ///   - payload: what is signed of the body.
  func sign(
    _ request: inout HTTPRequest,
    credentials: S3Credentials,
    region: String,
    service: String = "s3",
    at seconds: Int64,
    payload: PayloadHash
  ) {
    let date = DateForms.basic(seconds)
    let hash = payload.text
    request.headers.removeAll { Self.own.contains($0.name) }
    request.headers.reserveCapacity(request.headers.count + Self.own.count)
    request.headers.append(HTTPRequest.Header(name: "x-amz-date", value: date))
    if service == "s3" { request.headers.append(HTTPRequest.Header(name: "x-amz-content-sha256", value: hash)) }
    if let token = credentials.sessionToken {
      request.headers.append(HTTPRequest.Header(name: "x-amz-security-token", value: token))
    }
    request.sortQuery()
    let headers = SignedHeaders(request)
    let key = keys.key(credentials.secretAccessKey, day: date.prefix(8), region: region, service: service)
    let signature = signature(CanonicalRequest(request, headers, payload: hash), date: date, key)
    var authorization = ""
    authorization.reserveCapacity(256)
    for piece in [
      Self.algorithm, " Credential=", credentials.accessKeyID, "/", key.scope, ", SignedHeaders=", headers.names,
      ", Signature=", signature,
    ] { authorization += piece }
    request.headers.append(HTTPRequest.Header(name: "authorization", value: authorization))
  }

  private static let own = ["x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "authorization"]

  /// The signature of a request, in hex.
  ///
  /// What is signed:
  ///
  ///     AWS4-HMAC-SHA256
  ///     20130524T000000Z
  ///     20130524/us-east-1/s3/aws4_request
  ///     7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972
  ///
  /// - Parameters:
  ///   - canonical: the request.
  ///   - date: in the basic form.
  ///   - key: of the secret for the date's day, region and service.
  func signature(_ canonical: CanonicalRequest, date: String, _ key: SigningKeys.Key) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(192)
    for piece in [Self.algorithm, "\n", date, "\n", key.scope, "\n"] { text.append(contentsOf: piece.utf8) }
    Hex.append(canonical.hash, to: &text)
    var code = key.start
    code.update(data: text)
    return Hex.text(code.finalize())
  }
}

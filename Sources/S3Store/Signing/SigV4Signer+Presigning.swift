internal import ObjectStores

extension SigV4Signer {
  /// The longest time for which an address is good: seven days.
  static let longestExpiry = 604_800

  /// An address that carries its signature: whoever has it can make this one request, until it expires.
  ///
  /// Whoever makes the request has to send the signed headers with it: those of the request beginning with `x-amz-` and
  /// `if-`, `content-type`, `content-md5` and `range`. The body is not signed. With temporary credentials the address
  /// ends with them at the latest. The address is a secret.
  ///
  /// - Parameters:
  ///   - request: not signed yet.
  ///   - credentials: whose signature it is.
  ///   - region: where the bucket is.
  ///   - seconds: Unix time as the server has it.
  ///   - expires: seconds for which it is good, 1 to 604,800.
  /// - Returns: the address.
  func presign(
    _ request: HTTPRequest,
    credentials: S3Credentials,
    region: String,
    at seconds: Int64,
    expires: Int
  ) throws(ObjectStoreError) -> String {
    guard 1...Self.longestExpiry ~= expires else {
      throw ObjectStoreError(
        .configuration,
        "A presigned address cannot be good for \(expires) s; give 1 to \(Self.longestExpiry) s, which are seven days."
      )
    }
    var request = request
    let date = DateForms.basic(seconds)
    let headers = SignedHeaders(request)
    let key = keys.key(credentials.secretAccessKey, day: date.prefix(8), region: region, service: "s3")
    var parameters = [
      ("X-Amz-Algorithm", Self.algorithm), ("X-Amz-Credential", "\(credentials.accessKeyID)/\(key.scope)"),
      ("X-Amz-Date", date), ("X-Amz-Expires", "\(expires)"), ("X-Amz-SignedHeaders", headers.names),
    ]
    if let token = credentials.sessionToken { parameters.append(("X-Amz-Security-Token", token)) }
    request.query += parameters.map { HTTPRequest.Parameter(name: $0, value: PercentEncoding.query($1)) }
    request.sortQuery()
    let canonical = CanonicalRequest(request, headers, payload: PayloadHash.unsigned.text)
    let signature = signature(canonical, date: date, key)
    request.query.append(HTTPRequest.Parameter(name: "X-Amz-Signature", value: signature))
    return request.url
  }
}

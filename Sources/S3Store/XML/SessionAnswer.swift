internal import ByteBuffers
internal import ObjectStores

/// Temporary credentials, answered by STS to AssumeRoleWithWebIdentity, AssumeRole and GetSessionToken.
///
///     <AssumeRoleWithWebIdentityResponse>
///       <AssumeRoleWithWebIdentityResult>
///         <Credentials> <AccessKeyId/> <SecretAccessKey/> <SessionToken/> <Expiration/> </Credentials>
///       </AssumeRoleWithWebIdentityResult>
///     </AssumeRoleWithWebIdentityResponse>
struct SessionAnswer: Sendable {
  var credentials: S3Credentials
  /// When they end, in nanoseconds since 1970.
  var expiration: Int64

  private static let roots: [StaticString] = [
    "AssumeRoleWithWebIdentityResponse", "AssumeRoleResponse", "GetSessionTokenResponse",
  ]

  /// Reads the body of an answer.
  init(_ body: Bytes) throws(ObjectStoreError) {
    self = try XMLScanner.read(body, roots: SessionAnswer.roots) { (scanner) throws(XMLError) in
      var answer: SessionAnswer?
      while let name = try scanner.child() {
        switch name {
        case "AssumeRoleWithWebIdentityResult", "AssumeRoleResult", "GetSessionTokenResult":
          answer = try SessionAnswer.result(&scanner)
        default: try scanner.skip()
        }
      }
      guard let answer else { throw scanner.missing("Credentials") }
      return answer
    }
  }

  private init(credentials: S3Credentials, expiration: Int64) {
    self.credentials = credentials
    self.expiration = expiration
  }

  private static func result(_ scanner: inout XMLScanner) throws(XMLError) -> SessionAnswer? {
    var answer: SessionAnswer?
    while let name = try scanner.child() {
      if name == "Credentials" { answer = try session(&scanner) } else { try scanner.skip() }
    }
    return answer
  }

  private static func session(_ scanner: inout XMLScanner) throws(XMLError) -> SessionAnswer {
    var id: String?
    var secret: String?
    var token: String?
    var expiration: Int64?
    while let name = try scanner.child() {
      switch name {
      case "AccessKeyId": id = try scanner.required("AccessKeyId")
      case "SecretAccessKey": secret = try scanner.required("SecretAccessKey")
      case "SessionToken": token = try scanner.required("SessionToken")
      case "Expiration": expiration = try scanner.timestamp("Expiration")
      default: try scanner.skip()
      }
    }
    guard let id else { throw scanner.missing("AccessKeyId") }
    guard let secret else { throw scanner.missing("SecretAccessKey") }
    guard let token else { throw scanner.missing("SessionToken") }
    guard let expiration else { throw scanner.missing("Expiration") }
    let credentials = S3Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token)
    return SessionAnswer(credentials: credentials, expiration: expiration)
  }
}

/// What requests are signed with.
public struct S3Credentials: Sendable, Hashable {
  /// The public half.
  public var accessKeyID: String
  /// The secret half; in no description, message or log.
  public var secretAccessKey: String
  /// What goes with temporary credentials.
  public var sessionToken: String?

  /// Takes credentials.
  ///
  /// - Parameters:
  ///   - accessKeyID: the public half.
  ///   - secretAccessKey: the secret half.
  ///   - sessionToken: what goes with temporary credentials.
  public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }
}

extension S3Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The public half alone.
  public var description: String { "S3Credentials(\(accessKeyID))" }

  /// The public half alone.
  public var debugDescription: String { description }

  /// The public half alone.
  public var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}

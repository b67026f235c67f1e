public import ObjectStores

/// Credentials in the variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
public struct EnvironmentCredentials: S3CredentialProvider {
  private let environment: [String: String]?

  /// Looks into the environment.
  ///
  /// - Parameter environment: nil for that of this process.
  public init(environment: [String: String]? = nil) {
    self.environment = environment
  }

  /// What messages call the place.
  public var name: String { "environment variables" }

  /// Why there are none.
  public var absence: String { "AWS_ACCESS_KEY_ID is not set" }

  /// The credentials in the variables; nil if they are not set.
  public func credentials() throws(ObjectStoreError) -> S3IssuedCredentials? {
    let environment = environment ?? ProcessEnvironment.current
    let id = environment.nonEmpty("AWS_ACCESS_KEY_ID")
    let secret = environment.nonEmpty("AWS_SECRET_ACCESS_KEY")
    guard let id, let secret else {
      guard id != nil || secret != nil else { return nil }
      let missing = id == nil ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY"
      let present = id == nil ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"
      throw ObjectStoreError(
        .configuration,
        "The environment variable \(present) is set and \(missing) is not; set both or neither."
      )
    }
    let token = environment["AWS_SESSION_TOKEN"]
    return S3IssuedCredentials(
      credentials: try CredentialParts.join(id: id, secret: secret, token: token, source: name)
    )
  }
}

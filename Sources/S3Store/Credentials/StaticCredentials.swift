public import ObjectStores

/// Credentials that are given and do not change.
public struct StaticCredentials: S3CredentialProvider {
  private let given: S3Credentials

  /// What messages call the place.
  public let name: String

  /// Takes credentials.
  ///
  /// - Parameters:
  ///   - credentials: what requests are signed with.
  ///   - name: what messages call the place that they come from, such as the name of a file or an option.
  public init(_ credentials: S3Credentials, name: String = "the configuration") {
    given = credentials
    self.name = name
  }

  /// The credentials that were given.
  public func credentials() throws(ObjectStoreError) -> S3IssuedCredentials? {
    S3IssuedCredentials(
      credentials: try CredentialParts.join(
        id: given.accessKeyID,
        secret: given.secretAccessKey,
        token: given.sessionToken,
        source: name
      )
    )
  }
}

internal import ObjectStores

/// Credentials as the services for containers and instances, and programs, write them down.
///
/// The members are `AccessKeyId`, `SecretAccessKey`, `Token` or `SessionToken`, and `Expiration`.
struct CredentialDocument {
  private let members: [String: String]
  private let source: String

  /// Reads a document.
  ///
  /// - Parameters:
  ///   - bytes: of JSON.
  ///   - source: what messages call the place.
  init(_ bytes: [UInt8], source: String) throws(ObjectStoreError) {
    self.source = source
    do throws(FlatJSON.Failure) {
      members = try FlatJSON.members(of: bytes)
    } catch {
      throw ObjectStoreError(
        .unauthenticated,
        "The answer of \(source) is not the JSON of credentials: \(error.message). Check what answers there."
      )
    }
  }

  /// A member that is not about keys.
  func member(_ name: String) -> String? { members[name] }

  /// The credentials in the document.
  func issued() throws(ObjectStoreError) -> S3IssuedCredentials {
    guard let id = members["AccessKeyId"], let secret = members["SecretAccessKey"] else {
      let missing = members["AccessKeyId"] == nil ? "AccessKeyId" : "SecretAccessKey"
      throw ObjectStoreError(
        .unauthenticated,
        "The answer of \(source) has no \(missing). Check what answers there."
      )
    }
    let token = members["Token"] ?? members["SessionToken"]
    let credentials = try CredentialParts.join(id: id, secret: secret, token: token, source: source)
    guard let text = members["Expiration"], !text.isEmpty else { return S3IssuedCredentials(credentials: credentials) }
    guard let expires = DateForms.parseExtended(text) else {
      throw ObjectStoreError(
        .unauthenticated,
        "The answer of \(source) has an Expiration that is no date such as 2026-11-22T07:03:14Z."
      )
    }
    return S3IssuedCredentials(credentials: credentials, expires: expires)
  }
}

internal import ObjectStores

/// Puts credentials together from what a place holds.
enum CredentialParts {
  private static let longest = 16_384

  /// Checks that the parts can stand in a header, and tells which one cannot.
  ///
  /// - Parameters:
  ///   - id: the public half.
  ///   - secret: the secret half.
  ///   - token: what goes with temporary credentials; none for an empty one.
  ///   - source: what messages call the place.
  static func join(
    id: String,
    secret: String,
    token: String?,
    source: String
  ) throws(ObjectStoreError) -> S3Credentials {
    let token = token.flatMap { $0.isEmpty ? nil : $0 }
    for (part, text) in [("access key ID", id), ("secret access key", secret), ("session token", token)] {
      guard let text else { continue }
      guard !text.isEmpty, text.utf8.count <= longest, text.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
        throw ObjectStoreError(
          .configuration,
          "The \(part) from \(source) is empty, too long, or has a blank, a line break or another character that keys "
            + "do not have; look for it at its ends."
        )
      }
    }
    return S3Credentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token)
  }
}

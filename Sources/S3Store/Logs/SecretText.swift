/// Looks for secrets in what a server says: some repeat what they were sent.
enum SecretText {
  /// What stands for a text that is not shown.
  static let hidden = "(not shown: it repeats a secret)"

  /// The text, or what stands for it if it holds a secret of the credentials, or a part of a signature.
  static func hiding(_ keys: S3Credentials?, in text: String) -> String {
    var secrets = ["Signature=", "AWS4-HMAC-SHA256 ", "Bearer "]
    if let keys { secrets += [keys.secretAccessKey, keys.sessionToken ?? ""].filter { !$0.isEmpty } }
    return secrets.contains { text.contains($0) } ? hidden : text
  }
}

extension ErrorAnswer {
  /// The same without what repeats a secret.
  func hidingSecrets(of keys: S3Credentials?) -> ErrorAnswer {
    var answer = self
    answer.code = SecretText.hiding(keys, in: code)
    answer.message = SecretText.hiding(keys, in: message)
    answer.requestID = requestID.map { SecretText.hiding(keys, in: $0) }
    return answer
  }
}

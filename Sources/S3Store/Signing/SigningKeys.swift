internal import Crypto
internal import Synchronization

/// The keys that secrets give for a day, a region and a service, each made once.
final class SigningKeys: Sendable {
  /// What signs for one secret and one scope.
  struct Key: Sendable {
    /// `20130524/us-east-1/s3/aws4_request`, as it stands in the signed text.
    let scope: String
    /// A code of authentication that has taken the key in, and nothing to sign yet.
    let start: HMAC<SHA256>
  }

  private struct Entry {
    let secret: String
    let day: String
    let region: String
    let service: String
    let key: Key
  }

  /// A process has few sets of credentials and regions at a time; the oldest key goes first.
  private static let limit = 16

  private let entries = Mutex<[Entry]>([])

  /// The key of a secret for a scope.
  ///
  /// - Parameters:
  ///   - secret: the secret half of the credentials.
  ///   - day: eight digits.
  ///   - region: where the server is.
  ///   - service: `s3`, `sts`.
  func key(_ secret: String, day: Substring, region: String, service: String) -> Key {
    let known = entries.withLock { entries in
      entries.first { $0.day == day && $0.region == region && $0.service == service && $0.secret == secret }?.key
    }
    if let known { return known }
    let steps = [String(day), region, service, "aws4_request"]
    var key = SymmetricKey(data: Array("AWS4\(secret)".utf8))
    for step in steps { key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(step.utf8), using: key)) }
    let made = Key(scope: steps.joined(separator: "/"), start: HMAC<SHA256>(key: key))
    entries.withLock { entries in
      if entries.count == Self.limit { entries.removeFirst() }
      entries.append(Entry(secret: secret, day: steps[0], region: region, service: service, key: made))
    }
    return made
  }

  /// How many keys are kept.
  var count: Int { entries.withLock { $0.count } }
}

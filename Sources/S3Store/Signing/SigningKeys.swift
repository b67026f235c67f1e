internal import Crypto
internal import Synchronization

/// Where and when a signature is good: a day, a region and a service.
struct SigningScope: Hashable, Sendable {
  /// Eight digits.
  var day: String
  var region: String
  var service: String

  /// As it stands in the signed text.
  var text: String { "\(day)/\(region)/\(service)/aws4_request" }
}

/// The keys that secrets give for a scope, each made once a day.
final class SigningKeys: Sendable {
  private struct Entry {
    let secret: String
    let scope: SigningScope
    let key: SymmetricKey
  }

  /// A process has few sets of credentials and regions at a time; the oldest key goes first.
  private static let limit = 16

  private let entries = Mutex<[Entry]>([])

  /// The key of a secret for a scope.
  func key(_ secret: String, _ scope: SigningScope) -> SymmetricKey {
    let known = entries.withLock { entries in
      entries.first { $0.scope == scope && $0.secret == secret }?.key
    }
    if let known { return known }
    let key = Self.derive(secret, scope)
    entries.withLock { entries in
      if entries.count == Self.limit { entries.removeFirst() }
      entries.append(Entry(secret: secret, scope: scope, key: key))
    }
    return key
  }

  /// How many keys are kept.
  var count: Int { entries.withLock { $0.count } }

  private static func derive(_ secret: String, _ scope: SigningScope) -> SymmetricKey {
    var key = SymmetricKey(data: Array("AWS4\(secret)".utf8))
    for step in [scope.day, scope.region, scope.service, "aws4_request"] {
      key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(step.utf8), using: key))
    }
    return key
  }
}

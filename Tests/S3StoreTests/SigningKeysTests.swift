import Crypto
import Testing

@testable import S3Store

@Suite("Signing keys")
struct SigningKeysTests {
  private struct Scope {
    var day = "20130524"
    var region = "us-east-1"
    var service = "s3"
  }

  /// The code of no text at all, by which keys are told apart.
  private static func code(_ keys: SigningKeys, _ secret: String, _ scope: Scope) -> [UInt8] {
    Array(keys.key(secret, day: scope.day[...], region: scope.region, service: scope.service).start.finalize())
  }

  @Test("are told apart by secret, day, region and service, and only the latest are kept")
  func scopes() {
    let keys = SigningKeys()
    let base = Scope()
    let scopes = [base, Scope(day: "20130525"), Scope(region: "us-east-2"), Scope(service: "sts")]
    let first = scopes.map { Self.code(keys, "secret", $0) } + [Self.code(keys, "Secret", base)]
    for (index, code) in first.enumerated() { #expect(!first[..<index].contains(code)) }
    #expect(scopes.map { Self.code(keys, "secret", $0) } == Array(first.dropLast()))
    #expect(keys.count == 5)
    for index in 0..<100 { _ = Self.code(keys, "secret \(index)", base) }
    #expect(keys.count == 16)
    #expect(Self.code(keys, "secret", base) == first[0])
  }
}

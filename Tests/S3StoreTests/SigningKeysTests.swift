import Crypto
import Testing

@testable import S3Store

@Suite("Signing keys")
struct SigningKeysTests {
  @Test("are told apart by secret, day, region and service, and only the latest are kept")
  func scopes() {
    let keys = SigningKeys()
    let base = SigningScope(day: "20130524", region: "us-east-1", service: "s3")
    let scopes = [
      base, SigningScope(day: "20130525", region: "us-east-1", service: "s3"),
      SigningScope(day: "20130524", region: "us-east-2", service: "s3"),
      SigningScope(day: "20130524", region: "us-east-1", service: "sts"),
    ]
    let first = scopes.map { keys.key("secret", $0) } + [keys.key("Secret", base)]
    for (index, key) in first.enumerated() { #expect(!first[..<index].contains(key)) }
    #expect(scopes.map { keys.key("secret", $0) } == Array(first.dropLast()))
    #expect(keys.count == 5)
    for index in 0..<100 { _ = keys.key("secret \(index)", base) }
    #expect(keys.count == 16)
    #expect(keys.key("secret", base) == first[0])
  }
}

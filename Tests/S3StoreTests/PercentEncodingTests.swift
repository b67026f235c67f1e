import Testing

@testable import S3Store

@Suite("Percent encoding")
struct PercentEncodingTests {
  @Test("keeps letters, digits and -._~, and the slash in paths; all other bytes are three characters")
  func everyByte() {
    let kept = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
    let digits = Array("0123456789ABCDEF")
    for byte in UInt8.min...UInt8.max {
      let plain = String(decoding: [byte], as: UTF8.self)
      let escaped = "%\(digits[Int(byte) / 16])\(digits[Int(byte) % 16])"
      #expect(PercentEncoding.query([byte]) == (kept.contains(byte) ? plain : escaped))
      #expect(PercentEncoding.path([byte]) == (kept.contains(byte) || byte == 0x2f ? plain : escaped))
    }
  }

  @Test("does not change dots, double slashes or what looks encoded already into something else")
  func keys() {
    #expect(PercentEncoding.path(Array("a//b/../%41 +é".utf8)) == "a//b/../%2541%20%2B%C3%A9")
    #expect(PercentEncoding.query("a/b=c&d") == "a%2Fb%3Dc%26d")
    #expect(PercentEncoding.path([]) == "" && PercentEncoding.query("") == "")
  }
}

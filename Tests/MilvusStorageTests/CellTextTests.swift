import ByteBuffers
import Testing

@testable import MilvusStorage

/// Texts that cells may hold.
@Suite("Texts of cells")
struct CellTextTests {
  private func isJSON(_ text: String) -> Bool {
    Bytes(utf8: text).withUnsafeBytes { bytes in
      bytes.baseAddress.map { JSONSyntax.isValid($0, bytes.count) } ?? false
    }
  }

  @Test(
    "One JSON value is JSON",
    arguments: [
      "{}", "[]", "null", "true", "false", "0", "-1.5e+10", "1E5", "\"\"", "\"\\u00e9\\n\"",
      " [ 1 , { \"a\" : [ ] } ] ",
      "{\"a\":1,\"a\":2}", "\"é漢🙂\"",
    ]
  )
  func valid(_ text: String) {
    #expect(isJSON(text))
  }

  @Test(
    "Anything else is not",
    arguments: [
      "", " ", "{", "}", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "01", "1.", ".5", "+1", "-", "1e", "nul", "tru e",
      "\"",
      "\"\\x\"", "\"\\u12g4\"", "\"\n\"", "1 2", "[1]]", "NaN", "'a'", "{\"a\":1,}",
    ]
  )
  func invalid(_ text: String) {
    #expect(!isJSON(text))
  }

  @Test("Nesting has a limit")
  func deep() {
    #expect(isJSON(String(repeating: "[", count: 500) + String(repeating: "]", count: 500)))
    #expect(!isJSON(String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)))
  }

  @Test("Bytes are UTF-8 exactly when the standard library says so")
  func utf8() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SplitMix(state: seed)
    let interesting: [UInt8] = [
      0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
      0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
    ]
    for _ in 0..<200_000 {
      let bytes = (0..<(1 + random.next() % 12)).map { _ in
        interesting[Int(random.next() % UInt64(interesting.count))]
      }
      let ours = Bytes(bytes).withUnsafeBytes { $0.baseAddress.map { isUTF8($0, bytes.count) } }
      #expect(ours == (String(validating: bytes, as: UTF8.self) != nil), "seed \(seed): \(bytes)")
    }
  }
}

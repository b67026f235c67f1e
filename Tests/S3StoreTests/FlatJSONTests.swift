import Foundation
import Testing

@testable import S3Store

@Suite("JSON of credentials")
struct FlatJSONTests {
  private func members(_ text: String) throws -> [String: String] { try FlatJSON.members(of: Array(text.utf8)) }

  @Test("has texts, numbers, truth values and nulls")
  func values() throws {
    #expect(try members(" {} ") == [:])
    #expect(
      try members("\n{\"a\" : \"x\",\"b\":1,\"c\":-0.5e+10,\"d\":true,\"e\":false,\"f\":null,\"\":\"\"}\t")
        == ["a": "x", "b": "1", "c": "-0.5e+10", "d": "true", "e": "false", "": ""]
    )
    #expect(try members(#"{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\uDE00"}"#) == ["a": "\"\\/\u{8}\u{c}\n\r\té😀"])
  }

  @Test(
    "is refused when it is anything else",
    arguments: [
      "", " ", "[]", "\"a\"", "{", "{}x", "{} {}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":1 \"b\":2}",
      "{\"a\":{}}", "{\"a\":[]}", "{'a':1}", "{a:1}", "{\"a\":1,\"a\":2}", "{\"a\":null,\"a\":2}", "{\"a\":tru}",
      "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e}", "{\"a\":+1}", "{\"a\":-}", "{\"a\":NaN}",
      "{\"a\":\"\n\"}", "{\"a\":\"x", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\ud83d\"}",
      "{\"a\":\"\\ud83d\\n\"}", "{\"a\":\"\\ude00\"}", "{\"a\":\"\\", "{\"a\":\"\\u", "{\"a\":\"\\ud83d\\u",
      "\u{feff}{}", "{\"a\":1}\u{0}",
    ]
  )
  func refused(_ text: String) {
    #expect(throws: FlatJSON.Failure.self) { try members(text) }
  }

  @Test("has limits, and is UTF-8")
  func limits() throws {
    func many(_ count: Int) -> String {
      "{" + (0..<count).map { "\"\($0)\":1" }.joined(separator: ",") + "}"
    }
    #expect(try members(many(64)).count == 64)
    #expect(throws: FlatJSON.Failure.self) { try members(many(65)) }
    #expect(throws: FlatJSON.Failure.self) { try members("{}" + String(repeating: " ", count: 65_535)) }
    #expect(throws: FlatJSON.Failure.self) { try FlatJSON.members(of: Array("{\"a\":\"".utf8) + [0xff, 0x22, 0x7d]) }
  }

  @Test("is read as Foundation reads it, and no cut or damaged form of it traps")
  func beside() throws {
    var generator = SeededGenerator(TestSeed.value)
    let pieces = ["a", "é", "\\", "\"", "/", "\n", "\u{1}", "😀", "{", "}", ":", ",", " ", "\u{2028}"]
    for _ in 0..<300 {
      var object: [String: String] = [:]
      for _ in 0..<Int.random(in: 0...5, using: &generator) {
        func text() -> String { (0..<4).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined() }
        object[text()] = text()
      }
      let bytes = Array(try JSONEncoder().encode(object))
      #expect(try FlatJSON.members(of: bytes) == object)
      for _ in 0..<20 {
        var damaged = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
        if !damaged.isEmpty {
          damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        // What we accept, Foundation accepts and understands in the same way; it takes a name twice, which we refuse.
        if let ours = try? FlatJSON.members(of: damaged) {
          let theirs = try JSONSerialization.jsonObject(with: Data(damaged)) as? [String: Any]
          #expect(theirs?.filter { !($0.value is NSNull) }.count == ours.count)
        }
      }
    }
  }
}

import Foundation
import Testing

@testable import S3Store

@Suite("Words of commands")
struct CommandWordsTests {
  @Test(
    "are what a shell makes of quotes, backslashes and blanks",
    arguments: [
      "a", " a  b\tc ", "'a b' \"c d\"", "a\\ b", "a'b'\"c\"d", "''", "\"\" x", "'a\\b'", "\"a\\\"b\\\\c\\d\"",
      "\\'a\\'",
      "\"it's\"", "'say \"x\"'", "a\\\\b", "é '😀 x'",
    ]
  )
  func words(_ command: String) throws {
    // The shell prints each of its words, and a NUL behind it.
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "printf '%s\\0' \(command)"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let expected = output.split(separator: "\0", omittingEmptySubsequences: false).dropLast().map(String.init)
    #expect(CommandWords.split(command) == expected)
  }

  @Test("are refused when there are none, or a quote or a backslash is open")
  func refused() {
    for command in ["", "  ", "'a", "\"a", "a \\", "\"a\\\""] { #expect(CommandWords.split(command) == nil) }
    #expect(CommandWords.split("$HOME `x` | y > z * ~") == ["$HOME", "`x`", "|", "y", ">", "z", "*", "~"])
  }
}

import ByteBuffers
import Foundation
import ObjectStores
import Testing

@testable import S3Store

@Suite("Damaged and random XML")
struct XMLHostileTests {
  private static let documents = [
    XMLListAnswerTests.page,
    "<DeleteResult><Error><Key>a&lt;</Key><Code>C</Code><Message>M</Message></Error></DeleteResult>",
    "\n<Error><Code>SlowDown</Code><Message>m</Message><ServerTime>2026-11-21T10:11:12.5Z</ServerTime></Error>",
    "<CopyObjectResult><!-- c --><ETag><![CDATA[\"x\"]]></ETag></CopyObjectResult>",
    """
    <ListMultipartUploadsResult><Upload><Key>%41</Key><UploadId>i</UploadId></Upload><EncodingType>url</EncodingType>\
    </ListMultipartUploadsResult>
    """,
    """
    <AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>b\
    </SecretAccessKey><SessionToken>c</SessionToken><Expiration>2026-11-21T10:11:12Z</Expiration></Credentials>\
    </AssumeRoleResult></AssumeRoleResponse>
    """,
    "<InitiateMultipartUploadResult><UploadId>&#x41;&#66;</UploadId></InitiateMultipartUploadResult>",
  ]

  /// Reads a document as every answer; what cannot be read has to be refused as such.
  ///
  /// - Returns: how many could read it.
  private func readAll(_ document: [UInt8]) -> Int {
    // A copy that ends where its memory ends, so that reading on would show.
    let bytes = Bytes(document)
    let readers: [() throws -> Void] = [
      { _ = try ListAnswer(bytes) },
      { _ = try DeleteAnswer(bytes) },
      { _ = try UploadAnswer(bytes) },
      { _ = try CompleteAnswer(bytes) },
      { _ = try CopyAnswer(bytes) },
      { _ = try UploadsAnswer(bytes) },
      { _ = try SessionAnswer(bytes) },
    ]
    var successes = ErrorAnswer(bytes) == nil ? 0 : 1
    for read in readers {
      if let error = storeError(read) { #expect(error.code == .integrity) } else { successes += 1 }
    }
    return successes
  }

  @Test("Documents that end early are refused at every byte")
  func truncated() {
    for document in XMLHostileTests.documents {
      let bytes = Array(document.utf8)
      #expect(readAll(bytes) == 1)
      let isError = document.contains("<Error><Code>SlowDown")
      for end in 0..<bytes.count {
        let successes = readAll(Array(bytes[..<end]))
        #expect(successes == 0 || isError, "cut to \(end) of \(document)")
      }
    }
  }

  @Test("Documents with random damage are read or refused")
  func mutated() {
    var random = SeededGenerator(TestSeed.value)
    let marks = Array("<>/&;#x!?-[]:\"' =%+\u{0}\n".utf8)
    for _ in 0..<4000 {
      guard var bytes = XMLHostileTests.documents.randomElement(using: &random).map({ Array($0.utf8) }) else { return }
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[at] = marks.randomElement(using: &random) ?? 0
        case 2: bytes.insert(marks.randomElement(using: &random) ?? 0, at: at)
        case 3: bytes.removeSubrange(at..<min(bytes.count - 1, at + Int.random(in: 1...8, using: &random)))
        default:
          let end = min(bytes.count, at + Int.random(in: 1...40, using: &random))
          bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0..<bytes.count, using: &random))
        }
      }
      #expect(readAll(bytes) <= 1)
    }
  }

  @Test("Random documents are read as Python's parser reads them", .enabled(if: XMLHostileTests.hasPython))
  func comparedWithPython() throws {
    var random = SeededGenerator(TestSeed.value)
    let documents = (0..<3000).map { _ in RandomDocument.make(using: &random) }
    let lines = try XMLHostileTests.readWithPython(documents)
    try #require(lines.count == documents.count)
    var accepted = 0
    for (document, expected) in zip(documents, lines) {
      // Python refuses more: attributes without a value, names of other alphabets, and so on.
      guard expected != "refused" else { continue }
      accepted += 1
      let found = try? XMLTree.read(document) { $0.hasPrefix("t") }.description
      #expect(found == expected, "\(String(decoding: document, as: UTF8.self))")
    }
    #expect(accepted > documents.count / 4, "\(accepted) of \(documents.count) were accepted")
  }

  static let hasPython: Bool = {
    let found = (try? run("import xml.etree.ElementTree", input: Data())) != nil
    if !found { print("SKIPPED: python3 cannot be run; set BACKFILL_PYTHON.") }
    return found
  }()

  /// Prints each document's tree as ``XMLTree`` describes it: text only of elements whose name begins with a t.
  private static let program = """
    import sys, xml.etree.ElementTree as E
    def show(e):
        name = e.tag.split('}')[-1]
        if name.startswith('t'):
            return name + '(' + ((e.text or '') + ''.join(c.tail or '' for c in e)).encode().hex() + ')'
        inner = ''.join(show(c) for c in e)
        return name + '()' + ('[' + inner + ']' if len(e) else '')
    for line in sys.stdin:
        try: print(show(E.fromstring(bytes.fromhex(line.strip()))))
        except Exception: print('refused')
    """

  private static func readWithPython(_ documents: [[UInt8]]) throws -> [String] {
    let input = documents.map { $0.map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined() + "\n" }.joined()
    return try run(program, input: Data(input.utf8)).split(separator: "\n").map(String.init)
  }

  private struct ProgramFailed: Error {}

  private static func run(_ program: String, input: Data) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("xml-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("input")
    try input.write(to: file)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [ProcessInfo.processInfo.environment["BACKFILL_PYTHON"] ?? "python3", "-c", program]
    process.standardInput = try FileHandle(forReadingFrom: file)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw ProgramFailed() }
    return text
  }
}

/// Documents of everything the scanner knows, in any order, now and then with a fault.
private enum RandomDocument {
  static func make(using random: inout SeededGenerator) -> [UInt8] {
    var document = Bool.random(using: &random) ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" : ""
    document += element("r", depth: 0, using: &random)
    var bytes = Array(document.utf8)
    if Int.random(in: 0..<4, using: &random) == 0 {
      bytes[Int.random(in: 0..<bytes.count, using: &random)] =
        Array("<>/&;#x!?-[]:\"' =".utf8).randomElement(using: &random) ?? 0
    }
    return bytes
  }

  private static func element(_ name: String, depth: Int, using random: inout SeededGenerator) -> String {
    let attributes = ["", " ", " a='<b>'", " a=\"1\"  b = '&gt;/>'", "\n"].randomElement(using: &random) ?? ""
    let opening = "<\(name)\(attributes.replacing("<", with: "&lt;"))"
    if Int.random(in: 0..<8, using: &random) == 0 { return opening + "/>" }
    var content = ""
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      let isElement = depth < 6 && Bool.random(using: &random)
      content +=
        isElement
        ? element(
          ["t", "e", "te", "n-1", "_x.y"].randomElement(using: &random) ?? "e",
          depth: depth + 1,
          using: &random
        )
        : piece(using: &random)
    }
    return opening + ">" + content + "</\(name)\(["", " ", "\n"].randomElement(using: &random) ?? "")>"
  }

  private static func piece(using random: inout SeededGenerator) -> String {
    let pieces = [
      "text", " ", "\n\t", "é😀", "&amp;", "&lt;&gt;", "&quot;&apos;", "&#65;", "&#x1F600;", "&#13;", "<!-- <a> & -->",
      "<!---->", "<![CDATA[ <x> & ]] ]]>", "<![CDATA[]]>", "<?pi <x>?>", ">", "]]", "%41+", "'\"",
    ]
    return pieces.randomElement(using: &random) ?? ""
  }
}

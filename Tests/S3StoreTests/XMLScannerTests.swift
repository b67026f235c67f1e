import Testing

@testable import S3Store

@Suite("The XML scanner")
struct XMLScannerTests {
  private func tree(_ document: String, leaves: Set<String> = ["k"]) throws(XMLError) -> XMLTree {
    try XMLTree.read(Array(document.utf8)) { leaves.contains($0) }
  }

  private func text(_ content: String) throws(XMLError) -> String {
    String(decoding: try tree("<k>\(content)</k>").text, as: UTF8.self)
  }

  private func error(_ document: String) -> XMLError? {
    do throws(XMLError) {
      _ = try tree(document)
      return nil
    } catch {
      return error
    }
  }

  @Test("reads elements, text and elements without content")
  func elements() throws {
    let read = try tree("<a> <b><k>one</k> <k/><k></k></b> <k >two</k ><b/></a>")
    let expected = XMLTree(
      name: "a",
      children: [
        XMLTree(
          name: "b",
          children: [XMLTree(name: "k", text: Array("one".utf8)), XMLTree(name: "k"), XMLTree(name: "k")]
        ),
        XMLTree(name: "k", text: Array("two".utf8)), XMLTree(name: "b"),
      ]
    )
    #expect(read == expected)
  }

  @Test(
    "replaces references",
    arguments: [
      ("&amp;&lt;&gt;&quot;&apos;", "&<>\"'"), ("a&amp;b", "a&b"), ("&amp;amp;", "&amp;"),
      ("&#10;&#x41;&#x1F600;", "\nA😀"),
      ("&#00065;", "A"), ("&#x01;", "\u{1}"), ("é&#233;", "éé"), ("plain", "plain"), ("", ""), (" x ", " x "),
    ]
  )
  func references(_ content: String, _ expected: String) throws {
    #expect(try text(content) == expected)
  }

  @Test(
    "refuses references that mean nothing",
    arguments: [
      "&", "&;", "&nbsp;", "&#;", "&#x;", "&#xD800;", "&#x110000;", "&#99999999;", "&#4294967361;", "&#a;", "&#xg;",
      "&amp", "&am p;", "a & b", "&#x00000000000041;",
    ]
  )
  func badReferences(_ content: String) {
    #expect(error("<k>\(content)</k>")?.reason == .badReference)
  }

  @Test("joins text around comments, CDATA, instructions and elements")
  func mixed() throws {
    #expect(try text("a<!-- & < -->b<![CDATA[<c>&amp;]]]]>d<?pi ?>e<f>not<g/></f>h") == "ab<c>&amp;]]deh")
    #expect(try text("<![CDATA[]]>") == "")
    #expect(try text("<![CDATA[a]]>&lt;") == "a<")
  }

  @Test("steps over what stands around the outermost element")
  func surroundings() throws {
    let expected = XMLTree(name: "k", text: [0x78])
    #expect(try tree("\u{FEFF}<?xml version=\"1.0\"?><!-- c --><k>x</k> <!-- c --><?pi?>\n") == expected)
    // White space before the declaration is what keeps connections open.
    #expect(try tree("\n \r\n\t<?xml version=\"1.0\"?>\n<k>x</k>") == expected)
  }

  @Test("ignores prefixes and attributes")
  func attributes() throws {
    let document = "<s:a xmlns:s='u>r<l' x=\"</k>\"><s:k a = 'b/' >x</s:k><k xsi:type='>'/></s:a>"
    let expected = XMLTree(name: "a", children: [XMLTree(name: "k", text: [0x78]), XMLTree(name: "k")])
    #expect(try tree(document) == expected)
    #expect(error("<s:k>x</k>")?.reason == .otherEnd)
    #expect(error("<k>x</s:k>")?.reason == .otherEnd)
  }

  @Test(
    "says where a document is malformed and why",
    arguments: [
      ("", .noElement, 0), ("  ", .noElement, 2), ("text", .noElement, 0), ("<", .truncated, 1), ("<k", .truncated, 2),
      ("<k>x", .truncated, 4), ("<k>x</k", .truncated, 7), ("<k>x</", .truncated, 6), ("<a><k>x</a>", .otherEnd, 9),
      ("<k>x</kk>", .otherEnd, 6), ("<kk>x</k>", .otherEnd, 7), ("<k></k><k/>", .badMarkup, 7),
      ("<k/>x", .noElement, 4),
      ("</k>", .badTag, 1), ("< k/>", .badTag, 1), ("<1/>", .badTag, 1), ("<:k/>", .badTag, 1), ("<s:/>", .badTag, 1),
      ("<k=\"x\"/>", .badTag, 2), ("<k\"x\"/>", .badTag, 2), ("<k <a/>", .badTag, 3), ("<k / >", .badTag, 3),
      ("<k a='x/>", .truncated, 9), ("<!DOCTYPE k><k/>", .badMarkup, 0), ("<a><!ELEMENT x></a>", .badMarkup, 3),
      ("<k>x<!-- </k>", .truncated, 13), ("<![CDATA[x]]><k/>", .badMarkup, 0), ("<k>x<![CDA", .truncated, 4),
    ] as [(String, XMLError.Reason, Int)]
  )
  func malformed(_ document: String, _ reason: XMLError.Reason, _ offset: Int) {
    #expect(error(document) == XMLError(reason, at: offset))
  }

  @Test("has a limit of depth and of length")
  func limits() throws {
    let deepest = XMLScanner.deepest
    let nested = { String(repeating: "<a>", count: $0) + String(repeating: "</a>", count: $0) }
    _ = try tree(nested(deepest))
    #expect(error(nested(deepest + 1)) == XMLError(.tooDeep, at: 3 * deepest))
    let long = [UInt8](repeating: 0x20, count: XMLScanner.longest + 1)
    #expect(throws: XMLError(.tooLong, at: XMLScanner.longest)) { try XMLTree.read(long) { _ in false } }
  }

  @Test("hands out bytes that are not UTF-8, and line ends, as they are")
  func rawBytes() throws {
    let content: [UInt8] = [0xff, 0x0d, 0x0a, 0x0d, 0x80, 0x01]
    let document = Array("<k>".utf8) + content + Array("</k>".utf8)
    #expect(try XMLTree.read(document) { _ in true }.text == content)
  }

  @Test(
    "reads numbers that fit",
    arguments: [
      ("0", 0), ("18446744073709551615", .max), ("18446744073709551616", nil), ("99999999999999999999", nil),
      ("", nil), ("-1", nil), ("1 ", nil), ("1x", nil), ("000000000000000000001", nil), ("&#49;2", 12),
    ] as [(String, UInt64?)]
  )
  func numbers(_ content: String, _ expected: UInt64?) throws {
    let document = Array("<k>\(content)</k>".utf8)
    let value = try document.withUnsafeBytes { bytes in
      var scanner = try XMLScanner(bytes)
      _ = try scanner.root()
      return try scanner.text().unsigned
    }
    #expect(value == expected)
  }
}

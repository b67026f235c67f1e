import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

@Suite("XML bodies of requests")
struct XMLBodyTests {
  private func text(_ bytes: Bytes) -> String { String(decoding: bytes.array, as: UTF8.self) }

  @Test("of DeleteObjects escape keys")
  func delete() {
    let body = DeleteBody(["plain", "a&b<c>\"d'", "é 😀%+", "\t\n\r"])
    let expected = """
      <Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet><Object><Key>plain</Key></Object>\
      <Object><Key>a&amp;b&lt;c&gt;&quot;d'</Key></Object><Object><Key>é 😀%+</Key></Object>\
      <Object><Key>&#9;&#10;&#13;</Key></Object></Delete>
      """
    #expect(text(body.bytes) == expected)
    #expect(body.included == [0, 1, 2, 3] && body.excluded.isEmpty)
  }

  @Test("of DeleteObjects leave out keys that XML cannot hold")
  func deleteExcluded() {
    let keys: [[UInt8]] = [
      [0x61], [0x61, 0x01], [0x62], [0xff], [0xc3], [0x00], [0xed, 0xa0, 0x80], [0xef, 0xbf, 0xbe], [0xef, 0xbf, 0xbf],
      [0xef, 0xbf, 0xbd], [0x7f], [0xc2, 0x85], [0x1f], [0xc0, 0x80],
    ]
    let body = DeleteBody(keys.map { ObjectKey(bytes: $0) })
    #expect(body.included == [0, 2, 9, 10, 11])
    #expect(body.excluded == [1, 3, 4, 5, 6, 7, 8, 12, 13])
    #expect(!body.bytes.array.contains { $0 < 0x20 })
  }

  @Test("of completions have the parts in order")
  func complete() {
    let body = CompleteBody([.init(number: 1, etag: "\"a54357\""), .init(number: 10_000, etag: "b<&>")])
    let expected = """
      <CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\
      <Part><PartNumber>1</PartNumber><ETag>&quot;a54357&quot;</ETag></Part>\
      <Part><PartNumber>10000</PartNumber><ETag>b&lt;&amp;&gt;</ETag></Part></CompleteMultipartUpload>
      """
    #expect(text(body.bytes) == expected)
  }

  @Test("of DeleteObjects come back as they were")
  func roundTrip() throws {
    var random = SeededGenerator(TestSeed.value)
    let keys = (0..<500).map { _ in
      let scalars = (0..<Int.random(in: 1...20, using: &random)).map { _ -> Unicode.Scalar in
        let limit: UInt32 = [0x80, 0x800, 0x11_0000].randomElement(using: &random) ?? 0x80
        return Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) ?? "&"
      }
      return ObjectKey(String(String.UnicodeScalarView(scalars)))
    }
    let body = DeleteBody(keys)
    let tree = try XMLTree.read(body.bytes.array) { $0 == "Key" || $0 == "Quiet" }
    let found = tree.children.dropFirst().map { ObjectKey(bytes: $0.children[0].text) }
    #expect(found == body.included.map { keys[$0] })
    #expect((body.included + body.excluded).sorted() == Array(keys.indices))
  }
}

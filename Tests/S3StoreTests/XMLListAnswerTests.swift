import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

@Suite("Answers to listings")
struct XMLListAnswerTests {
  static let page = """
    <?xml version="1.0" encoding="UTF-8"?>
    <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
      <Name>bucket</Name>
      <Prefix>photos/</Prefix>
      <KeyCount>3</KeyCount>
      <MaxKeys>1000</MaxKeys>
      <Delimiter>/</Delimiter>
      <IsTruncated>true</IsTruncated>
      <NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>
      <Contents>
        <Key>photos/a &amp; b.jpg</Key>
        <LastModified>2009-10-12T17:50:30.000Z</LastModified>
        <ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag>
        <Size>434234</Size>
        <StorageClass>STANDARD</StorageClass>
        <Owner><ID>75aa57f0</ID><DisplayName>Size</DisplayName></Owner>
      </Contents>
      <Contents><Size>0</Size><Key>photos/%41+c</Key><ETag>"x-2"</ETag>
        <LastModified>2026-11-21T10:11:12.345Z</LastModified></Contents>
      <CommonPrefixes><Prefix>photos/2006/</Prefix></CommonPrefixes>
      <CommonPrefixes><Prefix>photos/2007/</Prefix></CommonPrefixes>
    </ListBucketResult>
    """

  private func answer(_ content: String) throws -> ListAnswer {
    try ListAnswer(Bytes(utf8: "<ListBucketResult>\(content)</ListBucketResult>"))
  }

  private func object(_ key: String) -> String {
    """
    <Contents><Key>\(key)</Key><LastModified>2009-10-12T17:50:30Z</LastModified><ETag>e</ETag><Size>1</Size></Contents>
    """
  }

  @Test("have objects, common prefixes and the token of the next page")
  func page() throws {
    let answer = try ListAnswer(Bytes(utf8: XMLListAnswerTests.page))
    let expected = [
      ObjectMetadata(
        key: "photos/a & b.jpg",
        size: 434_234,
        etag: "\"fba9dede5f27731c9771645a39863328\"",
        modified: 1_255_369_830_000_000_000
      ),
      ObjectMetadata(key: "photos/%41+c", size: 0, etag: "\"x-2\"", modified: 1_795_255_872_345_000_000),
    ]
    #expect(answer.objects == expected)
    #expect(answer.commonPrefixes == ["photos/2006/", "photos/2007/"])
    #expect(answer.isTruncated)
    #expect(answer.nextContinuationToken == "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=")
  }

  @Test("may be empty")
  func empty() throws {
    for content in ["", "<Name>b</Name><NextContinuationToken/><IsTruncated>false</IsTruncated>"] {
      let answer = try answer(content)
      #expect(answer.objects.isEmpty && answer.commonPrefixes.isEmpty)
      #expect(!answer.isTruncated && answer.nextContinuationToken == nil)
    }
  }

  @Test("have encoded keys, wherever the server says so")
  func encoded() throws {
    let mark = "<EncodingType>url</EncodingType>"
    let prefix = "<CommonPrefixes><Prefix>d+%26/</Prefix></CommonPrefixes>"
    let first = object("a+b%20c%2Bd%2fe%25")
    let second = object("%F0%9F%98%80%00%FF")
    for content in [
      mark + first + second + prefix, first + second + prefix + mark, first + mark + prefix + second,
      mark + mark
        + first + prefix + second + mark,
    ] {
      let answer = try answer(content)
      #expect(answer.objects.map(\.key.bytes) == [Array("a b c+d/e%".utf8), [0xf0, 0x9f, 0x98, 0x80, 0x00, 0xff]])
      #expect(answer.commonPrefixes == ["d &/"])
    }
    #expect(try answer("<EncodingType/>" + first).objects.map(\.key) == ["a+b%20c%2Bd%2fe%25"])
  }

  @Test("keep keys that are no text")
  func rawKeys() throws {
    let key: [UInt8] = [0x61, 0xff, 0x0d, 0x01, 0x0a]
    let parts = object("#").split(separator: "#").map { Array($0.utf8) }
    let document = Array("<ListBucketResult>".utf8) + parts[0] + key + parts[1] + Array("</ListBucketResult>".utf8)
    #expect(try ListAnswer(Bytes(document)).objects.map(\.key.bytes) == [key])
  }

  @Test(
    "are refused when a value is missing or impossible, with its name",
    arguments: [
      ("<Contents><Size>1</Size></Contents>", "Key"), ("<Contents><Key>a</Key></Contents>", "Size"),
      ("<Contents><Key>a</Key><Size>-1</Size></Contents>", "Size"),
      ("<Contents><Key>a</Key><Size>1</Size><LastModified>yesterday</LastModified></Contents>", "LastModified"),
      ("<IsTruncated>maybe</IsTruncated>", "IsTruncated"),
      ("<EncodingType>url</EncodingType><Contents><Key>a%4</Key><Size>1</Size></Contents>", "Key"),
      ("<Contents><Key>a%zz</Key><Size>1</Size></Contents><EncodingType>url</EncodingType>", "Key"),
      ("<CommonPrefixes><Prefix>%</Prefix></CommonPrefixes><EncodingType>url</EncodingType>", "Prefix"),
    ]
  )
  func refused(_ content: String, _ name: String) throws {
    let error = try #require(
      storeError {
        _ = try ListAnswer(Bytes(utf8: "<ListBucketResult>\(content)</ListBucketResult>"))
      }
    )
    #expect(error.code == .integrity && error.message.contains("(\(name))"))
  }

  @Test("an entity tag and a time may be missing")
  func bare() throws {
    let answer = try answer("<Contents><Key>a</Key><Size>1</Size></Contents>")
    #expect(answer.objects == [ObjectMetadata(key: "a", size: 1, etag: "", modified: 0)])
  }

  @Test("a page of another sender is refused with the name of what came")
  func otherDocument() throws {
    let error = try #require(
      storeError {
        _ = try ListAnswer(Bytes(utf8: "<html><body>Welcome</body></html>"))
      }
    )
    #expect(error.code == .integrity && error.message.contains("(html)"))
  }

  @Test("of a thousand keys are read at once")
  func many() throws {
    let keys = (0..<1000).map { "prefix/\($0)/part" }
    let answer = try answer(keys.map(object).joined())
    #expect(answer.objects.map(\.key.text) == keys)
  }
}

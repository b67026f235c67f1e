import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

@Suite("What answers say of objects")
struct ObjectHeadTests {
  private func head(_ status: Int, _ headers: [(String, String)]) throws -> ObjectHead {
    let headers = headers.map { HTTPRequest.Header(name: $0.0, value: $0.1) }
    return try ObjectHead(HTTPResponse(status: status, headers: headers, body: .empty), "key")
  }

  @Test("A whole object: size, tag, time and version")
  func whole() throws {
    let head = try head(
      200,
      [
        ("content-length", "17"), ("etag", "\"x-2\""), ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("x-amz-version-id", "v1"),
      ]
    )
    #expect(
      head.metadata
        == ObjectMetadata(key: "key", size: 17, etag: "\"x-2\"", modified: 784_111_777_000_000_000, version: "v1")
    )
    #expect(head.range == 0..<17)
  }

  @Test("A part: its place and the size of the whole")
  func part() throws {
    let head = try head(206, [("content-length", "10"), ("content-range", "bytes 90-99/100"), ("etag", "e")])
    #expect(head.range == 90..<100 && head.metadata.size == 100)
  }

  @Test(
    "Answers that contradict themselves are errors",
    arguments: [
      (200, [("content-length", "17")]), (200, [("etag", "e")]), (200, [("etag", ""), ("content-length", "1")]),
      (206, [("etag", "e"), ("content-length", "10")]),
      (206, [("etag", "e"), ("content-length", "11"), ("content-range", "bytes 90-99/100")]),
      (206, [("etag", "e"), ("content-range", "bytes 99-90/100")]),
      (206, [("etag", "e"), ("content-range", "bytes 90-100/100")]),
      (206, [("etag", "e"), ("content-range", "bytes 90-99/*")]),
      (206, [("etag", "e"), ("content-range", "bytes 90-99999999999999999999/100")]),
    ] as [(Int, [(String, String)])]
  )
  func contradictions(_ status: Int, _ headers: [(String, String)]) throws {
    #expect(throws: ObjectStoreError.self) { _ = try head(status, headers) }
  }

  @Test("A request goes on behind what arrived only where one version is asked for")
  func resumption() {
    var request = S3Request("read", .get, "key")
    let place = AlignedBlock(block: AlignedBuffer(capacity: 100), offset: 10)
    request.range = 1000..<1050
    request.target = .fill(place, count: 50)
    var isKept = request.resume(after: 20)
    #expect(!isKept)
    request.addHeader("if-match", "\"e\"")
    isKept = request.resume(after: 20)
    #expect(isKept)
    #expect(request.range == 1020..<1050)
    guard case .fill(let next, let count) = request.target else {
      Issue.record("another target")
      return
    }
    #expect(next.offset == 30 && count == 30)
    for received in [0, 30] {
      isKept = request.resume(after: received)
      #expect(!isKept)
    }
  }
}

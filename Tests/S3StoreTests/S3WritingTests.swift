import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

/// What is peculiar to writing to S3: uploads in parts, copies in parts, deletions by the thousand.
@Suite("Writing to S3", .needsS3Server)
struct S3WritingTests {
  private func uploads(_ store: S3ObjectStore) async throws -> Int {
    var request = S3Request("list uploads", .get, nil)
    request.addQuery("uploads")
    return try UploadsAnswer(try await store.send(request).body).uploads.count
  }

  private func bytes(_ count: Int, _ seed: UInt8 = 1) -> Bytes {
    var value = seed
    return Bytes(
      (0..<count).map { _ in
        value = value &* 31 &+ 17
        return value
      }
    )
  }

  private func options(_ mode: PutMode = .overwrite) -> PutStreamOptions { PutStreamOptions(mode, partSize: 5 << 20) }

  @Test("33: an upload of three parts is visible when it is finished, and carries their number in its tag")
  func parts() async throws {
    let store = try await TestServer.bucket()
    let content = bytes((10 << 20) + 100)
    let writer = try await store.putStream("key", options())
    for start in stride(from: 0, to: content.count, by: 700_001) {
      try await writer.write(content[start..<min(start + 700_001, content.count)])
    }
    #expect(try await store.headIfPresent("key") == nil)
    #expect(try await uploads(store) == 1)
    let result = try await writer.finish()
    #expect(result.etag.hasSuffix("-3\""))
    let (metadata, read) = try await store.read("key")
    #expect(metadata.etag == result.etag && read == content)
    #expect(try await uploads(store) == 0)
  }

  @Test("35, 36: what is given up, dropped or cancelled leaves no upload", arguments: ["abort", "drop", "cancel"])
  func givenUp(_ way: String) async throws {
    let store = try await TestServer.bucket()
    let content = bytes(11 << 20)
    switch way {
    case "abort":
      let writer = try await store.putStream("key", options())
      try await writer.write(content)
      await writer.abort()
    case "drop":
      try await store.putStream("key", options()).write(content)
    default:
      let writer = try await store.putStream("key", options())
      try await writer.write(content)
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        _ = try await writer.finish()
      }
      await #expect(throws: ObjectStoreError.self) { try await task.value }
    }
    var left = try await uploads(store)
    for _ in 0..<100 where left > 0 {
      try await Task.sleep(for: .milliseconds(20))
      left = try await uploads(store)
    }
    #expect(left == 0)
    #expect(try await store.headIfPresent("key") == nil)
  }

  @Test("39: parts grow so that 10,000 of them suffice for the largest object")
  func partSizes() {
    var total: UInt64 = 0
    for number in 0..<S3Writer.mostParts {
      let size = S3Writer.partSize(first: 8 << 20, after: number)
      #expect(S3Writer.smallestPart...S3Writer.largestPart ~= size)
      total += UInt64(size)
    }
    #expect(S3Writer.partSize(first: 8 << 20, after: 0) == 8 << 20)
    #expect(S3Writer.partSize(first: 1, after: 0) == 5 << 20)
    // 5 TiB, which is what stores take at least.
    #expect(total > 5 << 40)
  }

  @Test("A create-only upload in parts does not replace an object")
  func createInParts() async throws {
    let store = try await TestServer.bucket()
    try await store.put("key", Bytes(utf8: "first"), PutOptions())
    let writer = try await store.putStream("key", options(.create))
    try await writer.write(bytes(6 << 20))
    await #expect { _ = try await writer.finish() } throws: { ($0 as? ObjectStoreError)?.code == .alreadyExists }
    #expect(try await store.read("key").1.array == Array("first".utf8))
    #expect(try await uploads(store) == 0)
  }

  @Test("42: deletions by the thousand, missing ones and odd names with them", arguments: [1000, 1001])
  func deletions(_ count: Int) async throws {
    let store = try await TestServer.bucket()
    let odd: [ObjectKey] = ["<&>\"'", "line\nbreak", "return\rhere", "\u{1}control", " a ", "kept"]
    for key in odd { try await store.put(key, Bytes(utf8: "x"), PutOptions()) }
    let keys = odd.dropLast() + (0..<count).map { ObjectKey("missing-\($0)") }
    #expect(try await store.delete(Array(keys)).isEmpty)
    #expect(try await store.list(ListRequest()).objects.map(\.key) == ["kept"])
  }

  @Test("43: what is too large for one copy is copied in parts", arguments: [PutMode.overwrite, .create])
  func copyInParts(_ mode: PutMode) async throws {
    let bucket = try await TestServer.bucket()
    let store = try TestServer.same(bucket) { $0.largestCopy = 5 << 20 }
    let content = bytes(17 << 20)
    try await store.put("source", content, PutOptions())
    try await store.copy("source", to: "target", mode)
    let (metadata, read) = try await store.read("target")
    #expect(read == content && metadata.etag.hasSuffix("-4\""))
    #expect(try await uploads(store) == 0)
  }

  @Test(
    "43: an object with an odd name is copied, in one request or in parts, with its metadata",
    arguments: ["a b", "per%cent", "%41", "a+b", "q?x&y=z", "ha#sh", "ü🙂", "a//b", "quo\"'<>", "back\\slash", "%2541"]
  )
  func copyOddNames(_ name: String) async throws {
    let bucket = try await TestServer.bucket()
    let store = try TestServer.same(bucket) { $0.largestCopy = 5 << 20 }
    // What is copied when the name is decoded once too often.
    try await bucket.put("A", Bytes(utf8: "wrong"), PutOptions())
    try await bucket.put("%41", bytes(10), PutOptions())
    var options = PutOptions()
    options.contentType = "text/odd"
    options.metadata = ["name": "value"]
    let key = ObjectKey(name)
    for count in [1000, 6 << 20] {
      let content = bytes(count)
      try await store.put(key, content, options)
      for mode in [PutMode.overwrite, .create] {
        let target = ObjectKey("\(name)-\(count)-\(mode)%41")
        try await store.copy(key, to: target, mode)
        let (metadata, copy) = try await store.read(target)
        #expect(copy == content && metadata.contentType == "text/odd" && metadata.metadata == options.metadata)
      }
    }
    #expect(try await uploads(store) == 0)
  }

  @Test(
    "58: a checksum goes with a put when it is asked for",
    arguments: [S3Configuration.Checksum.md5, .sha256, .crc32c, .crc64nvme]
  )
  func checksum(_ checksum: S3Configuration.Checksum) async throws {
    let bucket = try await TestServer.bucket()
    let store = try TestServer.same(bucket) { $0.checksum = checksum }
    try await store.put("key", bytes(1000), PutOptions())
    #expect(try await store.read("key").1 == bytes(1000))
  }

  @Test("The digest is that of RFC 1321, in Base64")
  func digests() {
    #expect(Digests.md5([Bytes(utf8: "message "), Bytes(utf8: "digest")]) == "+WtpfXy3k41SWi8xqvFh0A==")
    #expect(Digests.base64(Array("fo".utf8)) == "Zm8=" && Digests.base64([]).isEmpty)
  }
}

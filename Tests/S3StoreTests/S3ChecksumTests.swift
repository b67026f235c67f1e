import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

/// Checksums on their way to the store and back.
@Suite("Checksums on S3", .needsS3Server)
struct S3ChecksumTests {
  private func body(_ store: S3ObjectStore, _ key: ObjectKey) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await run in try await store.get(key, GetOptions()).body { bytes += run.array }
    return bytes
  }

  @Test("58: a body that is not what the checksum says is an error that says so, whatever the checksum")
  func wrongChecksum() async throws {
    let scene = try await FaultScene.make { $0.verifiesReads = true }
    defer { scene.proxy.stop() }
    try await scene.bucket.put("key", Bytes(utf8: "123456789"), PutOptions())
    // By Python's zlib and hashlib; the first two are the check values of the catalogue of CRCs.
    let right = [
      "crc32c": "4waSgw==", "crc64nvme": "rosUhgp5mIg=", "crc32": "y/Q5Jg==",
      "sha1": "98O8HYCOBHMq32eZZczDTKeuNEE=", "sha256": "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
    ]
    for (name, value) in right {
      scene.proxy.add(FaultRule(.changingHeader("x-amz-checksum-\(name)", to: value), method: "GET"))
      #expect(try await body(scene.store, "key") == Array("123456789".utf8), "\(name)")
      let wrong = "A" + value.dropFirst()
      scene.proxy.add(FaultRule(.changingHeader("x-amz-checksum-\(name)", to: wrong), method: "GET"))
      let error = await #expect(throws: ObjectStoreError.self) { _ = try await body(scene.store, "key") }
      #expect(error?.code == .integrity && error?.key == "key")
      #expect(error?.message.contains(value) == true && error?.message.contains(wrong) == true)
    }
    #expect(scene.requests("GET").allSatisfy { $0.header("x-amz-checksum-mode") == "ENABLED" })
  }

  @Test("58: one bit that is wrong is found in a large body that broke off on the way")
  func wrongByte() async throws {
    let scene = try await FaultScene.make { $0.verifiesReads = true }
    defer { scene.proxy.stop() }
    let content = FaultScene.content(3 << 20)
    try await scene.bucket.put("key", content, PutOptions())
    var running = RunningChecksum(.crc32c, usesInstruction: false)
    running.update(content)
    let sum = running.text
    scene.proxy.add(
      FaultRule(
        .rewrite { answer in
          answer.fields.append(.init(name: "x-amz-checksum-crc32c", value: sum))
          answer.body[2_000_000] ^= 1
        }
      )
    )
    #expect(await errorCode { _ = try await body(scene.store, "key") } == .integrity)
    scene.proxy.add(FaultRule(.changingHeader("x-amz-checksum-crc32c", to: sum)))
    #expect(try await body(scene.store, "key") == content.array)
  }

  @Test("58: nothing is asked for or compared unless wanted, nor for a part of an object")
  func off() async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    try await scene.bucket.put("key", Bytes(utf8: "123456789"), PutOptions())
    scene.proxy.add(FaultRule(.changingHeader("x-amz-checksum-crc32c", to: "AAAAAA=="), times: nil, method: "GET"))
    #expect(try await body(scene.store, "key").count == 9)
    #expect(scene.requests("GET").last?.header("x-amz-checksum-mode") == nil)
    let verifying = try TestServer.same(scene.store) { $0.verifiesReads = true }
    let part = try await verifying.get("key", GetOptions(range: .bounded(2..<5)))
    var bytes: [UInt8] = []
    for try await run in part.body { bytes += run.array }
    #expect(bytes == Array("345".utf8))
    #expect(scene.requests("GET").last?.header("x-amz-checksum-mode") == nil)
  }

  @Test(
    "Puts and parts carry the checksum that was asked for, and an upload says so",
    arguments: [(S3Configuration.Checksum.crc32c, "crc32c"), (.crc64nvme, "crc64nvme"), (.sha256, "sha256")]
  )
  func writing(_ checksum: S3Configuration.Checksum, _ name: String) async throws {
    let scene = try await FaultScene.make { $0.checksum = checksum }
    defer { scene.proxy.stop() }
    try await scene.store.put("small", Bytes(utf8: "123456789"), PutOptions())
    let small = try #require(scene.requests("PUT").last?.header("x-amz-checksum-\(name)"))
    let expected = [
      "crc32c": "4waSgw==", "crc64nvme": "rosUhgp5mIg=", "sha256": "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
    ]
    #expect(small == expected[name])
    let content = FaultScene.content(6 << 20)
    let writer = try await scene.store.putStream("large", PutStreamOptions(partSize: 5 << 20))
    try await writer.write(content)
    _ = try await writer.finish()
    let begin = try #require(scene.requests("POST").first { $0.query.hasPrefix("uploads") })
    #expect(begin.header("x-amz-checksum-algorithm") == name.uppercased())
    #expect(begin.header("x-amz-checksum-type") == (checksum == .crc64nvme ? "FULL_OBJECT" : nil))
    let parts = scene.requests("PUT").filter { $0.query.contains("partNumber=") }
    #expect(parts.count == 2 && parts.allSatisfy { $0.header("x-amz-checksum-\(name)") != nil })
    #expect(try await body(scene.bucket, "large") == content.array)
  }

  @Test("The document that completes an upload repeats the checksums of its parts")
  func complete() {
    let part = CompleteBody.Part(number: 1, etag: "\"a\"", checksum: .init(.crc32c, "4waSgw=="))
    let text = String(decoding: CompleteBody([part]).bytes.array, as: UTF8.self)
    #expect(text.contains("<ETag>&quot;a&quot;</ETag><ChecksumCRC32C>4waSgw==</ChecksumCRC32C></Part>"))
  }
}

import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

/// Puts and uploads whose answers are lost, wrong or late.
@Suite("Writing to S3 with faults", .needsS3Server, .serialized)
struct S3FaultWriteTests {
  private static let faults: [Fault] = [
    .answer(.internalError), .answer(.error(409, "ConditionalRequestConflict")), .answer(.requestTimeout),
  ]
  private static let isCompletion: @Sendable (ProxiedRequest) -> Bool = {
    $0.method == "POST" && $0.query.contains("uploadId=")
  }

  /// Writes 6 MiB in two parts.
  private func upload(_ store: S3ObjectStore, _ content: Bytes, _ mode: PutMode) async throws -> PutResult {
    let writer = try await store.putStream("key", PutStreamOptions(mode, partSize: 5 << 20))
    try await writer.write(content)
    return try await writer.finish()
  }

  @Test("31: a conditional put whose answer was lost and that is repeated has succeeded")
  func ownPut() async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    scene.proxy.add(FaultRule(.loseAnswer, times: 2, method: "PUT"))
    let first = try await scene.store.put("key", Bytes(utf8: "first"), PutOptions(.create))
    #expect(try await scene.bucket.head("key", GetOptions()).etag == first.etag)
    scene.proxy.add(FaultRule(.loseAnswer, method: "PUT"))
    let second = try await scene.store.put("key", Bytes(utf8: "second"), PutOptions(.update(ifMatch: first.etag)))
    let (metadata, bytes) = try await scene.bucket.read("key")
    #expect(metadata.etag == second.etag && bytes.array == Array("second".utf8) && second.etag != first.etag)
    // libcurl repeats by itself what it sent over a connection that is then closed without an answer.
    #expect(scene.requests("PUT").count >= 5)
  }

  @Test("31: somebody else's object is none of ours, even with the same bytes and after a lost answer")
  func othersPut() async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    let first = try await scene.bucket.put("key", Bytes(utf8: "same"), PutOptions(.create))
    try await scene.bucket.put("key", Bytes(utf8: "same"), PutOptions(.update(ifMatch: first.etag)))
    scene.proxy.add(FaultRule(.loseAnswer, method: "PUT"))
    #expect(
      await errorCode { try await scene.store.put("key", Bytes(utf8: "same"), PutOptions(.create)) } == .alreadyExists
    )
    scene.proxy.add(FaultRule(.loseAnswer, method: "PUT"))
    let stale = PutOptions(.update(ifMatch: "\"00000000000000000000000000000000\""))
    #expect(await errorCode { try await scene.store.put("key", Bytes(utf8: "x"), stale) } == .preconditionFailed)
    #expect(try await scene.bucket.read("key").1.array == Array("same".utf8))
  }

  @Test("31: an upload whose completion was not answered is complete", arguments: ["overwrite", "create", "update"])
  func ownUpload(_ mode: String) async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    let content = FaultScene.content(6 << 20)
    var putMode = mode == "create" ? PutMode.create : .overwrite
    if mode != "create" {
      let old = try await scene.bucket.put("key", Bytes(utf8: "old"), PutOptions())
      if mode == "update" { putMode = .update(ifMatch: old.etag) }
    }
    scene.proxy.add(FaultRule(.loseAnswer, times: 1, where: Self.isCompletion))
    let result = try await upload(scene.store, content, putMode)
    let (metadata, bytes) = try await scene.bucket.read("key")
    #expect(metadata.etag == result.etag)
    #expect(bytes == content)
    #expect(scene.requests("POST").count(where: Self.isCompletion) >= 2)
    #expect(try await scene.uploads() == 0)
  }

  @Test("31: a server that has forgotten the completed upload does not make it fail", arguments: [true, false])
  func forgottenUpload(_ creates: Bool) async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    let content = FaultScene.content(6 << 20)
    scene.proxy.add(FaultRule(.loseAnswer, times: 1, where: Self.isCompletion))
    scene.proxy.add(FaultRule(.answer(.error(404, "NoSuchUpload")), times: nil, where: Self.isCompletion))
    let result = try await upload(scene.store, content, creates ? .create : .overwrite)
    #expect(try await scene.bucket.head("key", GetOptions()).etag == result.etag)
    // Without a completion that may have happened it is an error.
    let other = PutMode.overwrite
    #expect(await errorCode { _ = try await upload(scene.store, FaultScene.content(6 << 20, 3), other) } == .notFound)
    #expect(try await scene.bucket.head("key", GetOptions()).etag == result.etag)
  }

  @Test("30: who loses is told so, even if the server fails first", arguments: faults)
  func loser(_ fault: Fault) async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    scene.proxy.add(FaultRule(fault, times: 2, method: "PUT"))
    let won = try await scene.store.put("key", Bytes(utf8: "first"), PutOptions(.create))
    scene.proxy.add(FaultRule(fault, times: 2, method: "PUT"))
    #expect(
      await errorCode { try await scene.store.put("key", Bytes(utf8: "x"), PutOptions(.create)) } == .alreadyExists
    )
    scene.proxy.add(FaultRule(fault, times: 2, method: "PUT"))
    let update = PutOptions(.update(ifMatch: "\"11111111111111111111111111111111\""))
    #expect(await errorCode { try await scene.store.put("key", Bytes(utf8: "x"), update) } == .preconditionFailed)
    scene.proxy.add(FaultRule(fault, where: Self.isCompletion))
    let content = FaultScene.content(6 << 20)
    let result = try await upload(scene.store, content, .update(ifMatch: won.etag))
    #expect(try await scene.bucket.head("key", GetOptions()).etag == result.etag)
  }

  @Test("30: a conflict that does not end is told as what it is")
  func endlessConflict() async throws {
    let scene = try await FaultScene.make { $0.retry.attempts = 3 }
    defer { scene.proxy.stop() }
    scene.proxy.add(FaultRule(.answer(.error(409, "ConditionalRequestConflict")), times: nil, method: "PUT"))
    let update = PutOptions(.update(ifMatch: "\"11111111111111111111111111111111\""))
    #expect(await errorCode { try await scene.store.put("key", Bytes(utf8: "x"), update) } == .preconditionFailed)
    #expect(scene.requests("PUT").count == 3)
  }

  @Test("41: a completion that says success and means failure is repeated; spaces and empty tags do no harm")
  func completion() async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    var spaced = ProxiedAnswer.errorInSuccess
    spaced.spaces = (5, .milliseconds(10))
    let faults: [Fault] = [
      .answer(.errorInSuccess), .answer(spaced), .rewrite { $0.spaces = (5, .milliseconds(10)) },
      .rewrite { answer in
        let text = String(decoding: answer.body, as: UTF8.self)
        guard let start = text.firstRange(of: "<ETag>"), let end = text.firstRange(of: "</ETag>") else { return }
        answer.body = Array((text[..<start.upperBound] + text[end.lowerBound...]).utf8)
      },
    ]
    for (number, fault) in faults.enumerated() {
      scene.proxy.add(FaultRule(fault, where: Self.isCompletion))
      let content = FaultScene.content(6 << 20, number)
      let result = try await upload(scene.store, content, .overwrite)
      let (metadata, bytes) = try await scene.bucket.read("key")
      #expect(metadata.etag == result.etag && bytes == content)
    }
    #expect(scene.store.client.retries == 2)
    #expect(try await scene.uploads() == 0)
  }

  @Test("34: parts that arrive out of order, and one of them twice, make up the object")
  func partsOutOfOrder() async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    // The server has the first part after this, and again behind the second one.
    scene.proxy.add(FaultRule(.loseAnswer, where: { $0.query.contains("partNumber=1") }))
    scene.proxy.add(FaultRule(.answer(.internalError), times: 3, where: { $0.query.contains("partNumber=1") }))
    let content = FaultScene.content(12 << 20)
    _ = try await upload(scene.store, content, .overwrite)
    let parts = scene.requests("PUT").compactMap { request in
      request.query.split(separator: "&").first { $0.hasPrefix("partNumber=") }?.dropFirst(11)
    }
    #expect(parts.filter { $0 == "1" }.count == 5 && parts.last == "1", "\(parts)")
    #expect(Set(parts).count > 1)
    #expect(try await scene.bucket.read("key").1 == content)
    #expect(try await scene.uploads() == 0)
  }

  @Test("37: parts that fail are sent again; one that fails for good leaves nothing")
  func parts() async throws {
    let scene = try await FaultScene.make { $0.retry.attempts = 4 }
    defer { scene.proxy.stop() }
    let isPart: @Sendable (ProxiedRequest) -> Bool = { $0.query.contains("partNumber=2") }
    scene.proxy.add(FaultRule(.loseAnswer, where: isPart))
    scene.proxy.add(FaultRule(.answer(.internalError), where: isPart))
    scene.proxy.add(FaultRule(.reset, where: isPart))
    let content = FaultScene.content(6 << 20)
    _ = try await upload(scene.store, content, .overwrite)
    #expect(try await scene.bucket.read("key").1 == content)
    scene.proxy.add(FaultRule(.answer(.internalError), times: nil, where: isPart))
    #expect(await errorCode { _ = try await upload(scene.store, content, .overwrite) } == .server)
    #expect(try await scene.uploads() == 0)
  }
}

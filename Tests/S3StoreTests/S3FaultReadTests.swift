import ByteBuffers
import ObjectStores
import Testing

@testable import S3Store

/// Connections that break, stall or bring other bytes while an object is read.
@Suite("Reading from S3 with faults", .needsS3Server, .serialized)
struct S3FaultReadTests {
  private static let size = 1_000_000

  /// Where a range that was asked for begins.
  private func start(_ request: ProxiedRequest) -> Int? {
    request.header("Range")?.dropFirst("bytes=".count).split(separator: "-").first.flatMap { Int($0) }
  }

  private func read(_ store: S3ObjectStore, _ range: Range<UInt64>, _ tag: String?) async throws -> [UInt8] {
    let block = BufferPool.shared.take(Int(range.upperBound - range.lowerBound))
    try await store.getRange("key", range, into: block, at: 0, GetOptions(ifMatch: tag))
    return Bytes(block, count: Int(range.upperBound - range.lowerBound)).array
  }

  private func collect(_ result: GetResult) async throws -> [UInt8] {
    var all: [UInt8] = []
    for try await run in result.body { all += run.array }
    return all
  }

  @Test("49: a range whose body breaks off goes on where it broke, at the same version", arguments: [true, false])
  func resumedRange(_ resets: Bool) async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    let content = FaultScene.content(Self.size)
    let tag = try await scene.bucket.put("key", content, PutOptions()).etag
    let fault = resets ? Fault.resetInBody(after: 300_000) : .shortBody(after: 300_000)
    scene.proxy.add(FaultRule(fault, times: 2, method: "GET"))
    let got = try await read(scene.store, 1000..<901_000, tag)
    #expect(got == content[1000..<901_000].array)
    let requests = scene.requests("GET")
    let starts = requests.compactMap(start)
    #expect(requests.count == 3 && starts.count == 3 && starts == starts.sorted())
    // A reset may overtake bytes; an orderly end does not.
    #expect(resets ? starts[2] > 1000 : starts == [1000, 301_000, 601_000], "\(starts)")
    for request in requests {
      #expect(request.header("If-Match") == tag && request.header("Range")?.hasSuffix("-900999") == true)
    }
  }

  @Test("49: a reset before the answer repeats the same request")
  func resetBefore() async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    let content = FaultScene.content(5000)
    try await scene.bucket.put("key", content, PutOptions())
    scene.proxy.add(FaultRule(.reset, times: 2))
    scene.proxy.add(FaultRule(.close))
    #expect(try await read(scene.store, 10..<4000, nil) == content[10..<4000].array)
    #expect(scene.requests("GET").compactMap(start) == [10, 10, 10, 10])
  }

  @Test("49: several ranges at once, each with breaks", arguments: [true, false])
  func manyRanges(_ isPinned: Bool) async throws {
    let scene = try await FaultScene.make {
      $0.rangeGap = 100
      $0.longestRead = 100_000
    }
    defer { scene.proxy.stop() }
    let content = FaultScene.content(Self.size)
    let tag = try await scene.bucket.put("key", content, PutOptions()).etag
    scene.proxy.add(FaultRule(.shortBody(after: 30_000), times: 5, method: "GET"))
    scene.proxy.add(FaultRule(.resetInBody(after: 20_000), times: 5, method: "GET"))
    let ranges: [Range<UInt64>] = [700_000..<999_999, 5..<250_005, 300_000..<300_001, 400_000..<470_000]
    let options = GetOptions(ifMatch: isPinned ? tag : nil)
    let got = try await scene.store.getRanges("key", ranges, options)
    #expect(got.map(\.array) == ranges.map { content[Int($0.lowerBound)..<Int($0.upperBound)].array })
    #expect(scene.store.client.retries >= 10)
  }

  @Test("49: a streamed body goes on where it broke, and never with another version")
  func resumedStream() async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    let content = FaultScene.content(Self.size)
    let tag = try await scene.bucket.put("key", content, PutOptions()).etag
    scene.proxy.add(FaultRule(.reset, method: "GET"))
    scene.proxy.add(FaultRule(.shortBody(after: 300_000), method: "GET"))
    scene.proxy.add(FaultRule(.resetInBody(after: 100_000), method: "GET"))
    #expect(try await collect(scene.store.get("key", GetOptions())) == content.array)
    let requests = scene.requests("GET")
    #expect(requests.count == 4 && requests[1].header("Range") == nil)
    #expect(requests.count > 2 && requests[2].header("Range") == "bytes=300000-999999")
    #expect(requests.dropFirst(2).allSatisfy { $0.header("If-Match") == tag })

    scene.proxy.add(FaultRule(.stallInBody(after: 300_000, for: nil), method: "GET"))
    let result = try await scene.store.get("key", GetOptions())
    try await scene.bucket.put("key", FaultScene.content(Self.size, 7), PutOptions())
    scene.proxy.goDown()
    try scene.proxy.comeUp()
    #expect(await errorCode { _ = try await collect(result) } == .preconditionFailed)
  }

  @Test("49: an answer that says it holds other bytes is not believed, and asked for again")
  func wrongRange() async throws {
    let scene = try await FaultScene.make { $0.retry.attempts = 4 }
    defer { scene.proxy.stop() }
    let content = FaultScene.content(Self.size)
    let tag = try await scene.bucket.put("key", content, PutOptions()).etag
    // Consistent in itself, but it begins later; and one that lies about all of it.
    let late = Fault.rewrite { answer in
      answer.fields.removeAll { $0.name.lowercased() == "content-range" }
      answer.fields.append(.init(name: "Content-Range", value: "bytes 301000-900999/1000000"))
      answer.body = Array(answer.body.dropFirst(300_000))
    }
    let shifted = Fault.changingHeader("Content-Range", to: "bytes 2000-901999/1000000")
    for fault in [late, shifted] {
      for tag in [tag, nil] {
        scene.proxy.add(FaultRule(fault, method: "GET"))
        #expect(try await read(scene.store, 1000..<901_000, tag) == content[1000..<901_000].array)
      }
      scene.proxy.add(FaultRule(fault, method: "GET"))
      let stream = try await scene.store.get("key", GetOptions(range: .bounded(1000..<901_000)))
      #expect(try await collect(stream) == content[1000..<901_000].array)
    }
    #expect(scene.store.client.retries == 6)
    scene.proxy.add(FaultRule(late, times: nil, method: "GET"))
    #expect(await errorCode { _ = try await read(scene.store, 1000..<901_000, tag) } == .integrity)
    scene.proxy.clearFaults()
    scene.proxy.add(FaultRule(.changingHeader("Content-Range", to: nil), times: nil, method: "GET"))
    #expect(await errorCode { _ = try await read(scene.store, 1000..<901_000, tag) } == .integrity)
    #expect(scene.store.client.limit.running == 0)
  }

  @Test("49: what came of an error's body, or of the wrong bytes, is no part of the object")
  func brokenError() async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    let outer = try FaultProxy(upstream: scene.proxy.endpoint)
    defer { outer.stop() }
    let store = try TestServer.same(scene.store) { $0.endpoint = outer.endpoint }
    let content = FaultScene.content(Self.size)
    let tag = try await scene.bucket.put("key", content, PutOptions()).etag
    let padding = String(repeating: "x", count: 5000)
    let answers: [Fault] = [
      .answer(.error(500, "InternalError", elements: "<Padding>\(padding)</Padding>")),
      .changingHeader("Content-Range", to: "bytes 2000-901999/1000000"),
    ]
    for answer in answers {
      scene.proxy.add(FaultRule(answer))
      outer.add(FaultRule(.shortBody(after: 3000)))
      #expect(try await read(store, 1000..<901_000, tag) == content[1000..<901_000].array)
    }
    #expect(outer.requests.compactMap(start) == [1000, 1000, 1000, 1000])
  }

  @Test("50: a body that stalls is ended after the time that is set, and goes on over another connection")
  func stall() async throws {
    let scene = try await FaultScene.make { $0.stallTimeout = .seconds(1) }
    defer { scene.proxy.stop() }
    let content = FaultScene.content(Self.size)
    let tag = try await scene.bucket.put("key", content, PutOptions()).etag
    scene.proxy.add(FaultRule(.stallInBody(after: 300_000, for: nil), times: 2, method: "GET"))
    let begun = ContinuousClock.now
    async let filled = read(scene.store, 0..<UInt64(Self.size), tag)
    async let streamed = collect(scene.store.get("key", GetOptions(ifMatch: tag)))
    #expect(try await filled == content.array)
    #expect(try await streamed == content.array)
    // The rate is an average over some seconds, which have to go by as well.
    #expect(ContinuousClock.now - begun < .seconds(20))
    let resumed = scene.requests("GET").filter { $0.header("Range") == "bytes=300000-999999" }
    #expect(resumed.count == 2 && resumed.allSatisfy { $0.header("If-Match") == tag })
  }

  @Test("57: a connection that the server has closed meanwhile is not noticed")
  func closedIdle() async throws {
    let scene = try await FaultScene.make()
    defer { scene.proxy.stop() }
    for number in 0..<10 {
      let key = ObjectKey("key-\(number)")
      try await scene.store.put(key, Bytes(utf8: "content \(number)"), PutOptions())
      scene.proxy.closeIdleConnections()
      #expect(try await scene.store.read(key).1.array == Array("content \(number)".utf8))
      scene.proxy.add(FaultRule(.closeAfterAnswer, method: "HEAD"))
      #expect(try await scene.store.head(key, GetOptions()).size == 9)
    }
  }
}

internal import ByteBuffers
internal import ObjectStores

extension ObjectStoreConformance {
  static let streaming = [
    Scenario(33, "a streamed object appears whole when it is finished", streamedPut),
    Scenario(35, "an aborted writer leaves nothing", abortedWriter),
    Scenario(36, "a dropped or cancelled writer leaves nothing", droppedWriter),
    Scenario(38, "streams of any length around the part size arrive", streamLengths),
    Scenario(40, "of two writers on one key the last to finish wins", twoWriters),
    Scenario(73, "a writer is used once", writerAfterEnd),
  ]

  static func streamedPut(_ s: StoreUnderTest) async throws {
    let content = pattern(s.options.largeObject)
    let options = PutStreamOptions(durability: .deferred, partSize: 5 << 20)
    let writer = try await s.store.putStream("dir/key", options)
    var at = 0
    var step = 0
    while at < content.count {
      let end = min(content.count, at + [1, 1000, 700_000, 3 << 20][step % 4])
      try await writer.write(content[at..<end])
      at = end
      if step % 4 == 0 { try expectEqual(try await s.keys(), [], "listing before the end") }
      step += 1
    }
    try await expectError(.notFound, from: "reading before the end") { _ = try await s.text("dir/key") }
    let tag = try await writer.finish().etag
    let head = try await s.store.head("dir/key", GetOptions())
    try expectEqual(head.size, UInt64(content.count), "size")
    try expectEqual(head.etag, tag, "entity tag of finish and head")
    try expect(same(try await s.bytes("dir/key"), content), "the content differs")
  }

  static func abortedWriter(_ s: StoreUnderTest) async throws {
    try await s.put("old", "old")
    for key in ["old", "new", "deep/new"] as [ObjectKey] {
      let writer = try await s.store.putStream(key, PutStreamOptions(durability: .deferred))
      try await writer.write(pattern(1 << 20))
      await writer.abort()
      await writer.abort()
    }
    try expectEqual(try await s.keys(), ["old"], "listing")
    try expectEqual(try await s.text("old"), "old", "content")
  }

  static func droppedWriter(_ s: StoreUnderTest) async throws {
    do {
      let writer = try await s.store.putStream("dropped", PutStreamOptions(durability: .deferred))
      try await writer.write(pattern(1 << 20))
    }
    let task = Task {
      let writer = try await s.store.putStream("cancelled", PutStreamOptions(durability: .deferred))
      try await writer.write(pattern(1 << 20))
      withUnsafeCurrentTask { $0?.cancel() }
      _ = try await writer.finish()
    }
    try await expectError(.cancelled, from: "finishing in a cancelled task") { try await task.value }
    try expectEqual(try await s.keys(), [], "listing")
    try await expectError(.notFound, from: "reading what was not finished") { _ = try await s.text("cancelled") }
  }

  static func streamLengths(_ s: StoreUnderTest) async throws {
    let part = 5 << 20
    for length in [0, 1, 100, part - 1, part, part + 1, 2 * part] {
      let content = pattern(length, seed: UInt64(length))
      let writer = try await s.store.putStream("key", PutStreamOptions(durability: .deferred, partSize: part))
      if length > 0 { try await writer.write(content) }
      _ = try await writer.finish()
      try expect(same(try await s.bytes("key"), content), "the content of \(length) bytes differs")
    }
  }

  static func twoWriters(_ s: StoreUnderTest) async throws {
    let first = try await s.store.putStream("key", PutStreamOptions(durability: .deferred))
    let second = try await s.store.putStream("key", PutStreamOptions(durability: .deferred))
    try await first.write(Bytes(utf8: "fir"))
    try await second.write(Bytes(utf8: "sec"))
    try await first.write(Bytes(utf8: "st"))
    try await second.write(Bytes(utf8: "ond"))
    _ = try await second.finish()
    try expectEqual(try await s.text("key"), "second", "content after the first end")
    let last = try await first.finish()
    try expectEqual(try await s.text("key"), "first", "content after the last end")
    try expectEqual(try await s.store.head("key", GetOptions()).etag, last.etag, "entity tag")
  }

  static func writerAfterEnd(_ s: StoreUnderTest) async throws {
    let writer = try await s.store.putStream("key", PutStreamOptions(durability: .deferred))
    try await writer.write(Bytes(utf8: "content"))
    _ = try await writer.finish()
    try await expectError(.unsupported, from: "writing after the end") { try await writer.write(Bytes(utf8: "more")) }
    try await expectError(.unsupported, from: "finishing twice") { _ = try await writer.finish() }
    await writer.abort()
    try expectEqual(try await s.text("key"), "content", "content after an abort that comes too late")
  }
}

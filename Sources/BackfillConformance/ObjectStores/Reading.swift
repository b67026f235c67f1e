internal import ByteBuffers
internal import ObjectStores

extension ObjectStoreConformance {
  static let reading = [
    Scenario(1, "what was put is read, described and deleted", roundTrip),
    Scenario(2, "an empty object is an object, and no range of it can be read", emptyObject),
    Scenario(3, "an overwrite replaces content and entity tag", overwrite),
    Scenario(4, "a missing object is not found, and deleting it succeeds", missingObject),
    Scenario(10, "a streamed body is the whole object", streamedBody),
    Scenario(11, "bodies dropped early cost nothing later", droppedBodies),
    Scenario(12, "a slow reader gets runs of bounded length", slowReader),
    Scenario(32, "reads keep their conditions", conditionalReads),
    Scenario(64, "content is copied, not shared with the caller's buffer", copiedContent),
    Scenario(67, "a reader during overwrites sees one version", readDuringOverwrite),
  ]

  static func roundTrip(_ s: StoreUnderTest) async throws {
    let before = try await s.store.put("dir/object", Bytes(utf8: "content"), PutOptions())
    let head = try await s.store.head("dir/object", GetOptions())
    try expectEqual(head.key, "dir/object", "key")
    try expectEqual(head.size, 7, "size")
    try expectEqual(head.etag, before.etag, "entity tag of put and head")
    try expect(head.modified > 0, "the modification time \(head.modified) is not after 1970")
    let got = try await s.store.get("dir/object", GetOptions())
    try expectEqual(got.metadata, head, "metadata of get and head")
    try expectEqual(got.range, 0..<7, "range of the body")
    try expectEqual(try await s.text("dir/object"), "content", "content")
    try expectEqual(try await s.keys(), ["dir/object"], "listing")
    try await s.store.delete("dir/object")
    try await expectError(.notFound, from: "reading what was deleted") { _ = try await s.text("dir/object") }
    try expectEqual(try await s.keys(), [], "listing after the deletion")
  }

  static func emptyObject(_ s: StoreUnderTest) async throws {
    try await s.put("empty", "")
    try expectEqual(try await s.store.head("empty", GetOptions()).size, 0, "size")
    try expectEqual(try await s.bytes("empty"), .empty, "content")
    for range in [ByteRange.bounded(0..<1), .from(0), .suffix(1)] {
      try await expectError(.invalidRange, from: "the range \(range) of an empty object") {
        _ = try await s.store.get("empty", GetOptions(range: range))
      }
    }
    try expectEqual(try await s.store.getRanges("empty", [0..<0], GetOptions()), [.empty], "its empty range")
  }

  static func overwrite(_ s: StoreUnderTest) async throws {
    var tags: Set<String> = []
    for round in 0..<20 {
      let text = "version \(s.options.tagsFollowContent ? round : round % 2)"
      let tag = try await s.put("key", text).etag
      try expect(tags.insert(tag).inserted, "version \(round) has the entity tag of an earlier one, \(tag)")
      try expectEqual(try await s.text("key"), text, "content")
      try expectEqual(try await s.store.head("key", GetOptions()).etag, tag, "entity tag")
    }
  }

  static func missingObject(_ s: StoreUnderTest) async throws {
    for key in ["missing", "no/such/folder"] as [ObjectKey] {
      try await expectError(.notFound, from: "head") { _ = try await s.store.head(key, GetOptions()) }
      try await expectError(.notFound, from: "get") { _ = try await s.store.get(key, GetOptions()) }
      try await expectError(.notFound, from: "getRanges") {
        _ = try await s.store.getRanges(key, [0..<1], GetOptions())
      }
      try expect(try await s.store.headIfPresent(key) == nil, "a missing object has metadata")
      try await s.store.delete(key)
    }
    do {
      _ = try await s.store.head("missing", GetOptions())
    } catch {
      try expectEqual(error.key, "missing", "key of the error")
    }
  }

  static func streamedBody(_ s: StoreUnderTest) async throws {
    let content = pattern(s.options.largeObject)
    try await s.store.put("large", content, PutOptions(durability: .deferred))
    try expect(same(try await s.bytes("large"), content), "the streamed content differs")
    let middle = UInt64(content.count / 3)..<UInt64(content.count / 2)
    let part = try await s.bytes("large", GetOptions(range: .bounded(middle)))
    try expect(same(part, content[Int(middle.lowerBound)..<Int(middle.upperBound)]), "a streamed range differs")
    try expect(same(try await s.store.read("large").1, content), "the content read at once differs")
  }

  static func droppedBodies(_ s: StoreUnderTest) async throws {
    let content = pattern(3 << 20)
    try await s.store.put("key", content, PutOptions(durability: .deferred))
    for round in 0..<100 {
      let result = try await s.store.get("key", GetOptions())
      guard round % 2 == 0 else { continue }
      for try await run in result.body where run.count > 0 { break }
    }
    try expect(same(try await s.bytes("key"), content), "the content after dropped bodies differs")
  }

  static func slowReader(_ s: StoreUnderTest) async throws {
    let content = pattern(s.options.largeObject)
    try await s.store.put("large", content, PutOptions(durability: .deferred))
    var at = 0
    for try await run in try await s.store.get("large", GetOptions()).body {
      try expect(run.count <= 16 << 20, "a run has \(run.count) bytes")
      for _ in 0..<100 { await Task.yield() }
      try expect(at + run.count <= content.count, "more bytes arrive than the object has")
      try expect(same(run, content[at..<at + run.count]), "the run at \(at) differs")
      at += run.count
    }
    try expectEqual(at, content.count, "bytes read")
  }

  static func conditionalReads(_ s: StoreUnderTest) async throws {
    let old = try await s.put("key", "old").etag
    let new = try await s.put("key", "new").etag
    let modified = try await s.store.head("key", GetOptions()).modified
    let hour: Int64 = 3_600_000_000_000
    func options(_ set: (inout GetOptions) -> Void) -> GetOptions {
      var options = GetOptions()
      set(&options)
      return options
    }
    let met = [
      options { $0.ifMatch = new }, options { $0.ifMatch = "*" }, options { $0.ifNoneMatch = old },
      options { $0.ifModifiedSince = modified - hour }, options { $0.ifUnmodifiedSince = modified + hour },
    ]
    for condition in met {
      try expectEqual(try await s.text("key", condition), "new", "content with \(condition)")
      try expectEqual(try await s.store.head("key", condition).etag, new, "entity tag with \(condition)")
    }
    let unmet: [(GetOptions, ObjectStoreError.Code)] = [
      (options { $0.ifMatch = old }, .preconditionFailed), (options { $0.ifNoneMatch = new }, .notModified),
      (options { $0.ifNoneMatch = "*" }, .notModified),
      (options { $0.ifModifiedSince = modified + hour }, .notModified),
      (options { $0.ifUnmodifiedSince = modified - hour }, .preconditionFailed),
    ]
    for (condition, code) in unmet {
      try await expectError(code, from: "get with \(condition)") { _ = try await s.store.get("key", condition) }
      try await expectError(code, from: "head with \(condition)") { _ = try await s.store.head("key", condition) }
      try await expectError(code, from: "getRanges with \(condition)") {
        _ = try await s.store.getRanges("key", [0..<1], condition)
      }
    }
    try await expectError(.notFound, .preconditionFailed, from: "ifMatch on a missing object") {
      _ = try await s.store.get("missing", GetOptions(ifMatch: old))
    }
  }

  static func copiedContent(_ s: StoreUnderTest) async throws {
    let buffer = AlignedBuffer(capacity: 4)
    buffer.base.copyMemory(from: [1, 2, 3, 4] as [UInt8], byteCount: 4)
    let bytes = Bytes(buffer, count: 4)
    try await s.store.put("put", bytes, PutOptions(durability: .deferred))
    let writer = try await s.store.putStream("stream", PutStreamOptions(durability: .deferred))
    try await writer.write(bytes)
    buffer.base.storeBytes(of: 9, as: UInt8.self)
    _ = try await writer.finish()
    try expectEqual(try await s.bytes("put").array, [1, 2, 3, 4], "content put before the buffer changed")
    try expectEqual(try await s.bytes("stream").array, [1, 2, 3, 4], "content written before the buffer changed")
  }

  static func readDuringOverwrite(_ s: StoreUnderTest) async throws {
    for size in [1 << 20, 4 << 20, 8 << 20] {
      try await s.store.put("key", uniform(0, size), PutOptions(durability: .deferred))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for round in 1...20 {
            try await s.store.put("key", uniform(UInt8(round), size), PutOptions(durability: .deferred))
          }
        }
        for _ in 0..<10 {
          let content = try await s.bytes("key")
          try expectEqual(content.count, size, "size during overwrites")
          try expect(same(content, uniform(content.array[0], size)), "the content is a mixture of versions")
        }
        try await group.waitForAll()
      }
    }
  }
}

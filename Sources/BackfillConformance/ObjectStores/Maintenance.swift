internal import ByteBuffers
internal import ObjectStores

extension ObjectStoreConformance {
  static let maintenance = [
    Scenario(42, "many objects are deleted at once", bulkDelete),
    Scenario(43, "copies keep the modes of a put", copies),
    Scenario(51, "a cancelled task gets cancelled and leaves nothing", cancelledTask),
    Scenario(74, "deferred puts can be flushed as a group", flush),
  ]

  static func bulkDelete(_ s: StoreUnderTest) async throws {
    let keys = (0..<1001).map { ObjectKey("bulk/\($0)") }
    try await s.put(keys + unusual)
    try await s.put("keep")
    try expectEqual(try await s.store.delete([]).count, 0, "failures of deleting nothing")
    let failures = try await s.store.delete(keys + ["bulk/missing", "no/folder"] + unusual + [keys[0]])
    try expect(failures.isEmpty, "not deleted: \(failures)")
    try expectEqual(try await s.keys(), ["keep"], "listing")
    let mixed = try await s.store.delete(["", "keep"])
    try expectEqual(mixed.map(\.key), [""], "keys that could not be deleted")
    try expectEqual(mixed.map(\.error.code), [.invalidKey], "reasons")
    try expectEqual(try await s.keys(), [], "listing at the end")
  }

  static func copies(_ s: StoreUnderTest) async throws {
    let content = pattern(3 << 20)
    let source = try await s.store.put("source", content, PutOptions(durability: .deferred))
    try await s.store.copy("source", to: "dir/target", .create)
    try expect(same(try await s.bytes("dir/target"), content), "the copy differs")
    try await s.put("other", "other")
    try await expectError(.alreadyExists, from: "a create-only copy") {
      try await s.store.copy("source", to: "other", .create)
    }
    try expectEqual(try await s.text("other"), "other", "the target of the refused copy")
    let stale = try await s.store.head("other", GetOptions()).etag
    try await s.store.copy("source", to: "other", .update(ifMatch: stale))
    try await expectError(.preconditionFailed, from: "a copy over a version that was replaced") {
      try await s.store.copy("source", to: "other", .update(ifMatch: stale))
    }
    try await expectError(.notFound, from: "a copy of nothing") {
      try await s.store.copy("missing", to: "other", .overwrite)
    }
    try expect(same(try await s.bytes("other"), content), "the target changed by a failed copy")
    try expectEqual(try await s.store.head("source", GetOptions()).etag, source.etag, "the source's entity tag")
    try await s.put("odd name+%41?", "odd")
    try await s.store.copy("odd name+%41?", to: "plain", .overwrite)
    try expectEqual(try await s.text("plain"), "odd", "copy of an unusual key")
    try await s.store.copy("plain", to: "plain", .overwrite)
    try expectEqual(try await s.text("plain"), "odd", "an object copied onto itself")
  }

  static func cancelledTask(_ s: StoreUnderTest) async throws {
    try await s.put("key", "old")
    let calls: [(String, @Sendable () async throws -> Void)] = [
      ("put", { try await s.put("key", "new") }), ("create", { try await s.put("new", "new", .create) }),
      ("get", { _ = try await s.text("key") }), ("list", { _ = try await s.keys() }),
      ("head", { _ = try await s.store.head("key", GetOptions()) }),
      ("copy", { try await s.store.copy("key", to: "new", .overwrite) }),
    ]
    for (name, call) in calls {
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        try await call()
      }
      try await expectError(.cancelled, from: "\(name) in a cancelled task") { try await task.value }
    }
    try expectEqual(try await s.keys(), ["key"], "listing")
    try expectEqual(try await s.text("key"), "old", "content")
  }

  static func flush(_ s: StoreUnderTest) async throws {
    let keys = (0..<20).map { ObjectKey("flush/\($0 % 3)/\($0)") }
    try await s.put(keys)
    try await s.store.flush(keys)
    try await s.store.flush([])
    try expectEqual(try await s.keys(), keys.sorted(), "listing after the flush")
  }
}

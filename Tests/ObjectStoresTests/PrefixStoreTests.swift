import ByteBuffers
import ObjectStores
import Testing

@Suite("A prefix store")
struct PrefixStoreTests {
  /// A part of a store that has objects before, behind and around the part.
  static func partOf(_ base: any ObjectStore) async throws -> PrefixStore {
    for key in ["a", "part-", "part.x", "part0", "partner/x", "z/part/x"] as [ObjectKey] {
      try await base.put(key, "outside")
    }
    return PrefixStore(base, prefix: "part")
  }

  @Test("puts objects below its prefix, with one slash between")
  func joinsKeys() async throws {
    let base = MemoryStore()
    for prefix in ["p", "p/"] as [ObjectKey] {
      let store = PrefixStore(base, prefix: prefix)
      try await store.put("x/y", "content")
      #expect(try await base.text("p/x/y") == "content")
      #expect(try await store.keys() == ["x/y"])
      let page = try await store.list(ListRequest(delimiter: "/"))
      #expect(page.commonPrefixes == ["x/"])
    }
  }

  @Test("without a prefix is the base itself")
  func emptyPrefix() async throws {
    let base = MemoryStore()
    let store = PrefixStore(base, prefix: "")
    try await store.put("x", "content")
    #expect(try await base.keys() == ["x"])
    #expect(try await store.keys() == ["x"])
  }

  @Test("hides an object that has the prefix as its key")
  func markerObject() async throws {
    let base = MemoryStore()
    try await base.put("p/", "marker")
    try await base.put("p/x", "content")
    #expect(try await PrefixStore(base, prefix: "p").keys(pageSize: 1) == ["x"])
  }

  @Test("names the caller's key in its errors")
  func errorKeys() async throws {
    let store = PrefixStore(MemoryStore(), prefix: "deep/prefix")
    let missing = try await failure { _ = try await store.get("x", GetOptions()) }
    #expect(missing.code == .notFound && missing.key == "x")
    try await store.put("x", "content")
    let exists = try await failure { try await store.put("x", "again", .create) }
    #expect(exists.code == .alreadyExists && exists.key == "x")
    let writer = try await store.putStream("x", PutStreamOptions(.create))
    let streamed = try await failure { _ = try await writer.finish() }
    #expect(streamed.code == .alreadyExists && streamed.key == "x")
    let longKey = ObjectKey(bytes: [UInt8](repeating: 0x61, count: 1024))
    let failures = try await store.delete([longKey])
    #expect(failures.map(\.key) == [longKey] && failures.map(\.error.key) == [longKey])
    #expect(store.capabilities.longestKey == 1024 - "deep/prefix/".utf8.count)
  }

  @Test("inside another joins both prefixes")
  func nested() async throws {
    let base = MemoryStore()
    let store = PrefixStore(PrefixStore(base, prefix: "outer"), prefix: "inner")
    try await store.put("x", "content")
    #expect(try await base.keys() == ["outer/inner/x"])
    #expect(try await store.keys() == ["x"])
  }
}

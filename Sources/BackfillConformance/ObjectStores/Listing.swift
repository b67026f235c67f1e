internal import ByteBuffers
internal import ObjectStores

extension ObjectStoreConformance {
  static let listing = [
    Scenario(13, "a listing has all objects, those of a prefix, or none", listByPrefix),
    Scenario(14, "a prefix is raw bytes, not whole segments", rawPrefix),
    Scenario(15, "a delimiter rolls keys up once", delimiter),
    Scenario(16, "whole keys are ordered, not segments", wholeKeyOrder),
    Scenario(19, "the order is that of bytes, not of UTF-16", byteOrder),
    Scenario(21, "an empty store lists nothing", emptyListing),
  ]

  static func listByPrefix(_ s: StoreUnderTest) async throws {
    let keys: [ObjectKey] = ["a", "b/1", "b/2", "b/c/3", "c"]
    try await s.put(keys.reversed())
    try expectEqual(try await s.keys(), keys, "all")
    try expectEqual(try await s.keys(ListRequest(prefix: "b/")), ["b/1", "b/2", "b/c/3"], "prefix b/")
    try expectEqual(try await s.keys(ListRequest(prefix: "b/c/3")), ["b/c/3"], "a whole key as the prefix")
    for prefix in ["x", "b/x", "b/1/", "x/y/z", "b/c/3x", "a/"] as [ObjectKey] {
      try expectEqual(try await s.keys(ListRequest(prefix: prefix)), [], "prefix \(prefix)")
    }
    let tag = try await s.put("b/2", "longer").etag
    let page = try await s.store.list(ListRequest(prefix: "b/2"))
    var head = try await s.store.head("b/2", GetOptions())
    // A store may say of its own what it takes an object for, but not in a listing.
    head.contentType = nil
    try expectEqual(page.objects, [head], "metadata in the listing")
    try expectEqual(page.objects.map(\.etag), [tag], "entity tag in the listing")
    try expectEqual(page.objects.map(\.size), [6], "size in the listing")
  }

  static func rawPrefix(_ s: StoreUnderTest) async throws {
    try await s.put(["l/b-x", "l/b/1", "l/bc", "l/c", "l0"])
    try expectEqual(try await s.keys(ListRequest(prefix: "l/b")), ["l/b-x", "l/b/1", "l/bc"], "prefix l/b")
    try expectEqual(try await s.keys(ListRequest(prefix: "l")).count, 5, "keys with the prefix l")
    try expectEqual(try await s.keys(ListRequest(prefix: "l/b/")), ["l/b/1"], "prefix l/b/")
  }

  static func delimiter(_ s: StoreUnderTest) async throws {
    try await s.put(["a-b", "a/1", "a/2/3", "a/2/4", "a/5", "b", "c/1/2", "d/1"])
    for pageSize in [1, 2, 3, 1000] {
      let pages = try await s.pages(ListRequest(delimiter: "/", pageSize: pageSize))
      try expectEqual(pages.flatMap(\.commonPrefixes), ["a/", "c/", "d/"], "prefixes, \(pageSize) a page")
      try expectEqual(pages.flatMap { $0.objects.map(\.key) }, ["a-b", "b"], "objects, \(pageSize) a page")
      let inner = try await s.pages(ListRequest(prefix: "a/", delimiter: "/", pageSize: pageSize))
      try expectEqual(inner.flatMap(\.commonPrefixes), ["a/2/"], "prefixes below a/, \(pageSize) a page")
      try expectEqual(inner.flatMap { $0.objects.map(\.key) }, ["a/1", "a/5"], "objects below a/, \(pageSize) a page")
    }
    let partial = try await s.pages(ListRequest(prefix: "c/1", delimiter: "/"))
    try expectEqual(partial.flatMap(\.commonPrefixes), ["c/1/"], "prefixes that begin with c/1")
    let other = try await s.pages(ListRequest(delimiter: "/2", pageSize: 2))
    try expectEqual(other.flatMap(\.commonPrefixes), ["a/2", "c/1/2"], "prefixes rolled up at /2")
    try expectEqual(other.flatMap { $0.objects.map(\.key) }, ["a-b", "a/1", "a/5", "b", "d/1"], "objects without /2")
    let deleted: [ObjectKey] = ["c/1/2"]
    _ = try await s.store.delete(deleted)
    let rest = try await s.pages(ListRequest(delimiter: "/")).flatMap(\.commonPrefixes)
    try expectEqual(rest, ["a/", "d/"], "prefixes after the last object below c/ was deleted")
  }

  static func wholeKeyOrder(_ s: StoreUnderTest) async throws {
    // Space, '-' and '.' are before '/', '0' and letters behind it.
    let keys: [ObjectKey] = ["a b", "a!", "a-/c", "a-b", "a.b", "a/b", "a/b0", "a0/x", "a1", "aa", "b-/x", "b/x"]
    try await s.put(keys.reversed())
    for pageSize in [1, 2, 5, 1000] {
      try expectEqual(try await s.keys(ListRequest(pageSize: pageSize)), keys, "keys, \(pageSize) a page")
    }
    try expectEqual(try await s.keys(ListRequest(prefix: "a-")), ["a-/c", "a-b"], "keys with the prefix a-")
  }

  static func byteOrder(_ s: StoreUnderTest) async throws {
    // U+FFFD is before U+1F600 in UTF-8 and behind it in UTF-16.
    let keys: [ObjectKey] = ["Z", "a", "e\u{301}", "z", "\u{e9}", "\u{fffd}", "\u{1F600}"]
    try await s.put(keys.shuffled())
    try expectEqual(try await s.keys(), keys, "keys")
  }

  static func emptyListing(_ s: StoreUnderTest) async throws {
    for request in [ListRequest(), ListRequest(prefix: "x"), ListRequest(delimiter: "/"), ListRequest(startAfter: "x")]
    {
      let page = try await s.store.list(request)
      try expect(page.objects.isEmpty && page.commonPrefixes.isEmpty, "an empty store lists something")
      try expect(page.continuation == nil, "an empty listing goes on")
    }
    try await s.put("a/b")
    try await s.store.delete("a/b")
    try expectEqual(try await s.pages(ListRequest(delimiter: "/")).flatMap(\.commonPrefixes), [], "prefixes of nothing")
  }
}

internal import ByteBuffers
internal import ObjectStores

extension ObjectStoreConformance {
  static let paging = [
    Scenario(17, "a listing starts behind any text", startAfter),
    Scenario(18, "pages of any size give every key once", pageSizes),
    Scenario(20, "objects that come and go do not disturb a listing", changesWhileListing),
    Scenario(70, "a continuation can be used again, and late", repeatedContinuation),
  ]

  static func startAfter(_ s: StoreUnderTest) async throws {
    try await s.put(["a", "b/1", "b/2", "b/3/4", "c"])
    let cases: [(ObjectKey, [ObjectKey])] = [
      ("", ["a", "b/1", "b/2", "b/3/4", "c"]), ("a", ["b/1", "b/2", "b/3/4", "c"]), ("b/1", ["b/2", "b/3/4", "c"]),
      ("b/15", ["b/2", "b/3/4", "c"]), ("b/2/9", ["b/3/4", "c"]), ("b/3/4", ["c"]), ("b0", ["c"]), ("c", []), ("z", []),
    ]
    for (start, expected) in cases {
      for pageSize in [1, 1000] {
        let found = try await s.keys(ListRequest(startAfter: start, pageSize: pageSize))
        try expectEqual(found, expected, "keys behind \(start), \(pageSize) a page")
      }
    }
    let inside = try await s.pages(ListRequest(delimiter: "/", startAfter: "b/2"))
    try expectEqual(inside.flatMap(\.commonPrefixes), ["b/"], "prefixes when started inside one that goes on")
    let behind = try await s.pages(ListRequest(delimiter: "/", startAfter: "b/3/4"))
    try expectEqual(behind.flatMap(\.commonPrefixes), [], "prefixes when started behind the last of one")
    let prefixed = try await s.keys(ListRequest(prefix: "b/", startAfter: "b/1"))
    try expectEqual(prefixed, ["b/2", "b/3/4"], "keys of a prefix behind one")
    try expectEqual(
      try await s.keys(ListRequest(prefix: "b/", startAfter: "a")).count,
      3,
      "keys of a prefix behind an earlier key"
    )
    try expectEqual(
      try await s.keys(ListRequest(prefix: "b/", startAfter: "c")),
      [],
      "keys of a prefix behind a later key"
    )
  }

  static func pageSizes(_ s: StoreUnderTest) async throws {
    let few: [ObjectKey] = (0..<7).map { ObjectKey("few/\($0)") }
    try await s.put(few)
    for pageSize in [1, 2, 3, 6, 7, 8, 0, -1, .max] {
      try expectEqual(try await s.keys(ListRequest(pageSize: pageSize)), few, "keys, \(pageSize) a page")
    }
    let many = (0..<s.options.manyKeys).map { number in
      let digits = String(number)
      return ObjectKey("many/\(number % 7)/" + String(repeating: "0", count: 8 - digits.utf8.count) + digits)
    }
    try await s.put(many)
    for pageSize in [999, 1000, 1001, 2500] {
      let found = try await s.keys(ListRequest(prefix: "many/", pageSize: pageSize))
      try expect(
        found == many.sorted(),
        "\(found.count) of \(many.count) keys, or in another order, \(pageSize) a page"
      )
    }
    var count = 0
    for try await object in s.store.objects(prefix: "many/", startAfter: "many/1", pageSize: 100) {
      try expect(object.key > "many/1", "the key \(object.key) is not behind the start")
      count += 1
    }
    try expectEqual(count, many.count { $0 > "many/1" }, "objects of the convenience")
  }

  static func changesWhileListing(_ s: StoreUnderTest) async throws {
    let stable = (0..<50).map { ObjectKey("d\($0 % 5)/stable-\($0)") }
    let leaving = (0..<50).map { ObjectKey("d\($0 % 5)/leaving-\($0)") }
    try await s.put(stable + leaving)
    var request = ListRequest(pageSize: 7)
    var seen: [ObjectKey] = []
    var round = 0
    repeat {
      let page = try await s.store.list(request)
      seen += page.objects.map(\.key)
      request.continuation = page.continuation
      for key in leaving.dropFirst(round * 10).prefix(10) { try await s.store.delete(key) }
      if round < 20 { try await s.put(ObjectKey("d\(round % 5)/arriving-\(round)")) }
      round += 1
      try expect(round < 200, "the listing does not end while objects arrive")
    } while request.continuation != nil
    try expect(zip(seen, seen.dropFirst()).allSatisfy { $0 < $1 }, "keys come twice or out of order")
    try expectEqual(seen.filter { stable.contains($0) }, stable.sorted(), "the objects that were there all the time")
  }

  static func repeatedContinuation(_ s: StoreUnderTest) async throws {
    let keys = (0..<30).map { ObjectKey("k/\($0 % 3)/\(10 + $0)") }.sorted()
    try await s.put(keys)
    let first = try await s.store.list(ListRequest(pageSize: 4))
    let request = ListRequest(pageSize: 4, continuation: first.continuation)
    for other in 5..<25 { _ = try await s.store.list(ListRequest(pageSize: other)) }
    for _ in 0..<2 {
      try expectEqual(try await s.store.list(request).objects.map(\.key), Array(keys[4..<8]), "the second page")
    }
    var rest = request
    rest.pageSize = 100
    try expectEqual(try await s.store.list(rest).objects.map(\.key), Array(keys[4...]), "all from the second page on")
  }
}

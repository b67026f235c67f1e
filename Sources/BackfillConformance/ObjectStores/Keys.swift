internal import ByteBuffers
internal import ObjectStores

extension ObjectStoreConformance {
  static let keys = [
    Scenario(22, "unusual keys are kept byte for byte", unusualKeys),
    Scenario(23, "the longest key fits and one byte more is refused", longestKey),
    Scenario(24, "keys that look like paths outside reach no other object", traversal),
    Scenario(75, "an object below another object's key is held or refused, and disturbs nothing", nestedKeys),
    Scenario(71, "an empty key is refused everywhere", emptyKey),
  ]

  /// Keys that every store holds.
  static let unusual: [ObjectKey] = [
    "a b", " lead", "trail ", "a+b", "%41", "%", "%zz", "q?x=1", "h#x", "a&b", "a=b", "a;b", "a:b", "a*b", "\"q\"",
    "'q'",
    "<tag>", "&amp;", "tab\there", "line\nbreak", "return\rhere", "back\\slash", "\u{1F600}", "\u{e9}", "e\u{301}", "~",
    "...", ".hidden", "..x", "x..", "a/.hidden/b", "$x", "a,b", "[x]", "{x}", "^|`", "\u{7f}", "\u{1}", "UPPER",
    "upper",
    "-", "--help", "a/ /b",
  ]

  /// Keys that a file system cannot hold.
  static let pathLike: [ObjectKey] = [
    "f//b", "/lead", "trail/", "d/./x", "d/../x", ".", "..", "../x", "x/..", "/", "//", "./x", "/..",
    ObjectKey(bytes: [0x6e, 0, 0x6e]), ObjectKey(bytes: [0x66, 0xff, 0xfe]),
  ]

  static func unusualKeys(_ s: StoreUnderTest) async throws {
    var held = unusual
    for key in unusual { try await s.put(key, "content of \(key)") }
    for key in pathLike {
      do {
        try await s.put(key, "content of \(key)")
        held.append(key)
      } catch let error as ObjectStoreError where error.code == .invalidKey && s.options.mayRefusePathLikeKeys {
        try await expectRefusal(of: key, s)
      }
    }
    try expectEqual(try await s.keys(), held.sorted(), "listing")
    for key in held {
      try expectEqual(try await s.text(key), "content of \(key)", "content of \(key)")
      try expect(try await s.keys(ListRequest(prefix: key)).contains(key), "\(key) is not listed by its own prefix")
    }
    try expectEqual(try await s.store.delete(held).count, 0, "keys that could not be deleted")
    try expectEqual(try await s.keys(), [], "listing after the deletion")
  }

  private static func expectRefusal(of key: ObjectKey, _ s: StoreUnderTest) async throws {
    try await expectError(.invalidKey, from: "get of \(key)") { _ = try await s.store.get(key, GetOptions()) }
    try await expectError(.invalidKey, from: "head of \(key)") { _ = try await s.store.head(key, GetOptions()) }
    try await expectError(.invalidKey, from: "delete of \(key)") { try await s.store.delete(key) }
    try await expectError(.invalidKey, from: "putStream of \(key)") {
      _ = try await s.store.putStream(key, PutStreamOptions())
    }
    try await expectError(.invalidKey, from: "getRanges of \(key)") {
      _ = try await s.store.getRanges(key, [], GetOptions())
    }
    try await expectError(.invalidKey, from: "copy to \(key)") {
      try await s.store.copy(unusual[0], to: key, .overwrite)
    }
  }

  static func longestKey(_ s: StoreUnderTest) async throws {
    let longest = s.store.capabilities.longestKey
    var bytes = (0..<longest).map { $0 % 100 == 99 ? UInt8(ascii: "/") : UInt8(ascii: "k") }
    bytes[longest - 1] = UInt8(ascii: "k")
    let key = ObjectKey(bytes: bytes)
    try await s.put(key, "long")
    try expectEqual(try await s.text(key), "long", "content under the longest key")
    try expectEqual(try await s.keys(), [key], "listing of the longest key")
    let tooLong = ObjectKey(bytes: bytes + [UInt8(ascii: "k")])
    try await expectError(.invalidKey, from: "a key of \(longest + 1) bytes") { try await s.put(tooLong) }
    try expectEqual(try await s.keys(), [key], "listing after the refusal")
  }

  static func traversal(_ s: StoreUnderTest) async throws {
    try await s.put("secret", "inside")
    for key in ["d/../secret", "./secret", "d/../../secret", "/secret", "../secret", "secret/", "secret/."]
      as [ObjectKey]
    {
      try await expectError(.invalidKey, .notFound, from: "reading \(key)") { _ = try await s.text(key) }
      _ = try await s.store.delete([key])
      try expectEqual(try await s.text("secret"), "inside", "the object after deleting \(key)")
    }
    for prefix in ["../", "./", "d/../", "/"] as [ObjectKey] {
      try expectEqual(try await s.keys(ListRequest(prefix: prefix)), [], "keys below \(prefix)")
    }
  }

  static func emptyKey(_ s: StoreUnderTest) async throws {
    try await s.put("x")
    try await expectError(.invalidKey, from: "put") { try await s.put("") }
    try await expectError(.invalidKey, from: "get") { _ = try await s.text("") }
    try await expectError(.invalidKey, from: "head") { _ = try await s.store.head("", GetOptions()) }
    try await expectError(.invalidKey, from: "delete") { try await s.store.delete("") }
    try await expectError(.invalidKey, from: "copy") { try await s.store.copy("x", to: "", .overwrite) }
  }

  static func nestedKeys(_ s: StoreUnderTest) async throws {
    try await s.put("outer", "outer")
    try await s.put("d/inner", "inner")
    var held: [ObjectKey] = ["d/inner", "outer"]
    for key in ["outer/inner", "d"] as [ObjectKey] {
      for mode in [PutMode.create, .overwrite] {
        do {
          try await s.put(key, "nested", mode)
          if mode == .create { held.append(key) }
        } catch let error as ObjectStoreError where error.code == .invalidKey && s.options.mayRefusePathLikeKeys {
          try await expectError(.notFound, from: "reading the refused \(key)") { _ = try await s.text(key) }
          try await s.store.delete(key)
        }
      }
    }
    try expectEqual(try await s.text("outer"), "outer", "content of the outer object")
    try expectEqual(try await s.text("d/inner"), "inner", "content of the inner object")
    try expectEqual(try await s.keys(), held.sorted(), "listing")
  }
}

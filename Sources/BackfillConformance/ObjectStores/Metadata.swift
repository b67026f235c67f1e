internal import ByteBuffers
internal import ObjectStores

extension ObjectStoreConformance {
  static let metadata = [
    Scenario(60, "content type and metadata come back as they were put, or are refused", metadataRoundTrip),
    Scenario(80, "metadata that would not survive are refused before anything is written", wrongMetadata),
  ]

  /// Everything that a name, and a value, may have; but for the underscore, which Ceph makes a hyphen when it copies.
  private static let given = [
    "plain": "value",
    "Upper-Case": "Value with  blanks, and \"quotes\"",
    "!#$%&'*+-.^`|~09az": (0x21...0x7E).map { String(UnicodeScalar(UInt8($0))) }.joined(),
  ]
  private static let kept = Dictionary(uniqueKeysWithValues: given.map { ($0.key.lowercased(), $0.value) })

  private static func options(_ mode: PutMode = .overwrite) -> PutOptions {
    var options = PutOptions(mode, durability: .deferred)
    options.contentType = "application/json; charset=utf-8"
    options.metadata = given
    return options
  }

  private static func streamed(_ mode: PutMode = .overwrite) -> PutStreamOptions {
    var stream = PutStreamOptions(mode, durability: .deferred)
    stream.contentType = options().contentType
    stream.metadata = options().metadata
    return stream
  }

  static func metadataRoundTrip(_ s: StoreUnderTest) async throws {
    guard s.store.capabilities.keepsMetadata else { return try await refusesMetadata(s) }
    for mode in [PutMode.overwrite, .create] {
      let name = mode == .create ? "create" : "overwrite"
      try await s.store.put(ObjectKey("put-" + name), Bytes(utf8: "x"), options(mode))
      for (kind, content) in [("small", Bytes(utf8: "small")), ("large", pattern(s.options.largeObject))] {
        let writer = try await s.store.putStream(ObjectKey("\(kind)-\(name)"), streamed(mode))
        try await writer.write(content)
        _ = try await writer.finish()
      }
    }
    try await s.store.copy("put-create", to: "copy", .overwrite)
    try await s.store.copy("large-create", to: "copy-of-large", .create)
    for key in try await s.keys() {
      let head = try await s.store.head(key, GetOptions())
      try expectEqual(head.contentType, options().contentType, "content type of \(key)")
      try expectEqual(head.metadata, kept, "metadata of \(key)")
      let got = try await s.store.get(key, GetOptions(range: .bounded(0..<1))).metadata
      try expectEqual(got.metadata, kept, "metadata of \(key), read")
      try expectEqual(got.contentType, head.contentType, "content type of \(key), read")
    }
    let listed = try await s.pages(ListRequest()).flatMap(\.objects)
    try expectEqual(listed.count, 8, "objects")
    try expect(listed.allSatisfy { $0.metadata.isEmpty && $0.contentType == nil }, "a listing has metadata")
    try await s.put("put-create", "another")
    try expectEqual(
      try await s.store.head("put-create", GetOptions()).metadata,
      [:],
      "metadata after a put without any"
    )
  }

  private static func refusesMetadata(_ s: StoreUnderTest) async throws {
    try await expectError(.unsupported, from: "a put with metadata") {
      try await s.store.put("key", Bytes(utf8: "x"), options())
    }
    var typed = PutOptions()
    typed.contentType = "text/plain"
    let type = typed
    try await expectError(.unsupported, from: "a put with a content type") {
      try await s.store.put("key", Bytes(utf8: "x"), type)
    }
    try await expectError(.unsupported, from: "a writer with metadata") {
      _ = try await s.store.putStream("key", streamed())
    }
    try expectEqual(try await s.keys(), [], "objects")
  }

  static func wrongMetadata(_ s: StoreUnderTest) async throws {
    let long = String(repeating: "x", count: 500)
    let wrong: [[String: String]] = [
      ["": "x"], ["a b": "x"], ["a:b": "x"], ["ü": "x"], ["a\n": "x"], ["a": ""], ["a": " x"], ["a": "x "],
      ["a": "x\ty"],
      ["a": "x\ny"], ["a": "x\r\nb: c"], ["a": "ü"], ["a": "\u{7f}"], ["a": "x", "A": "y"], ["backfill-put": "x"],
      ["a": long, "b": long, "c": long, "d": long],
    ]
    for metadata in wrong {
      var put = PutOptions()
      put.metadata = metadata
      var stream = PutStreamOptions()
      stream.metadata = metadata
      let (options, streamOptions) = (put, stream)
      try await expectError(.invalidMetadata, from: "a put with metadata \(metadata)") {
        try await s.store.put("key", Bytes(utf8: "x"), options)
      }
      try await expectError(.invalidMetadata, from: "a writer with metadata \(metadata)") {
        _ = try await s.store.putStream("key", streamOptions)
      }
    }
    for type in ["", " ", "text/plain ", "text/plain\r\nx: y", "tëxt/plain", String(repeating: "x", count: 256)] {
      var put = PutOptions()
      put.contentType = type
      let options = put
      try await expectError(.invalidMetadata, from: "a put with content type '\(type)'") {
        try await s.store.put("key", Bytes(utf8: "x"), options)
      }
    }
    try expectEqual(try await s.keys(), [], "objects")
    guard s.store.capabilities.keepsMetadata else { return }
    var longest = PutOptions()
    longest.metadata = ["a": String(repeating: "y", count: 1999)]
    longest.contentType = String(repeating: "x", count: 255)
    try await s.store.put("longest", Bytes(utf8: "x"), longest)
    let head = try await s.store.head("longest", GetOptions())
    try expect(head.metadata == longest.metadata && head.contentType == longest.contentType, "the longest metadata")
  }
}

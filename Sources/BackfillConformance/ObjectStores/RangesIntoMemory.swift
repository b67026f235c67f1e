internal import ByteBuffers
internal import ObjectStores

extension ObjectStoreConformance {
  static let rangesIntoMemory = [
    Scenario(76, "a range is read into memory of the caller's, at its place and nowhere else", rangeIntoPlace),
    Scenario(77, "a read into memory refuses what other reads refuse", refusedRangeIntoMemory),
    Scenario(78, "after a read into memory nothing is written there, also when it was cancelled", cancelledIntoMemory),
    Scenario(79, "a cancelled task reads nothing", cancelledReads),
  ]

  static func rangeIntoPlace(_ s: StoreUnderTest) async throws {
    let size = s.options.largeObject
    let content = pattern(size)
    try await s.store.put("key", content, PutOptions(durability: .deferred))
    let cases: [(Range<Int>, offset: Int)] = [
      (0..<size, 0), (0..<size, 100), (0..<1, 7), (size - 1..<size, 0), (100_001..<300_002, 4099), (5..<5, 3),
      (0..<0, 0), (size..<size, 1),
    ]
    for (range, offset) in cases {
      let block = filled(0xa5, offset + range.count + 33)
      let wide = UInt64(range.lowerBound)..<UInt64(range.upperBound)
      try await s.store.getRange("key", wide, into: block, at: offset, GetOptions())
      let found = Bytes(block, count: offset + range.count + 33)
      let end = offset + range.count
      try expect(same(found[offset..<end], content[range]), "the range \(range) at \(offset) differs")
      try expect(same(found[0..<offset], uniform(0xa5, offset)), "bytes before the range \(range) were written")
      try expect(same(found[end..<end + 33], uniform(0xa5, 33)), "bytes behind the range \(range) were written")
    }
    let source = try await ObjectSource("key", in: s.store)
    let block = AlignedBuffer(capacity: 70_000)
    try await source.read(1000..<60_000, into: block, at: 10_000)
    try expect(same(Bytes(block, offset: 10_000, count: 59_000), content[1000..<60_000]), "a source reads other bytes")
  }

  static func refusedRangeIntoMemory(_ s: StoreUnderTest) async throws {
    let old = try await s.put("key", "old content").etag
    let stale = ObjectSource(try await s.store.head("key", GetOptions()), in: s.store)
    let new = try await s.put("key", "new content").etag
    let block = filled(0xa5, 64)
    func read(_ key: ObjectKey, _ range: Range<UInt64>, _ options: GetOptions = GetOptions()) async throws {
      try await s.store.getRange(key, range, into: block, at: 8, options)
    }
    for range in [10..<12, 11..<12, 12..<12, UInt64.max - 1..<UInt64.max, 0..<UInt64.max] as [Range<UInt64>] {
      try await expectError(.invalidRange, from: "the range \(range) of 11 bytes") { try await read("key", range) }
    }
    for range in [0..<3, 2..<2] as [Range<UInt64>] {
      try await expectError(.preconditionFailed, from: "the range \(range) of another version") {
        try await read("key", range, GetOptions(ifMatch: old))
      }
      try await expectError(.notModified, from: "the range \(range) unless it is this version") {
        try await read("key", range, GetOptions(ifNoneMatch: new))
      }
      try await expectError(.notFound, from: "the range \(range) of a missing object") {
        try await read("missing", range)
      }
    }
    try await expectError(.invalidKey, from: "a range of the empty key") { try await read("", 0..<1) }
    try await expectError(.preconditionFailed, from: "a source of a version that was replaced") {
      try await stale.read(0..<3, into: block, at: 8)
    }
    let found = Bytes(block, count: 64)
    try expectEqual(found[0..<8], uniform(0xa5, 8), "bytes before the place of refused ranges")
    try expectEqual(found[19..<64], uniform(0xa5, 45), "bytes behind the place of refused ranges")
    try await read("key", 0..<3, GetOptions(ifMatch: new))
    try expectEqual(Bytes(block, count: 64)[8..<11], Bytes(utf8: "new"), "bytes of the version asked for")
  }

  static func cancelledIntoMemory(_ s: StoreUnderTest) async throws {
    let size = s.options.largeObject
    try await s.store.put("key", uniform(1, size), PutOptions(durability: .deferred))
    for round in 0..<s.options.raceRounds {
      let block = filled(0, size)
      let read = Task {
        try await s.store.getRange("key", 0..<UInt64(size), into: block, at: 0, GetOptions())
      }
      // From before the first byte on, in steps that are a part of what the read takes.
      try await Task.sleep(for: .microseconds(150 * round))
      read.cancel()
      let result = await read.result
      // From the end, to be ahead of a thread that still reads.
      for start in stride(from: (size - 1) & ~0xffff, through: 0, by: -(1 << 16)) {
        (block.base + start).initializeMemory(as: UInt8.self, repeating: 2, count: min(1 << 16, size - start))
      }
      if case .failure(let error) = result {
        let code = (error as? ObjectStoreError)?.code
        try expectEqual(code, .cancelled, "code of a cancelled read in round \(round)")
      }
      try await Task.sleep(for: .milliseconds(5))
      try expect(
        same(Bytes(block, count: size), uniform(2, size)),
        "bytes were written after the read of round \(round)"
      )
    }
  }

  static func cancelledReads(_ s: StoreUnderTest) async throws {
    try await s.put("key", "content")
    let reads: [(String, @Sendable () async throws -> Void)] = [
      ("head", { _ = try await s.store.head("key", GetOptions()) }),
      ("get", { _ = try await s.store.get("key", GetOptions()) }),
      ("getRanges", { _ = try await s.store.getRanges("key", [0..<3], GetOptions()) }),
      (
        "getRange",
        { try await s.store.getRange("key", 0..<3, into: AlignedBuffer(capacity: 3), at: 0, GetOptions()) }
      ),
    ]
    for (name, read) in reads {
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        try await read()
      }
      try await expectError(.cancelled, from: "\(name) by a cancelled task") { try await task.value }
    }
  }

  /// A block of the same byte over and over.
  private static func filled(_ byte: UInt8, _ count: Int) -> AlignedBuffer {
    let block = AlignedBuffer(capacity: count)
    block.base.initializeMemory(as: UInt8.self, repeating: byte, count: count)
    return block
  }
}

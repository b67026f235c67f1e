internal import ByteBuffers
internal import ObjectStores

extension ObjectStoreConformance {
  static let ranges = [
    Scenario(6, "ranges are bounded, from an offset or from the end, and cut to the object", rangeForms),
    Scenario(7, "a suffix longer than the object is the object", longSuffix),
    Scenario(8, "several ranges come back in the order asked for", severalRanges),
    Scenario(9, "ranges of an object that is replaced are never a mixture", rangesDuringOverwrite),
  ]

  static func rangeForms(_ s: StoreUnderTest) async throws {
    try await s.put("key", "0123456789")
    let cases: [(ByteRange, String)] = [
      (.bounded(2..<5), "234"), (.bounded(0..<1), "0"), (.bounded(8..<100), "89"), (.from(7), "789"),
      (.from(0), "0123456789"), (.suffix(3), "789"), (.bounded(0..<10), "0123456789"),
    ]
    for (range, expected) in cases {
      try expectEqual(try await s.text("key", GetOptions(range: range)), expected, "content of \(range)")
      let result = try await s.store.get("key", GetOptions(range: range))
      try expectEqual(result.metadata.size, 10, "size of the whole object with \(range)")
      try expectEqual(result.range.count, expected.utf8.count, "bytes of \(range)")
    }
    for range in [ByteRange.bounded(10..<12), .bounded(3..<3), .from(10), .from(.max), .suffix(0)] {
      try await expectError(.invalidRange, from: "the range \(range) of 10 bytes") {
        _ = try await s.store.get("key", GetOptions(range: range))
      }
    }
  }

  static func longSuffix(_ s: StoreUnderTest) async throws {
    try await s.put("key", "abc")
    try expectEqual(try await s.text("key", GetOptions(range: .suffix(4))), "abc", "suffix of 4")
    try expectEqual(try await s.text("key", GetOptions(range: .suffix(.max))), "abc", "longest suffix")
  }

  static func severalRanges(_ s: StoreUnderTest) async throws {
    let size = 3 << 20
    let content = pattern(size)
    try await s.store.put("key", content, PutOptions(durability: .deferred))
    let wanted: [Range<Int>] = [
      size - 7..<size, 0..<5, 2..<9, 4..<4, 100_000..<300_000, 0..<5, 250_000..<260_000, 1_500_000..<2_700_000,
      0..<size,
    ]
    let runs = try await s.store.getRanges(
      "key",
      wanted.map { UInt64($0.lowerBound)..<UInt64($0.upperBound) },
      GetOptions()
    )
    try expectEqual(runs.count, wanted.count, "number of runs")
    for (range, run) in zip(wanted, runs) { try expect(same(run, content[range]), "the range \(range) differs") }
    try expectEqual(try await s.store.getRanges("key", [], GetOptions()).count, 0, "runs of no ranges")
    let end = UInt64(size)
    for range in [end - 1..<end + 1, end..<end + 1, UInt64.max - 1..<UInt64.max] {
      try await expectError(.invalidRange, from: "the range \(range) of \(size) bytes") {
        _ = try await s.store.getRanges("key", [0..<1, range], GetOptions())
      }
    }
  }

  static func rangesDuringOverwrite(_ s: StoreUnderTest) async throws {
    let size = 4 << 20
    try await s.store.put("key", uniform(0, size), PutOptions(durability: .deferred))
    let stale = try await s.store.head("key", GetOptions())
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for round in 1...40 {
          try await s.store.put("key", uniform(UInt8(round), size), PutOptions(durability: .deferred))
        }
      }
      for _ in 0..<20 {
        let options = GetOptions(ifMatch: try await s.store.head("key", GetOptions()).etag)
        do {
          let ranges: [Range<UInt64>] = [0..<1000, 2_000_000..<2_500_000, 4_000_000..<4_100_000]
          let runs = try await s.store.getRanges("key", ranges, options)
          let first = runs[0].array[0]
          let isOne = runs.allSatisfy { same($0, uniform(first, $0.count)) }
          try expect(isOne, "an answer is a mixture of versions")
        } catch let error as ObjectStoreError where error.code == .preconditionFailed {
          // Replaced between the two calls, and noticed.
        }
      }
      try await group.waitForAll()
    }
    try await expectError(.preconditionFailed, from: "ranges of a version that was replaced") {
      _ = try await s.store.getRanges("key", [0..<1], GetOptions(ifMatch: stale.etag))
    }
    let source = ObjectSource(stale, in: s.store)
    try await expectError(.preconditionFailed, from: "a source of a version that was replaced") {
      _ = try await source.read(0..<1)
    }
  }
}

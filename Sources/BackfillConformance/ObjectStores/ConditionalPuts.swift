internal import ByteBuffers
internal import ObjectStores

extension ObjectStoreConformance {
  static let conditionalPuts = [
    Scenario(26, "a create-only put keeps what is there", createOnly),
    Scenario(27, "sixteen create-only puts have one winner", createRace),
    Scenario(28, "an update needs the current entity tag", update),
    Scenario(29, "sixteen updates of one version have one winner", updateRace),
    Scenario(72, "counting up by updates loses no step", updateCounter),
  ]

  static func createOnly(_ s: StoreUnderTest) async throws {
    let first = try await s.put("key", "first", .create)
    try await expectError(.alreadyExists, from: "the second create") { try await s.put("key", "second", .create) }
    try await expectError(.alreadyExists, from: "a streamed create") {
      let writer = try await s.store.putStream("key", PutStreamOptions(.create, durability: .deferred))
      try await writer.write(Bytes(utf8: "third"))
      _ = try await writer.finish()
    }
    try expectEqual(try await s.text("key"), "first", "content")
    try expectEqual(try await s.store.head("key", GetOptions()).etag, first.etag, "entity tag")
    try await s.store.delete("key")
    try await s.put("key", "fourth", .create)
    try expectEqual(try await s.text("key"), "fourth", "content after deleting and creating")
    try expectEqual(try await s.keys(), ["key"], "listing")
  }

  static func createRace(_ s: StoreUnderTest) async throws {
    for round in 0..<s.options.raceRounds {
      let key = ObjectKey("race/\(round)")
      try await race(s, key, .create, loser: .alreadyExists)
    }
    try expectEqual(try await s.keys().count, s.options.raceRounds, "objects after the races")
  }

  static func update(_ s: StoreUnderTest) async throws {
    try await expectError(.preconditionFailed, from: "an update of a missing object") {
      try await s.put("key", "x", .update(ifMatch: "\"1\""))
    }
    try expectEqual(try await s.keys(), [], "listing after the failed update")
    let first = try await s.put("key", "first").etag
    let second = try await s.put("key", "second", .update(ifMatch: first)).etag
    try expect(first != second, "the update kept the entity tag")
    for stale in [first, "\"nonsense\"", ""] {
      try await expectError(.preconditionFailed, from: "an update of the stale version \(stale)") {
        try await s.put("key", "third", .update(ifMatch: stale))
      }
    }
    try expectEqual(try await s.text("key"), "second", "content")
    let writer = try await s.store.putStream("key", PutStreamOptions(.update(ifMatch: second), durability: .deferred))
    try await writer.write(Bytes(utf8: "streamed"))
    _ = try await writer.finish()
    try expectEqual(try await s.text("key"), "streamed", "content after a streamed update")
    try await s.store.delete("key")
    try await expectError(.preconditionFailed, from: "an update of a deleted object") {
      try await s.put("key", "x", .update(ifMatch: second))
    }
  }

  static func updateRace(_ s: StoreUnderTest) async throws {
    for _ in 0..<s.options.raceRounds {
      let tag = try await s.put("race", "before").etag
      try await race(s, "race", .update(ifMatch: tag), loser: .preconditionFailed)
    }
  }

  /// Lets sixteen tasks put; one has to win, and the object has to be the winner's.
  private static func race(
    _ s: StoreUnderTest,
    _ key: ObjectKey,
    _ mode: PutMode,
    loser: ObjectStoreError.Code
  ) async throws {
    let winners = try await withThrowingTaskGroup(of: String?.self) { group in
      for racer in 10..<26 {
        group.addTask {
          do {
            try await s.put(key, "racer \(racer)", mode)
            return "racer \(racer)"
          } catch let error as ObjectStoreError where error.code == loser {
            return nil
          }
        }
      }
      return try await group.reduce(into: [String]()) { if let winner = $1 { $0.append(winner) } }
    }
    try expectEqual(winners.count, 1, "winners of the race for \(key)")
    try expectEqual(try await s.text(key), winners[0], "content after the race for \(key)")
  }

  static func updateCounter(_ s: StoreUnderTest) async throws {
    let steps = s.options.raceRounds
    try await s.put("counter", "0")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<steps { try await countUp(s) }
        }
      }
      try await group.waitForAll()
    }
    try expectEqual(try await s.text("counter"), String(4 * steps), "the counter")
  }

  private static func countUp(_ s: StoreUnderTest) async throws {
    for _ in 0..<10_000 {
      let (metadata, bytes) = try await s.store.read("counter")
      let count = Int(String(decoding: bytes.array, as: UTF8.self)) ?? -1
      do {
        try await s.put("counter", String(count + 1), .update(ifMatch: metadata.etag))
        return
      } catch let error as ObjectStoreError where error.code == .preconditionFailed {
        await Task.yield()
      }
    }
    throw ConformanceFailure("an update never succeeded")
  }
}

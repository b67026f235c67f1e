import ByteBuffers
import Foundation
import ObjectStores
import Testing

@Suite("Writing to a local store")
struct LocalWritingTests {
  let folder: TemporaryFolder
  let store: LocalStore

  init() throws {
    folder = try TemporaryFolder()
    store = try LocalStore(root: folder.path)
  }

  /// A store on a file system that has no files without names.
  private func namingStore() throws -> LocalStore {
    var options = LocalStoreOptions()
    options.usesNamelessFiles = false
    return try LocalStore(root: folder.path, options: options)
  }

  @Test("shows nothing of an object that is being written, not even a hidden file")
  func namelessFiles() async throws {
    let writer = try await store.putStream("d/x", PutStreamOptions(.create))
    try await writer.write(Bytes(utf8: "half"))
    #expect(folder.entries.allSatisfy { $0 == "d" })
    #expect(folder.temporaries.isEmpty)
    _ = try await writer.finish()
    try await store.put("d/x", "another")
    #expect(folder.temporaries.isEmpty)
    #expect(try await store.text("d/x") == "another")
  }

  @Test("without nameless files create-only puts have one winner and leave nothing")
  func namedFiles() async throws {
    let store = try namingStore()
    try await store.put("d/x", "first", .create)
    #expect(try await failure { try await store.put("d/x", "second", .create) }.code == .alreadyExists)
    try await store.put("d/x", "third")
    #expect(try await store.text("d/x") == "third")
    #expect(folder.temporaries.isEmpty)
  }

  @Test("puts, flushes and syncs durably through new folders")
  func durability() async throws {
    try await store.put("new/deep/er/a", Bytes(utf8: "immediate"), PutOptions(durability: .immediate))
    try await store.put("late/deep/b", "deferred")
    try await store.put("late/deep/c", Bytes(utf8: "immediate"), PutOptions(.create, durability: .immediate))
    try await store.flush(["late/deep/b", "new/deep/er/a", "late/deep/b"])
    #expect(try await store.keys() == ["late/deep/b", "late/deep/c", "new/deep/er/a"])
    let error = try await failure { try await store.flush(["late/deep/b", "missing"]) }
    #expect(error.code == .notFound && error.key == "missing")
  }

  @Test("61: hides what a crashed writer left, and removes it when told to")
  func staleTemporaries() async throws {
    let store = try namingStore()
    try folder.write("d/.0123.backfill-tmp", "half an object")
    try folder.write("d/x", "whole")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -7200)],
      ofItemAtPath: "\(folder.path)/d/.0123.backfill-tmp"
    )
    try folder.write(".4567.backfill-tmp", "recent")
    #expect(try await store.keys() == ["d/x"])
    #expect(try await store.keys("d/.") == [])
    #expect(try await failure { _ = try await store.text("d/.0123.backfill-tmp") }.code == .invalidKey)
    let writer = try await store.putStream("d/y", PutStreamOptions())
    #expect(try await store.removeStaleTemporaries() == 1)
    #expect(folder.temporaries.count == 2)
    #expect(try await store.removeStaleTemporaries(olderThan: .zero) == 1)
    #expect(folder.temporaries.count == 1, "the file of the living writer stays")
    _ = try await writer.finish()
    #expect(try await store.keys() == ["d/x", "d/y"])
    #expect(try await store.text("d/x") == "whole")
  }

  @Test("leaves no hidden file when a writer fails, is aborted or dropped")
  func noTemporariesLeft() async throws {
    let store = try namingStore()
    try await store.put("taken", "x")
    _ = try await failure { try await store.put("taken", "y", .create) }
    _ = try await failure { try await store.put("taken", "y", .update(ifMatch: "\"0\"")) }
    let losing = try await store.putStream("taken", PutStreamOptions(.create))
    _ = try await failure { _ = try await losing.finish() }
    let aborted = try await store.putStream("other", PutStreamOptions())
    #expect(folder.temporaries.count == 1)
    await aborted.abort()
    #expect(folder.temporaries.isEmpty)
    _ = try await store.putStream("other", PutStreamOptions())
    try await eventually { folder.temporaries.isEmpty }
    #expect(folder.entries == ["taken"])
  }

  @Test("62: a create-only put and other processes that create have one winner")
  func createRaceOfProcesses() async throws {
    for round in 0..<6 {
      let path = "\(folder.path)/race-\(round)"
      let winners = try await withThrowingTaskGroup(of: String?.self) { group in
        for racer in 0..<3 {
          group.addTask {
            // With -C the shell creates the file or fails, as O_EXCL does.
            let script = "set -C; { printf shell-\(racer) > '\(path)'; } 2>/dev/null"
            return try await run("sh", "-c", script).status == 0 ? "shell-\(racer)" : nil
          }
          group.addTask {
            do {
              try await store.put(ObjectKey("race-\(round)"), "store-\(racer)", .create)
              return "store-\(racer)"
            } catch let error as ObjectStoreError where error.code == .alreadyExists {
              return nil
            }
          }
        }
        return try await group.reduce(into: [String]()) { if let winner = $1 { $0.append(winner) } }
      }
      #expect(winners.count == 1)
      #expect(try folder.text("race-\(round)") == winners.first)
    }
  }

  @Test("stores of one folder, as processes have them, count up without losing a step")
  func updatesOfTwoStores() async throws {
    let stores = [store, try LocalStore(root: folder.path)]
    try await store.put("counter", "0")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<6 {
        group.addTask {
          let store = stores[lane % 2]
          for _ in 0..<20 {
            while true {
              let (metadata, bytes) = try await store.read("counter")
              let next = (Int(String(decoding: bytes.array, as: UTF8.self)) ?? -1000) + 1
              do {
                try await store.put("counter", String(next), .update(ifMatch: metadata.etag))
                break
              } catch let error as ObjectStoreError where error.code == .preconditionFailed {
                continue
              }
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await store.text("counter") == "120")
  }

  @Test("a create-only put keeps what another program creates at the same moment")
  func createRaceOfPrograms() async throws {
    // Another program, as the kernel sees it: it knows nothing of the store's locks.
    for round in 0..<1000 {
      let path = "\(folder.path)/\(round)"
      async let foreign = created(path, afterMicroseconds: UInt32(round % 200))
      var isOurs = true
      do {
        try await store.put(ObjectKey("\(round)"), "store", .create)
      } catch let error as ObjectStoreError where error.code == .alreadyExists {
        isOurs = false
      }
      #expect(await foreign != isOurs, "round \(round)")
      #expect(try await store.text(ObjectKey("\(round)")) == (isOurs ? "store" : ""))
    }
  }

  private func created(_ path: String, afterMicroseconds pause: UInt32) async -> Bool {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        let end = ContinuousClock.now + .microseconds(Int(pause))
        while ContinuousClock.now < end {}
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o644)
        if file >= 0 { close(file) }
        continuation.resume(returning: file >= 0)
      }
    }
  }

  @Test("a change waits for another process's lock of the folder, but not for ever")
  func lockOfAnotherProcess() async throws {
    var options = LocalStoreOptions()
    options.lockTimeout = 50
    let impatient = try LocalStore(root: folder.path, options: options)
    let tag = try await store.put("x", "before").etag
    let signs = try TemporaryFolder()
    let script = "echo > '\(signs.path)/held'; while [ ! -e '\(signs.path)/release' ]; do sleep 0.02; done"
    async let holder = run("flock", folder.path, "sh", "-c", script)
    // Also when a check fails: the holder is waited for.
    defer { try? signs.write("release", "") }
    try await eventually { signs.entries.contains("held") }
    let error = try await failure { try await impatient.put("x", "after", .update(ifMatch: tag)) }
    #expect(error.code == .timeout && error.isRetryable)
    async let patient = store.put("x", "after", .update(ifMatch: tag))
    try signs.write("release", "")
    _ = try await patient
    #expect(try await holder.status == 0)
    #expect(try await store.text("x") == "after")
    #expect(folder.temporaries.isEmpty)
  }

  @Test("versions that follow fast upon one another have tags of their own")
  func entityTags() async throws {
    var tags: Set<String> = []
    for _ in 0..<500 { tags.insert(try await store.put("key", "same length").etag) }
    #expect(tags.count == 500)
    let tag = try await store.put("key", "same length").etag
    #expect(tag.wholeMatch(of: /"[0-9a-f]+-[0-9a-f]+-b"/) != nil, "\(tag)")
  }

  @Test(
    "a full disk is out of space, and leaves no hidden file",
    .enabled("needs root, to mount") { try await Mount.isPossible() }
  )
  func fullDisk() async throws {
    try await Mount.with("size=1m") { path, _ in
      let store = try LocalStore(root: path)
      try await store.put("small", "fits")
      let large = Bytes([UInt8](repeating: 1, count: 2 << 20))
      let error = try await failure { try await store.put("large", large, PutOptions()) }
      #expect(error.code == .outOfSpace && error.message.contains("make room"))
      let writer = try await store.putStream("large", PutStreamOptions())
      #expect(try await failure { for _ in 0..<4 { try await writer.write(large) } }.code == .outOfSpace)
      #expect(try await failure { _ = try await writer.finish() }.code == .unsupported)
      #expect(
        try await failure {
          try await store.copy("small", to: "d/c", .create); try await store.put("large", large, PutOptions(.create))
        }.code == .outOfSpace
      )
      #expect(FileManager.default.enumerator(atPath: path)?.allObjects.count == 3)
      #expect(try await store.keys() == ["d/c", "small"])
    }
  }

  @Test("a read-only disk is permission denied", .enabled("needs root, to mount") { try await Mount.isPossible() })
  func readOnlyDisk() async throws {
    try await Mount.with("size=1m") { path, remount in
      let store = try LocalStore(root: path)
      try await store.put("x", "content")
      try await remount("ro")
      #expect(try await failure { try await store.put("y", "x") }.code == .permissionDenied)
      #expect(try await failure { try await store.put("d/y", "x") }.code == .permissionDenied)
      let error = try await failure { try await store.delete("x") }
      #expect(error.code == .permissionDenied && error.key == "x" && !error.isRetryable)
      #expect(try await store.text("x") == "content")
    }
  }

  @Test("a folder without permission is permission denied", .enabled(if: geteuid() != 0, "root may do everything"))
  func deniedFolder() async throws {
    try folder.write("closed/x", "x")
    let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0]
    try FileManager.default.setAttributes(attributes, ofItemAtPath: "\(folder.path)/closed")
    #expect(try await failure { _ = try await store.text("closed/x") }.code == .permissionDenied)
    #expect(try await failure { try await store.put("closed/x", "y") }.code == .permissionDenied)
    #expect(try await failure { _ = try await store.keys() }.code == .permissionDenied)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: "\(folder.path)/closed")
  }
}

/// A small file system of a test's own.
enum Mount {
  static func isPossible() async throws -> Bool {
    guard geteuid() == 0 else { return false }
    let folder = try TemporaryFolder()
    guard try await run("mount", "-t", "tmpfs", "tmpfs", folder.path).status == 0 else { return false }
    return try await run("umount", folder.path).status == 0
  }

  static func with(
    _ options: String,
    _ body: (_ path: String, _ remount: (String) async throws -> Void) async throws -> Void
  ) async throws {
    let folder = try TemporaryFolder()
    try #require(try await run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder.path).status == 0)
    do {
      try await body(folder.path) { options in
        try #require(try await run("mount", "-o", "remount,\(options)", folder.path).status == 0)
      }
    } catch {
      _ = try await run("umount", "-l", folder.path)
      throw error
    }
    _ = try await run("umount", "-l", folder.path)
  }
}

import ByteBuffers
import Foundation
import Testing

@testable import ObjectStores

@Suite("Reads on the calling thread")
struct CachedReadsTests {
  let folder: TemporaryFolder
  let store: LocalStore

  init() throws {
    folder = try TemporaryFolder()
    store = try LocalStore(root: folder.path)
  }

  /// Whether the system can do it where the tests write.
  private static func isPossible() async throws -> Bool {
    let tests = try CachedReadsTests()
    try tests.folder.write("key", "content")
    guard case .found(let file, _) = tests.store.tree.cached.open("key") else { return false }
    let block = AlignedBuffer(capacity: 7)
    return tests.store.tree.cached.read(file, into: UnsafeMutableRawBufferPointer(start: block.base, count: 7), at: 0)
      == 7
  }

  /// A store that hops for every read.
  private func hoppingStore() throws -> LocalStore {
    var options = LocalStoreOptions()
    options.usesCachedReads = false
    return try LocalStore(root: folder.path, options: options)
  }

  /// What the read calls answer about a key, as text.
  private func answers(_ key: ObjectKey, _ options: GetOptions, _ store: LocalStore) async -> [String] {
    func answer(_ call: () async throws -> Any) async -> String {
      do {
        return "\(try await call())"
      } catch {
        return "\(error), \((error as? ObjectStoreError).map { "\($0.underlying as Any)" } ?? "another error")"
      }
    }
    let block = AlignedBuffer(capacity: 16)
    return [
      await answer { try await store.head(key, options) },
      await answer {
        let result = try await store.get(key, options)
        var content: [UInt8] = []
        for try await run in result.body { content += run.array }
        return (result.metadata, result.range, content)
      },
      await answer { try await store.getRanges(key, [0..<2, 1..<3], options).map(\.array) },
      await answer { try await store.getRanges(key, [1..<3], options).map(\.array) },
      await answer { try await store.getRanges(key, [0..<100], options).map(\.array) },
      await answer { try await store.getRanges(key, [], options).count },
      await answer {
        try await store.getRange(key, 1..<3, into: block, at: 5, options)
        return Bytes(block, offset: 5, count: 2).array
      },
      await answer { try await store.getRange(key, 1..<100, into: block, at: 5, options) },
    ]
  }

  @Test("answer what reads on other threads do, errors included")
  func sameAnswers() async throws {
    try folder.write("file", "content")
    try folder.write("a/b/file", "inner content")
    try folder.write("empty", "")
    for (link, target) in [("link", "file"), ("links", "a"), ("a/up", ".."), ("nowhere", "missing"), ("loop", "loop")] {
      try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/\(link)", withDestinationPath: target)
    }
    #expect(try await run("mkfifo", "\(folder.path)/pipe").status == 0)
    let hopping = try hoppingStore()
    let etag = try await store.head("file", GetOptions()).etag
    #expect(etag == (try await hopping.head("file", GetOptions()).etag))
    let keys: [ObjectKey] = [
      "file", "a/b/file", "empty", "a", "a/b", "missing", "a/missing", "missing/x", "file/x", "link", "links/b/file",
      "a/up/file", "nowhere", "loop", "loop/x", "pipe", "", "/file", "file/", "a//b", "../x", "a/../file", "./file",
      "nul\0", "x.backfill-tmp", ObjectKey(String(repeating: "n", count: 255)),
      ObjectKey(String(repeating: "n", count: 256)), ObjectKey(String(repeating: "n/", count: 511) + "nn"),
      ObjectKey(String(repeating: "n/", count: 512) + "n"),
    ]
    var version = GetOptions()
    version.version = "1"
    let options = [
      GetOptions(), GetOptions(ifMatch: etag), GetOptions(ifNoneMatch: etag), GetOptions(ifNoneMatch: "*"),
      GetOptions(range: .suffix(3)), GetOptions(range: .bounded(3..<3)), version,
    ]
    for key in keys {
      for options in options {
        let (here, there) = (await answers(key, options, store), await answers(key, options, hopping))
        #expect(here == there, "\(key) with \(options)")
      }
    }
    #expect(await answers("file", GetOptions(), store)[3] == "[[111, 110]]")
  }

  @Test(
    "need no other thread when the file is in memory",
    .enabled("the kernel and the file system can") { try await isPossible() },
    .timeLimit(.minutes(10))
  )
  func noHop() async throws {
    var options = LocalStoreOptions()
    options.threads = 1
    let store = try LocalStore(root: folder.path, options: options)
    let content = [UInt8](repeating: 7, count: 9 << 20)
    try await store.put("a/key", Bytes(content), PutOptions(durability: .deferred))
    // That a name is missing is in memory too, once it was looked up.
    #expect(try await store.headIfPresent("a/missing") == nil)
    // The one thread is busy until the reads are done.
    let done = DispatchSemaphore(value: 0)
    store.threads.post { done.wait() }
    defer { done.signal() }
    let size = UInt64(content.count)
    #expect(try await store.head("a/key", GetOptions()).size == size)
    #expect(try await store.text("a/key").utf8.count == content.count)
    #expect(try await store.getRanges("a/key", [0..<size, 1..<5], GetOptions()).map(\.count) == [content.count, 4])
    let block = AlignedBuffer(capacity: content.count)
    try await store.getRange("a/key", 0..<size, into: block, at: 0, GetOptions())
    #expect(Bytes(block, count: content.count).array == content)
    #expect(try await store.headIfPresent("a/missing") == nil)
    #expect(try await store.headIfPresent("a/missing/x") == nil)
  }

  @Test("go on with another thread where the file is not in memory")
  func halfCached() async throws {
    let size = 12 << 20
    let content = Bytes((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) })
    try await store.put("key", content, PutOptions(durability: .immediate))
    // Nothing in memory, then the start, then all but a piece in the middle.
    let forgotten: [(Int, Int)] = [(0, 0), (5 << 20, 0), (6 << 20, 1 << 20)]
    for (start, length) in forgotten {
      func forget() throws {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "\(folder.path)/key"))
        posix_fadvise(file.fileDescriptor, off_t(start), off_t(length), POSIX_FADV_DONTNEED)
      }
      try forget()
      let block = AlignedBuffer(capacity: size + 3)
      try await store.getRange("key", 0..<UInt64(size), into: block, at: 3, GetOptions())
      #expect(Bytes(block, offset: 3, count: size) == content)
      try forget()
      let wanted = [0..<100, size / 2..<size, size / 2 - 100..<size / 2 + 100, 3..<7_000_000]
      let wide = wanted.map { UInt64($0.lowerBound)..<UInt64($0.upperBound) }
      #expect(try await store.getRanges("key", wide, GetOptions()) == wanted.map { content[$0] })
      try forget()
      #expect(try await store.read("key").1 == content)
    }
  }

  @Test("are given up on file systems that know no such reads", .enabled(if: access("/dev/shm", W_OK) == 0))
  func memoryFileSystem() async throws {
    let root = "/dev/shm/stores-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let store = try LocalStore(root: root)
    for round in 0..<3 {
      let key = ObjectKey("a/\(round)")
      try await store.put(key, "content \(round)")
      #expect(try await store.text(key) == "content \(round)")
      let runs = try await store.getRanges(key, [0..<3, 7..<9], GetOptions())
      #expect(runs.map(\.array) == [Array("con".utf8), Array(" \(round)".utf8)])
    }
  }

  @Test("are not tried where opening a file asks another process")
  func otherFileSystems() throws {
    let tree = try LocalTree(rootPath: "/proc", create: false)
    guard case .unknown = tree.cached.open("version") else {
      Issue.record("a file of /proc was opened")
      return
    }
  }

  @Test("notice that a file was cut")
  func cutFile() async throws {
    try await store.put("key", Bytes([UInt8](repeating: 1, count: 9 << 20)), PutOptions(durability: .deferred))
    let result = try await store.get("key", GetOptions())
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder.path)/key"))
    try file.truncate(atOffset: 500_000)
    let error = try await failure { for try await _ in result.body {} }
    #expect(error.code == .integrity && error.key == "key")
    #expect(error.message.contains("was cut to 500000 bytes"))
  }
}

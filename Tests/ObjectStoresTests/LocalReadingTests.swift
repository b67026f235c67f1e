import ByteBuffers
import Foundation
import Testing

@testable import ObjectStores

@Suite("Reading from a local store")
struct LocalReadingTests {
  let folder: TemporaryFolder
  let store: LocalStore

  init() throws {
    folder = try TemporaryFolder()
    store = try LocalStore(root: folder.path)
  }

  @Test("a body goes on with its version when the object is replaced or deleted")
  func openedVersion() async throws {
    let old = Bytes([UInt8](repeating: 1, count: 3 << 20))
    try await store.put("key", old, PutOptions(durability: .deferred))
    let result = try await store.get("key", GetOptions())
    var iterator = result.body.makeAsyncIterator()
    var content = try await iterator.next()?.array ?? []
    try await store.put("key", Bytes([UInt8](repeating: 2, count: 3 << 20)), PutOptions(durability: .deferred))
    while let run = try await iterator.next() {
      content += run.array
      try await store.delete("key")
    }
    #expect(content == old.array)
  }

  @Test("a file that is cut while it is read is an integrity error")
  func cutFile() async throws {
    try await store.put("key", Bytes([UInt8](repeating: 1, count: 3 << 20)), PutOptions(durability: .deferred))
    let result = try await store.get("key", GetOptions())
    try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder.path)/key")).truncate(atOffset: 10)
    let error = try await failure { for try await _ in result.body {} }
    #expect(error.code == .integrity && error.key == "key")
  }

  @Test("bodies, writers, listings and stores that were dropped hold no file open")
  func nothingLeaks() async throws {
    let path = "\(folder.path)/inner"
    do {
      let store = try LocalStore(root: path)
      try await store.put("key", "content")
      try await store.put("key 2", "content")
      for _ in 0..<50 {
        _ = try await store.get("key", GetOptions())
        let writer = try await store.putStream("key", PutStreamOptions())
        try await writer.write(Bytes(utf8: "x"))
        _ = try await store.list(ListRequest(pageSize: 1))
      }
      // Only the root stays open.
      try await eventually { try openFiles(below: path) == 1 }
    }
    try await eventually { try openFiles(below: path) == 0 }
  }

  private func openFiles(below path: String) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { name in
      let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
      return target?.hasPrefix(path) == true
    }
  }

  @Test("many more callers than threads are served, and cancelled ones do not wait")
  func moreCallersThanThreads() async throws {
    var options = LocalStoreOptions()
    options.threads = 1
    let store = try LocalStore(root: folder.path, options: options)
    try await store.put("key", "content")
    let tasks = (0..<500).map { number in
      Task {
        if number % 2 == 0 { withUnsafeCurrentTask { $0?.cancel() } }
        return try await store.text("key")
      }
    }
    for (number, task) in tasks.enumerated() {
      switch await task.result {
      case .success(let text): #expect(text == "content" && number % 2 == 1)
      case .failure(let error): #expect((error as? ObjectStoreError)?.code == .cancelled && number % 2 == 0)
      }
    }
  }

  @Test("a put that is cancelled half way leaves nothing")
  func cancelledPut() async throws {
    let large = Bytes([UInt8](repeating: 1, count: 128 << 20))
    let task = Task { try await store.put("large", large, PutOptions(durability: .deferred)) }
    try await eventually { !folder.entries.isEmpty }
    task.cancel()
    let result = await task.result
    #expect(folder.temporaries.isEmpty)
    switch result {
    case .success: #expect(folder.entries == ["large"], "it was done before it was cancelled")
    case .failure(let error):
      #expect((error as? ObjectStoreError)?.code == .cancelled)
      #expect(folder.entries.isEmpty)
    }
  }

  @Test("a listing of twenty thousand keys is complete and in order")
  func largeListing() async throws {
    try makeFiles(20_000)
    var last = ObjectKey("")
    var count = 0
    for try await object in store.objects(prefix: "") {
      #expect(last < object.key)
      last = object.key
      count += 1
    }
    #expect(count == 20_000)
  }

  @Test("a listing holds the names of the folders it stands in, not of the whole tree")
  func namesHeld() async throws {
    try makeFiles(5_000)
    let tree = try LocalTree(rootPath: folder.path, create: false)
    var walk = try LocalWalk(tree, prefix: "", position: .start, Cancellation())
    var most = 0
    while try walk.peek() != nil {
      most = max(most, walk.heldNames)
      _ = try walk.take()
    }
    // 2 folders in the root, then 2,500 files in one folder, or 100 folders and the 25 files of one of them.
    #expect(most == 2 + 2_500)
  }

  /// Makes half of the files in one folder and half in a hundred.
  private func makeFiles(_ count: Int) throws {
    for number in 0..<100 { try folder.write("deep/\(number)/\(number)", "") }
    for number in 0..<count / 2 {
      try folder.write("flat/\(number)", "")
      if number >= 100 { try folder.write("deep/\(number % 100)/\(number)", "") }
    }
  }
}

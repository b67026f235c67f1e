import ByteBuffers
import Foundation
import ObjectStores
import Testing

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

  @Test("bodies and writers that were dropped hold no file open, and a dropped store no thread")
  func nothingLeaks() async throws {
    let path = "\(folder.path)/inner"
    do {
      let store = try LocalStore(root: path)
      try await store.put("key", "content")
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

  @Test("a listing of twenty thousand keys is complete, in order, quick and small")
  func largeListing() async throws {
    let flat = 10_000
    for part in ["flat", "deep"] {
      for number in 0..<flat {
        let key = part == "flat" ? "flat/\(number)" : "deep/\(number % 100)/\(number)"
        if number < 100 || part == "flat" {
          try folder.write(key, "")
        } else {
          try Data().write(to: URL(fileURLWithPath: "\(folder.path)/\(key)"))
        }
      }
    }
    let clock = ContinuousClock()
    let before = try residentBytes()
    var last = ObjectKey("")
    var count = 0
    let time = try await clock.measure {
      for try await object in store.objects(prefix: "") {
        #expect(last < object.key)
        last = object.key
        count += 1
      }
    }
    #expect(count == 2 * flat)
    #expect(time < .seconds(30))
    #expect(try residentBytes() - before < 64 << 20)
  }

  private func residentBytes() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return (Int(fields[1]) ?? 0) * 4096
  }
}

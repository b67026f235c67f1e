import ByteBuffers
import Foundation
import ObjectStores
import Testing

@Suite("A local store and its folder")
struct LocalPathsTests {
  let folder: TemporaryFolder
  let store: LocalStore

  init() throws {
    folder = try TemporaryFolder()
    store = try LocalStore(root: "\(folder.path)/root")
  }

  @Test("keeps objects as plain files")
  func plainFiles() async throws {
    try await store.put("a/b.txt", "content")
    #expect(try folder.text("root/a/b.txt") == "content")
    try folder.write("root/by/hand", "foreign")
    #expect(try await store.text("by/hand") == "foreign")
    #expect(try await store.keys() == ["a/b.txt", "by/hand"])
  }

  @Test("makes a missing root only when asked to")
  func missingRoot() async throws {
    var options = LocalStoreOptions()
    options.createRoot = false
    let error = try await failure { _ = try LocalStore(root: "\(folder.path)/missing", options: options) }
    #expect(error.code == .notFound)
    #expect(error.message.contains("missing"))
    _ = try LocalStore(root: "\(folder.path)/deep/new/root/")
    #expect(folder.entries.contains("deep/new/root"))
    try folder.write("file", "x")
    #expect(try await failure { _ = try LocalStore(root: "\(folder.path)/file") }.code == .notFound)
    #expect(try await failure { _ = try LocalStore(root: "") }.code == .configuration)
  }

  @Test("says so when its root was removed")
  func removedRoot() async throws {
    try FileManager.default.removeItem(atPath: "\(folder.path)/root")
    #expect(try await failure { _ = try await store.keys() }.code == .notFound)
    #expect(try await failure { try await store.put("x", "x") }.code == .notFound)
    #expect(try await failure { try await store.put("a/x", "x") }.code == .notFound)
    #expect(try await failure { _ = try await store.text("x") }.code == .notFound)
    try await store.delete("x")
  }

  @Test(
    "refuses keys that lead outside and touches nothing there",
    arguments: [
      "../victim", "a/../../victim", "/victim", "a/../victim", "./victim", "..", "a//victim", "victim/", "a/./victim",
    ]
  )
  func traversal(_ text: String) async throws {
    try folder.write("victim", "untouched")
    try folder.write("root/a/x", "x")
    let key = ObjectKey(text)
    #expect(try await failure { try await store.put(key, "attack") }.code == .invalidKey)
    #expect(try await failure { _ = try await store.text(key) }.code == .invalidKey)
    #expect(try await failure { try await store.delete(key) }.code == .invalidKey)
    #expect(try await failure { try await store.copy("a/x", to: key, .overwrite) }.code == .invalidKey)
    #expect(try await failure { try await store.flush([key]) }.code == .invalidKey)
    #expect(try folder.text("victim") == "untouched")
    #expect(folder.entries == ["root", "root/a", "root/a/x", "victim"])
  }

  @Test("refuses segments that a file system cannot hold")
  func segments() async throws {
    let longest = String(repeating: "s", count: 255)
    try await store.put(ObjectKey(longest + "/" + longest), "long")
    #expect(try await store.text(ObjectKey(longest + "/" + longest)) == "long")
    let refused = [
      longest + "s", "d/" + longest + "s/x", "nul\0", "x.backfill-tmp", "d.backfill-tmp/x", ".backfill-tmp",
      String(repeating: "k/", count: 512) + "k",
    ]
    for text in refused {
      let error = try await failure { try await store.put(ObjectKey(text), "x") }
      #expect(error.code == .invalidKey)
      #expect(error.key == ObjectKey(text))
    }
  }

  @Test("25: never follows symbolic links")
  func symbolicLinks() async throws {
    try folder.write("outside/secret", "secret")
    try folder.write("root/d/x", "x")
    for (link, target) in [
      ("file", "../outside/secret"), ("folder", "../outside"), ("dangling", "nowhere"), ("loop", "loop"),
      ("inside", "d/x"), ("d/up", ".."),
    ] {
      try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/root/\(link)", withDestinationPath: target)
    }
    #expect(try await store.keys() == ["d/x"])
    for key in ["file", "dangling", "loop", "inside", "folder", "folder/secret", "d/up/d/x"] as [ObjectKey] {
      #expect(try await failure { _ = try await store.text(key) }.code == .notFound, "\(key)")
      #expect(try await failure { _ = try await store.head(key, GetOptions()) }.code == .notFound, "\(key)")
      #expect(try await failure { try await store.put(key, "attack") }.code == .invalidKey, "\(key)")
      #expect(try await failure { try await store.put(key, "attack", .create) }.code == .invalidKey, "\(key)")
      try await store.delete(key)
    }
    #expect(try await store.keys("folder/") == [])
    #expect(try folder.text("outside/secret") == "secret")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder.path)/root/file") == "../outside/secret"
    )
    #expect(folder.temporaries.isEmpty)
  }

  @Test("63: opens pipes, sockets and folders as nothing, without waiting", .timeLimit(.minutes(10)))
  func specialFiles() async throws {
    try await store.put("folder/x", "x")
    #expect(try await run("mkfifo", "\(folder.path)/root/pipe").status == 0)
    let socket = socketDescriptor(at: "\(folder.path)/root/s")
    defer { close(socket) }
    #expect(folder.entries.contains("root/s"))
    #expect(try await store.keys() == ["folder/x"])
    for key in ["pipe", "s", "folder"] as [ObjectKey] {
      #expect(try await failure { _ = try await store.text(key) }.code == .notFound, "\(key)")
      #expect(try await failure { _ = try await store.head(key, GetOptions()) }.code == .notFound, "\(key)")
      #expect(try await failure { try await store.put(key, "x") }.code == .invalidKey, "\(key)")
      #expect(try await failure { try await store.put(key, "x", .create) }.code == .invalidKey, "\(key)")
      try await store.delete(key)
    }
    #expect(folder.entries.filter { !$0.hasSuffix("/x") } == ["root", "root/folder", "root/pipe", "root/s"])
  }

  private func socketDescriptor(at path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix($0.count - 1)) }
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    return descriptor
  }

  @Test("removes empty folders after a deletion only when asked to")
  func emptyFolders() async throws {
    try await store.put("a/b/c", "x")
    try await store.delete("a/b/c")
    #expect(folder.entries == ["root", "root/a", "root/a/b"])
    var options = LocalStoreOptions()
    options.removeEmptyParents = true
    let tidy = try LocalStore(root: "\(folder.path)/root", options: options)
    try await tidy.put("a/b/c", "x")
    try await tidy.put("a/x", "x")
    try await tidy.delete("a/b/c")
    #expect(folder.entries == ["root", "root/a", "root/a/x"])
    try await tidy.delete("a/x")
    #expect(folder.entries == ["root"])
  }

  @Test("puts and tidying deletions in one folder do not disturb one another")
  func putsWhileFoldersVanish() async throws {
    var options = LocalStoreOptions()
    options.removeEmptyParents = true
    let tidy = try LocalStore(root: "\(folder.path)/root", options: options)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<8 {
        group.addTask {
          for round in 0..<50 {
            let key = ObjectKey("deep/er/\(lane)-\(round)")
            try await tidy.put(key, "x")
            try await tidy.delete(key)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(folder.entries == ["root"])
  }
}

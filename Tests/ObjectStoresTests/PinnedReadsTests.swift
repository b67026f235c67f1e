import ByteBuffers
import Foundation
import ObjectStores
import Testing

@Suite("Sources of local files that are held open")
struct PinnedReadsTests {
  let folder: TemporaryFolder
  let store: LocalStore

  init() throws {
    folder = try TemporaryFolder()
    store = try LocalStore(root: folder.path)
  }

  /// What both ways to read answer.
  private func answers(_ source: ObjectSource) async throws -> [[UInt8]] {
    let block = AlignedBuffer(capacity: 3)
    try await source.read(1..<3, into: block, at: 1)
    return [try await source.read(1..<3).array, Bytes(block, offset: 1, count: 2).array]
  }

  private func text(_ answers: [[UInt8]]) -> [String] { answers.map { String(decoding: $0, as: UTF8.self) } }

  @Test("go on with their version when the object is replaced, then deleted")
  func replaced() async throws {
    try folder.write("key", "old")
    let source = try await ObjectSource("key", in: store)
    try await store.put("key", Bytes(utf8: "new"), PutOptions(.overwrite))
    #expect(text(try await answers(source)) == ["ld", "ld"])
    try await store.delete("key")
    #expect(text(try await answers(source)) == ["ld", "ld"])
  }

  @Test("refuse to read on when a program writes into the file")
  func changed() async throws {
    try folder.write("key", "old")
    let source = try await ObjectSource("key", in: store)
    // The clock of modification times is coarse; another length tells as well.
    try folder.write("key", "changed")
    let ranged = try await failure { _ = try await source.read(1..<3) }
    let placed = try await failure { try await source.read(1..<3, into: AlignedBuffer(capacity: 3), at: 0) }
    for error in [ranged, placed] {
      #expect(error.code == .preconditionFailed)
      #expect(error.message.hasSuffix("/key was changed while it was read; read it anew."))
    }
  }

  @Test("are 128 at most; those beyond look the version up, and room comes back")
  func many() async throws {
    try folder.write("key", "old")
    var held: [ObjectSource] = []
    for _ in 0..<128 { held.append(try await ObjectSource("key", in: store)) }
    let beyond = try await ObjectSource("key", in: store)
    #expect(text(try await answers(beyond)) == ["ld", "ld"])
    try await store.put("key", Bytes(utf8: "new"), PutOptions(.overwrite))
    #expect(text(try await answers(held[127])) == ["ld", "ld"])
    #expect(try await failure { _ = try await answers(beyond) }.code == .preconditionFailed)
    held.removeAll()
    let later = try await ObjectSource("key", in: store)
    try await store.delete("key")
    #expect(text(try await answers(later)) == ["ew", "ew"])
  }
}

import ByteBuffers
import Foundation
import Testing

struct ScratchTests {
  private static func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("scratch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    return folder
  }

  @Test func `what was appended is read back from anywhere, and nothing shows in the folder`() async throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let scratch = try TemporaryFileScratch(folder: folder.path)
    #expect(try await scratch.append(Bytes([1, 2, 3])) == 0..<3)
    #expect(try await scratch.append(.empty) == 3..<3)
    #expect(try await scratch.append(Bytes([4, 5])) == 3..<5)
    #expect(try await scratch.read(1..<4).array == [2, 3, 4])
    #expect(try await scratch.read(2..<2).array == [])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    try await scratch.removeAll()
    await #expect(throws: TemporaryFileScratch.Failure.self) { _ = try await scratch.read(0..<1) }
    #expect(try await scratch.append(Bytes([9])) == 0..<1)
    #expect(try await scratch.read(0..<1).array == [9])
  }

  @Test func `a folder that does not exist is named`() {
    let error = #expect(throws: TemporaryFileScratch.Failure.self) {
      _ = try TemporaryFileScratch(folder: "/nowhere/at/all")
    }
    #expect(error?.description.contains("/nowhere/at/all") == true)
  }
}

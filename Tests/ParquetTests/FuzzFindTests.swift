import ByteBuffers
import Foundation
import Parquet
import Testing

/// Inputs that a fuzzer once broke the reader with, kept in `Tests/Corpus`, a folder for each target.
@Suite struct FuzzFindTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Corpus")

  @Test(arguments: FuzzTarget.allCases)
  func `an input that a fuzzer found once does no harm any more`(_ target: FuzzTarget) async throws {
    let folder = Self.folder.appendingPathComponent(target.rawValue)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] {
      await target.run(Bytes(try Surroundings.bytes(folder.appendingPathComponent(name))))
    }
  }

  @Test(arguments: FuzzTarget.allCases)
  func `random bytes do no harm`(_ target: FuzzTarget) async {
    var generator = SeededGenerator(Surroundings.seed)
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...64, using: &generator)
      await target.run(Bytes((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }))
    }
  }
}

import ByteBuffers
import Foundation

/// What the tests find around them: corpus, Python, seed.
enum Surroundings {
  private static func variable(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Folder of this test target.
  static let testFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  /// The public corpus: `PARQUET_TESTING_DIR`, or beside the repository; nil when it is absent.
  static let corpus: URL? = {
    let beside = testFolder.appendingPathComponent("../../../shared/fixtures/parquet-testing")
    let folder = variable("PARQUET_TESTING_DIR").map { URL(fileURLWithPath: $0) } ?? beside.standardizedFileURL
    let isThere = FileManager.default.fileExists(atPath: folder.appendingPathComponent("data").path)
    if !isThere { print("SKIPPED: the corpus is not at \(folder.path); set PARQUET_TESTING_DIR.") }
    return isThere ? folder : nil
  }()

  /// A Python that has pyarrow: `BACKFILL_PYTHON` or python3; nil when it has not.
  static let python: String? = {
    let name = variable("BACKFILL_PYTHON") ?? "python3"
    let works = (try? run(name, ["-c", "import pyarrow, numpy"])) != nil
    if !works { print("SKIPPED: \(name) cannot import pyarrow; set BACKFILL_PYTHON.") }
    return works ? name : nil
  }()

  /// `BACKFILL_TEST_SEED`, or a new one, which is printed.
  static let seed: UInt64 = {
    let seed = variable("BACKFILL_TEST_SEED").flatMap(UInt64.init) ?? UInt64.random(in: 0..<1 << 31)
    print("BACKFILL_TEST_SEED=\(seed)")
    return seed
  }()

  struct ProgramFailed: Error {
    let status: Int32
  }

  /// Runs a program found by `PATH` and returns what it wrote to standard output.
  @discardableResult
  static func run(_ program: String, _ arguments: [String]) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw ProgramFailed(status: process.terminationStatus) }
    return bytes
  }

  /// Files below a folder whose name has one of the endings, in order of their paths.
  static func files(_ folder: URL, endings: [String]) -> [String] {
    let all = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return all.filter { path in endings.contains { path.hasSuffix($0) } }.sorted()
  }

  /// The content of a file.
  static func bytes(_ file: URL) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: file))
  }
}

/// A random generator that repeats itself for a seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

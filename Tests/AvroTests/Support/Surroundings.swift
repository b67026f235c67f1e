import ByteBuffers
import Foundation

/// What the tests find around them: test data, Python, seed.
enum Surroundings {
  private static func variable(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func fixture(_ path: String) throws -> Bytes {
    Bytes([UInt8](try Data(contentsOf: tests.appendingPathComponent("Fixtures").appendingPathComponent(path))))
  }

  /// The program that makes and checks files with fastavro.
  static let peer = tests.appendingPathComponent("Tools/avro_peer.py").path

  /// A Python that has fastavro: `BACKFILL_PYTHON` or python3; nil when it has not.
  static let python: String? = {
    let name = variable("BACKFILL_PYTHON") ?? "python3"
    let works = (try? run(name, ["-c", "import fastavro"])) != nil
    if !works { print("SKIPPED: \(name) cannot import fastavro; set BACKFILL_PYTHON.") }
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
  static func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw ProgramFailed(status: process.terminationStatus) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A random generator that repeats itself for a seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64 = Surroundings.seed) {
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

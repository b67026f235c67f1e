import ByteBuffers
import Foundation
import ObjectStores
import Testing

/// A folder of a test's own, removed at the end.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("stores-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Everything below the folder, hidden files too.
  var entries: [String] { (FileManager.default.enumerator(atPath: path)?.allObjects as? [String])?.sorted() ?? [] }

  /// The hidden files of writers.
  var temporaries: [String] { entries.filter { $0.hasSuffix(".backfill-tmp") } }

  func write(_ name: String, _ text: String) throws {
    let url = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }
}

/// What a command printed and how it ended.
struct CommandResult {
  let status: Int32
  let output: String
}

/// Runs a program and waits for it on a thread that may wait.
func run(_ program: String, _ arguments: String...) async throws -> CommandResult {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = [program] + arguments
      let pipe = Pipe()
      process.standardOutput = pipe
      process.standardError = pipe
      do {
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: output, as: UTF8.self)
        continuation.resume(returning: CommandResult(status: process.terminationStatus, output: text))
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }
}

/// Waits until something is so that happens on another thread.
func eventually(_ condition: () throws -> Bool, sourceLocation: SourceLocation = #_sourceLocation) async throws {
  for _ in 0..<3000 {
    if try condition() { return }
    try await Task.sleep(for: .milliseconds(10))
  }
  Issue.record("it did not become so within 30 s", sourceLocation: sourceLocation)
}

/// The error of a call, which has to fail.
func failure(
  sourceLocation: SourceLocation = #_sourceLocation,
  _ call: () async throws -> Void
) async throws -> ObjectStoreError {
  do {
    try await call()
  } catch let error as ObjectStoreError {
    return error
  }
  try #require(Bool(false), "the call succeeded", sourceLocation: sourceLocation)
  return ObjectStoreError(.unsupported, "")
}

extension ObjectStore {
  /// All keys below a prefix.
  func keys(_ prefix: ObjectKey = "", pageSize: Int = 1000) async throws -> [String] {
    var keys: [String] = []
    for try await object in objects(prefix: prefix, pageSize: pageSize) { keys.append(object.key.text) }
    return keys
  }

  /// The content as text.
  func text(_ key: ObjectKey) async throws -> String {
    String(decoding: try await read(key).1.array, as: UTF8.self)
  }

  /// Stores a text without waiting for the disk.
  @discardableResult
  func put(_ key: ObjectKey, _ text: String, _ mode: PutMode = .overwrite) async throws -> PutResult {
    try await put(key, Bytes(utf8: text), PutOptions(mode, durability: .deferred))
  }
}

import Avro
import ByteBuffers
import Foundation
import Testing

/// Random schemas and values, both ways between this module and fastavro.
@Suite(.enabled(if: Surroundings.python != nil, "there is no Python with fastavro"))
struct FastavroTests {
  private static let cases = 150

  /// Makes files in a folder, gives it to the body and removes it.
  private func withCases(_ seed: UInt64, _ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("avro-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try peer("make", folder, seed)
    try await body(folder)
  }

  private func peer(_ command: String, _ folder: URL, _ seed: UInt64) throws {
    let python = try #require(Surroundings.python)
    try Surroundings.run(python, [Surroundings.peer, command, folder.path, "\(seed)", "\(FastavroTests.cases)"])
  }

  private func bytes(_ folder: URL, _ name: String) throws -> Bytes {
    Bytes([UInt8](try Data(contentsOf: folder.appendingPathComponent(name))))
  }

  private func lines(_ folder: URL, _ name: String) throws -> [String] {
    let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    return text.split(separator: "\n").map(String.init)
  }

  @Test func `what fastavro writes is read, as it is and with a later schema`() async throws {
    let seed = Surroundings.seed
    try await withCases(seed) { folder in
      for index in 0..<FastavroTests.cases {
        let wanted = try lines(folder, "\(index).txt")
        let later = try AvroSchema(try bytes(folder, "\(index).reader.avsc"))
        let read = try lines(folder, "\(index).read.txt")
        for codec in ["null", "deflate"] {
          let source = MemorySource(try bytes(folder, "\(index).\(codec).avro"))
          var reader = try await AvroFileReader(source)
          #expect(try await reader.rest().map(AvroText.line) == wanted, "seed \(seed), case \(index)")
          var resolved = try await AvroFileReader(source, as: later)
          #expect(try await resolved.rest().map(AvroText.line) == read, "seed \(seed), case \(index)")
        }
        guard let first = wanted.first else { continue }
        let schema = try AvroSchema(try bytes(folder, "\(index).avsc"))
        let single = try bytes(folder, "\(index).bin")
        let value = try AvroDecoder(schema).decode(single)
        #expect(AvroText.line(value) == first, "seed \(seed), case \(index)")
        #expect(try AvroEncoder(schema).encode(value) == single, "seed \(seed), case \(index)")
      }
    }
  }

  @Test func `what is written, fastavro reads`() async throws {
    let seed = Surroundings.seed &+ 1
    try await withCases(seed) { folder in
      for index in 0..<FastavroTests.cases {
        var reader = try await AvroFileReader(MemorySource(try bytes(folder, "\(index).null.avro")))
        let records = try await reader.rest()
        let schema = reader.header.schema
        for codec in [AvroCodec.null, .deflate] {
          let sink = MemorySink()
          var options = AvroFileWriter.Options()
          options.blockBytes = 300
          let header = try AvroFileHeader(schema, codec: codec)
          var writer = AvroFileWriter(sink, header: header, options: options)
          for record in records { try await writer.append(record) }
          try await writer.finish()
          try write(await sink.contents, folder, "\(index).own.\(codec.rawValue).avro")
        }
        if let first = records.first { try write(AvroEncoder(schema).encode(first), folder, "\(index).own.bin") }
      }
      try peer("check", folder, seed)
    }
  }

  private func write(_ bytes: Bytes, _ folder: URL, _ name: String) throws {
    try Data(bytes.array).write(to: folder.appendingPathComponent(name))
  }
}

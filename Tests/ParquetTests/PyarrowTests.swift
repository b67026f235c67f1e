import ByteBuffers
import Foundation
import Parquet
import Testing

/// Files that pyarrow wrote: every physical type, required and optional, both page versions, all codecs that are read,
/// dictionaries, page sizes, null patterns and list shapes.
@Suite(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
struct PyarrowTests {
  /// Makes files of random values and returns their folder.
  private func makeFiles() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("parquet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let script = Surroundings.testFolder.appendingPathComponent("Fixtures/make_files.py").path
    try Surroundings.run(try #require(Surroundings.python), [script, folder.path, "\(Surroundings.seed)"])
    return folder
  }

  @Test func `files of pyarrow hold the values that were given to it`() async throws {
    let folder = try makeFiles()
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = Surroundings.files(folder, endings: [".parquet"])
    #expect(files.count == 48)
    var generator = SeededGenerator(Surroundings.seed)
    for file in files {
      let path = folder.appendingPathComponent(file)
      let source = MemorySource(Bytes(try Surroundings.bytes(path)), name: file)
      let json = path.deletingPathExtension().appendingPathExtension("json")
      let truth = try TruthJSON.table(try Surroundings.bytes(json))
      var options = ReaderOptions()
      options.fetchBytes = Int.random(in: 1...10_000, using: &generator)
      options.tailBytes = Int.random(in: 8...100_000, using: &generator)
      let most = [1, 3, 50, 700, 5000].randomElement(using: &generator) ?? 1
      let own = try await readTable(source, options: options) { Int.random(in: 1...most, using: &generator) }
      let difference = own.difference(from: truth)
      #expect(difference == nil, "\(file), seed \(Surroundings.seed): \(difference ?? "")")
    }
  }

  @Test func `a projection delivers the chosen fields in the chosen order`() async throws {
    let folder = try makeFiles()
    defer { try? FileManager.default.removeItem(at: folder) }
    var generator = SeededGenerator(Surroundings.seed)
    for file in Surroundings.files(folder, endings: [".parquet"]).prefix(8) {
      let source = MemorySource(Bytes(try Surroundings.bytes(folder.appendingPathComponent(file))), name: file)
      let reader = try await NativeParquetCodec().openReader(source)
      let fields = Array(reader.metadata.schema.fields.indices.shuffled(using: &generator).prefix(5))
      let groups = reader.metadata.rowGroups.indices.filter { _ in Bool.random(using: &generator) }
      let some = try reader.rows(RowSelection(fields: fields, rowGroups: groups))
      var rows = 0
      while let batch = try await some.next(limit: 100) {
        #expect(batch.columns.count == fields.count)
        rows += batch.rowCount
      }
      #expect(rows == groups.reduce(0) { $0 + Int(reader.metadata.rowGroups[$1].rowCount) })
    }
  }
}

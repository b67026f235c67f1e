import ByteBuffers
import Foundation
import Parquet
import Testing

/// The public corpus, file by file: equal to the truth, or refused with the word that says why.
@Suite(.enabled(if: Surroundings.corpus != nil, "the corpus is not here"))
struct CorpusTests {
  /// Files that use what is not read yet, or are broken, with a word that the error must have.
  static let refused: [String: String] = [
    "data/large_string_map.brotli.parquet": "limit pageBytes",
    "bad_data/ARROW-GH-41317.parquet": "Thrift",
    "bad_data/ARROW-GH-41321.parquet": "Bit width 254",
    "bad_data/ARROW-GH-45185.parquet": "continues",
    "bad_data/ARROW-GH-47662.parquet": "fewer values",
    "bad_data/ARROW-RS-GH-6229-DICTHEADER.parquet": "outside the file",
    "bad_data/ARROW-RS-GH-6229-LEVELS.parquet": "left in its chunk",
    "bad_data/PARQUET-1481.parquet": "physical type -7",
  ]

  static let files: [String] =
    Surroundings.corpus.map { corpus in
      Surroundings.files(corpus, endings: [".parquet", ".parquet.encrypted"]).filter { !$0.hasPrefix("canon/") }
    } ?? []

  /// Rows as another implementation read them; nil for files that none was asked about.
  private static func truth(_ file: String) throws -> CanonicalTable? {
    if file == "bad_data/ARROW-GH-43605.parquet" {
      // Indices of bit width 0 into a dictionary of one value, which is legal.
      return CanonicalTable(columns: ["min_fl"], rows: Array(repeating: [.whole(0)], count: 21_186))
    }
    if file == "data/incorrect_map_schema.parquet" {
      // A map whose keys are optional: pyarrow refuses it, and this is what duckdb prints.
      let entries: [CanonicalValue] = [
        .list([.text("parent"), .text("another")]), .list([.text("name"), .text("report")]),
      ]
      return CanonicalTable(columns: ["my_map"], rows: [[.list(entries)]])
    }
    if file == "data/nullable.impala.parquet" {
      return try Self.withMapsInOrder(try Self.canon(file))
    }
    return try Self.canon(file)
  }

  /// The stored truth has the entries of one map of row 1 from one place further on; what pyarrow and duckdb print is
  /// `[{k3: null, k1: 1}, null, {}]`, as the file has it.
  private static func withMapsInOrder(_ table: CanonicalTable?) throws -> CanonicalTable {
    var table = try #require(table)
    let field = try #require(table.columns.firstIndex(of: "int_Map_Array"))
    let entries: [CanonicalValue] = [.list([.text("k3"), .null]), .list([.text("k1"), .whole(1)])]
    table.rows[1][field] = .list([.list(entries), .null, .list([])])
    return table
  }

  private static func canon(_ file: String) throws -> CanonicalTable? {
    guard let corpus = Surroundings.corpus else { return nil }
    let name = file.replacing("data/", with: "canon/", maxReplacements: 1) + ".pyarrow.json.gz"
    return try TruthJSON.table(try Surroundings.run("gzip", ["-dc", corpus.appendingPathComponent(name).path]))
  }

  @Test(arguments: files)
  func `a file is read as others read it, or refused with its reason`(_ file: String) async throws {
    let corpus = try #require(Surroundings.corpus)
    let path = corpus.appendingPathComponent(file)
    let source = MemorySource(Bytes(try Surroundings.bytes(path)), name: file)
    let reason = Self.refused[file] ?? (file.hasSuffix(".encrypted") ? "encrypted" : nil)
    var generator = SeededGenerator(Surroundings.seed)
    let own: CanonicalTable
    do {
      own = try await readTable(source) { Int.random(in: 1...3000, using: &generator) }
    } catch {
      let word = try #require(reason, "\(file) was refused: \(error)")
      #expect(error.description.contains(word), "\(file): \(error)")
      #expect([.unsupported, .corrupt, .encrypted, .limitExceeded].contains(error.code), "\(file): \(error.code)")
      #expect(error.file == file)
      return
    }
    #expect(reason == nil, "\(file) was read, although it should be refused for: \(reason ?? "")")
    let truth = try #require(try Self.truth(file))
    let difference = own.difference(from: truth)
    #expect(difference == nil, "\(file): \(difference ?? "")")
  }

  @Test func `no file of the list of refused ones is missing`() {
    let missing = Self.refused.keys.filter { !Self.files.contains($0) }
    #expect(missing.isEmpty)
    #expect(Self.files.count > 80)
  }

  @Test(arguments: files)
  func `the pages that a file's headers name add up to its chunks`(_ file: String) async throws {
    let corpus = try #require(Surroundings.corpus)
    let source = MemorySource(Bytes(try Surroundings.bytes(corpus.appendingPathComponent(file))), name: file)
    guard let reader = try? await NativeParquetCodec().openReader(source), file.hasPrefix("data/") else { return }
    for (index, group) in reader.metadata.rowGroups.enumerated() {
      for (leaf, chunk) in group.columns.enumerated() where !chunk.isEncrypted {
        var pages = try ParquetPages(source, metadata: reader.metadata, rowGroup: index, leaf: leaf)
        var values = 0
        while let page = try await pages.next() {
          if page.kind != .dictionary { values += page.valueCount ?? 0 }
        }
        #expect(values == chunk.valueCount)
      }
    }
  }
}

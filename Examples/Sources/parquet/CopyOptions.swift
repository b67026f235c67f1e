import ArgumentParser
import Backfill
import CommandLineSupport

/// How the new file of a copy is written.
struct CopyOptions: ParsableArguments {
  /// Compression as people name it.
  enum Codec: String, ExpressibleByArgument, CaseIterable, Sendable {
    case none, snappy, zstd, gzip, lz4, brotli

    var codec: CompressionCodec {
      switch self {
      case .none: .uncompressed
      case .snappy: .snappy
      case .zstd: .zstd
      case .gzip: .gzip
      case .lz4: .lz4Raw
      case .brotli: .brotli
      }
    }
  }

  /// A family of encodings; each type takes the one that fits it.
  enum EncodingChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
    case plain, dictionary, delta, bss
  }

  @Option(help: "none, snappy, zstd, gzip, lz4 or brotli. Default: zstd.")
  var codec = Codec.zstd

  @Option(help: "Compression level; by default the codec's own.")
  var level: Int?

  @Option(help: "Form of data pages: 1 or 2. Default: 1.")
  var pageVersion = 1

  @Option(help: "The most rows of a row group. Default: 1048576.")
  var rowGroupRows: Int?

  @Option(help: "Bytes of values after which a page ends. Default: 1048576.")
  var pageBytes: Int?

  @Option(
    help: "plain, dictionary, delta or bss (BYTE_STREAM_SPLIT), where the type has it. Default: as in INPUT."
  )
  var encoding: EncodingChoice?

  @Option(help: "Names of fields, joined by commas, that get a bloom filter.")
  var bloom: String?

  @Option(help: "Row groups, or columns, read and written at the same time.")
  var threads = 1

  func validate() throws {
    guard pageVersion == 1 || pageVersion == 2 else { throw ValidationError("--page-version must be 1 or 2.") }
    if let rowGroupRows, rowGroupRows < 1 { throw ValidationError("--row-group-rows must be at least 1.") }
    guard threads >= 1 else { throw ValidationError("--threads must be at least 1.") }
    if let pageBytes, pageBytes < 1 { throw ValidationError("--page-bytes must be at least 1.") }
  }

  /// Properties for some fields of a file.
  func properties(_ metadata: FileMetadata, _ fields: [Int], file: String) throws -> WriterProperties {
    var properties = WriterProperties()
    properties.pageVersion = pageVersion == 2 ? .v2 : .v1
    if let rowGroupRows { properties.rowGroupRows = rowGroupRows }
    if let pageBytes { properties.pageBytes = pageBytes }
    properties.threads = threads
    let filtered = Set(try bloom.map { try fieldIndices($0, metadata.schema, file: file) } ?? [])
    let filteredLeaves = Set(filtered.flatMap { metadata.schema.leafRanges[$0] })
    // Leaf by leaf, since those of one field may be of different types.
    for (position, leaf) in fields.flatMap({ metadata.schema.leafRanges[$0] }).enumerated() {
      var column = WriterProperties.ColumnProperties(codec: codec.codec, level: level)
      column.usesDictionary = encoding.map { $0 == .dictionary } ?? usesDictionary(metadata, leaf)
      if let encoding {
        column.encoding = encoding.encoding(metadata.schema.leaves[leaf].type, runs: pageVersion == 2)
      }
      if filteredLeaves.contains(leaf) { column.writesBloomFilter = BloomFilterProperties() }
      properties.leaves[position] = column
    }
    return properties
  }

  /// The note with the Arrow schema, as it fits the copy.
  func described(_ note: KeyValue) -> KeyValue {
    guard encoding == .delta, let value = note.value, let other = ArrowSchema.withoutDictionaries(value) else {
      return note
    }
    return KeyValue(key: note.key, value: other)
  }

  /// Whether a chunk of the leaf has a dictionary.
  private func usesDictionary(_ metadata: FileMetadata, _ leaf: Int) -> Bool {
    metadata.rowGroups.contains { group in
      group.columns[leaf].encodings.contains { $0 == .plainDictionary || $0 == .rleDictionary }
    }
  }
}

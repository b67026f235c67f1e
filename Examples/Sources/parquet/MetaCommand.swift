import ArgumentParser
import Backfill
import CommandLineSupport

/// `parquet meta`.
struct MetaCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "meta",
    abstract: "Print the footer: row groups and columns with encodings, compression, sizes, statistics and indexes.",
    discussion: """
      Examples:
        parquet meta trips.parquet
        parquet meta trips.parquet --pages
        parquet meta file:///data/trips.parquet
        parquet meta trips.parquet --json | jq '.rowGroups[0].columns[0]'
      """
  )

  @Argument(help: "The file.")
  var file: String

  @Flag(help: "List the pages of every column chunk and their indexes too.")
  var pages = false

  @OptionGroup(title: "S3") var s3: S3Options
  @OptionGroup var common: CommonOptions

  func perform(_ console: Console) async throws -> ProgramExit {
    let (source, reader) = try await openFile(file, s3)
    var report: any MetaReport = common.json ? MetaJSON() : MetaText()
    let metadata = reader.metadata
    report.begin(metadata, size: source.size)
    for (index, group) in metadata.rowGroups.enumerated() {
      try Task.checkCancellation()
      report.begin(group, index: index)
      for (leaf, chunk) in zip(metadata.schema.leaves, group.columns) {
        report.begin(chunk, leaf: leaf)
        if pages, !chunk.isEncrypted, chunk.filePath == nil {
          report.indexes(await PageIndexes(source, chunk), leaf: leaf)
          try await list(source, metadata, rowGroup: index, leaf: leaf.index, to: &report, console)
        }
        report.endChunk()
        try console.write(report.take())
      }
      report.endGroup()
    }
    report.end()
    try console.write(report.take())
    return .done
  }

  private func list(
    _ source: ObjectSource,
    _ metadata: FileMetadata,
    rowGroup: Int,
    leaf: Int,
    to report: inout any MetaReport,
    _ console: Console
  ) async throws {
    do {
      var pages = try ParquetPages(source, metadata: metadata, rowGroup: rowGroup, leaf: leaf)
      while let page = try await pages.next() {
        report.page(page)
        try console.write(report.take())
      }
    } catch let error as ParquetError {
      throw ProgramFailure(error, location: file)
    }
  }
}

/// The page indexes of a chunk, as far as they can be read; what is wrong with them is a matter of `parquet verify`.
struct PageIndexes {
  private static let mostBytes = 64 << 20

  var offsets: OffsetIndex?
  var bounds: ColumnIndex?

  init(_ source: ObjectSource, _ chunk: ColumnChunk) async {
    if let bytes = await PageIndexes.read(source, chunk.offsetIndex) { offsets = try? OffsetIndex(decoding: bytes) }
    if let bytes = await PageIndexes.read(source, chunk.columnIndex) { bounds = try? ColumnIndex(decoding: bytes) }
  }

  private static func read(_ source: ObjectSource, _ location: IndexLocation?) async -> Bytes? {
    guard let location, let length = location.length, length > 0, length <= mostBytes, location.offset >= 0,
      location.offset <= Int64(source.size) - Int64(length)
    else { return nil }
    let start = Int(location.offset)
    return try? await source.read(start..<start + Int(length))
  }
}

/// What the footer is told to, front to back.
protocol MetaReport {
  mutating func begin(_ metadata: FileMetadata, size: Int)
  mutating func begin(_ group: RowGroup, index: Int)
  mutating func begin(_ chunk: ColumnChunk, leaf: LeafColumn)
  mutating func indexes(_ indexes: PageIndexes, leaf: LeafColumn)
  mutating func page(_ page: PageDescription)
  mutating func endChunk()
  mutating func endGroup()
  mutating func end()
  /// Hands out what was written.
  mutating func take() -> [UInt8]
}

extension PageDescription.Kind {
  /// The name in the format's own notation.
  var name: String {
    switch self {
    case .dataV1: "DATA_PAGE"
    case .dataV2: "DATA_PAGE_V2"
    case .dictionary: "DICTIONARY_PAGE"
    case .other(1): "INDEX_PAGE"
    case .other(let type): "PAGE_TYPE_\(type)"
    }
  }
}

extension LeafColumn {
  /// A bound of statistics as a person reads it.
  func boundText(_ bound: Bytes?) -> String? {
    guard let bound else { return nil }
    let widths: [PhysicalType: Int] = [.boolean: 1, .int32: 4, .int64: 8, .int96: 12, .float: 4, .double: 8]
    let width = type == .fixedLengthByteArray ? length : widths[type] ?? bound.count
    // A bound of another width than the values says nothing.
    guard bound.count == width || type == .fixedLengthByteArray && bound.count < width else { return nil }
    let isWhole = bound.count == width
    var out: [UInt8] = []
    let slot = Column(count: 1, validity: nil, storage: .fixed(bound, width: bound.count))
    let renderer = CellRenderer(isWhole ? CellKind(self) : .bytes, .text)
    guard (try? renderer.append(slot, row: 0, to: &out)) != nil else { return nil }
    return String(decoding: out, as: UTF8.self)
  }
}

import ArgumentParser
import Backfill
import CommandLineSupport

/// `parquet cat`.
struct CatCommand: ProgramCommand {
  /// How rows look.
  enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table
    case jsonl
    case csv
  }

  static let configuration = CommandConfiguration(
    commandName: "cat",
    abstract: "Print rows.",
    discussion: """
      Examples:
        parquet cat trips.parquet --limit 10
        parquet cat trips.parquet --columns id,fare --format jsonl
        parquet cat trips.parquet --format csv > trips.csv
        parquet cat trips.parquet --canonical | jq .nrows

      --canonical prints one JSON object {"columns":[...],"nrows":N,"rows":[[...],...]} whose strings carry their type
      (dec:1.5, date:DAYS, time:NANOSECONDS, ts:NANOSECONDS), made for comparing files and programs.
      """
  )

  @Argument(help: "The file.")
  var file: String

  @Option(help: "Names of fields, joined by commas, in the order wanted.")
  var columns: String?

  @Option(help: "The most rows to print.")
  var limit: Int64?

  @Option(help: "table, jsonl (one JSON object a row) or csv. Default: table, or jsonl with --json.")
  var format: Format?

  @Flag(help: "Print one JSON object for comparing.")
  var canonical = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit must not be negative.") }
    if canonical, format != nil { throw ValidationError("--canonical and --format exclude each other.") }
  }

  func perform(_ console: Console) async throws -> ProgramExit {
    let (_, reader) = try await openFile(file)
    let schema = reader.metadata.schema
    let fields = try selected(schema)
    var printer = try makePrinter(schema, fields, console)
    let total = min(reader.metadata.rowGroups.reduce(0) { $0 &+ $1.rowCount }, limit ?? .max)
    let progress = console.isTerminal ? nil : console.progress("reading", total: total, unit: .items("rows"))
    defer { progress?.finish() }
    do {
      let rows = try reader.rows(RowSelection(fields: fields))
      var batches = BatchSize()
      var left = limit ?? .max
      while left > 0, let batch = try await rows.next(limit: batches.next(left)) {
        try Task.checkCancellation()
        batches.saw(batch)
        left -= Int64(batch.rowCount)
        try printer.write(batch, to: console)
        progress?.advance(by: Int64(batch.rowCount))
      }
    } catch let error as ParquetError {
      throw ProgramFailure(error, location: file)
    }
    try printer.finish(console)
    return .done
  }

  private func selected(_ schema: ParquetSchema) throws -> [Int] {
    guard let columns else { return Array(schema.fields.indices) }
    let names = columns.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let missing = names.filter { schema.fieldIndex(named: $0) == nil }
    guard missing.isEmpty else {
      let known = schema.fields.prefix(50).map(\.name).joined(separator: ", ")
      throw ProgramFailure.usage("\(file) has no field \(missing.joined(separator: ", ")); it has: \(known).")
    }
    return names.compactMap { schema.fieldIndex(named: $0) }
  }

  private func makePrinter(_ schema: ParquetSchema, _ fields: [Int], _ console: Console) throws -> any RowPrinter {
    let names = fields.map { schema.fields[$0].name }
    // A nested field has no leaf of its own; the reader refuses it before anything is printed.
    let kinds = fields.map { field in
      schema.leafRanges[field].first.map { CellKind(schema.leaves[$0]) } ?? .bytes
    }
    if canonical { return CanonicalPrinter(names, kinds) }
    switch format ?? (common.json ? .jsonl : .table) {
    case .table: return TablePrinter(names, kinds, columns: console.isTerminal ? console.columns : nil)
    case .jsonl: return LinesPrinter(names, kinds)
    case .csv: return CSVPrinter(names, kinds)
    }
  }
}

/// How many rows to read next: few at first, then as many as make a few megabytes.
private struct BatchSize {
  private static let bytes = 4 << 20
  private static let rows = 8192
  private var limit = 1

  func next(_ left: Int64) -> Int {
    Int(min(Int64(limit), left))
  }

  mutating func saw(_ batch: ColumnBatch) {
    let size = max(1, batch.columns.reduce(0) { $0 + $1.byteCount } / max(1, batch.rowCount))
    limit = max(1, min(BatchSize.bytes / size, BatchSize.rows, 4 * limit))
  }
}

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
        parquet cat huge.parquet --limit-page-bytes 3000000000 \\
          --limit-value-bytes 2000000000 --limit-batch-bytes 2000000000

      Lists are JSON arrays, structures JSON objects, maps arrays of pairs.
      --canonical prints one JSON object
      {"columns":[...],"rows":[[...],...],"nrows":N} whose strings carry their
      type (dec:1.5, date:DAYS, time:NANOSECONDS, ts:NANOSECONDS), made for
      comparing files and programs.
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

  @OptionGroup var limits: LimitOptions
  @OptionGroup(title: "S3") var s3: S3Options
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit must not be negative.") }
    if canonical, format != nil { throw ValidationError("--canonical and --format exclude each other.") }
  }

  func perform(_ console: Console) async throws -> ProgramExit {
    let (_, reader) = try await openFile(file, s3, limits)
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
    return try fieldIndices(columns, schema, file: file)
  }

  private func makePrinter(_ schema: ParquetSchema, _ fields: [Int], _ console: Console) throws -> any RowPrinter {
    let shapes = fields.map { schema.shapes[$0] }
    if canonical { return CanonicalPrinter(shapes) }
    switch format ?? (common.json ? .jsonl : .table) {
    case .table: return TablePrinter(shapes, columns: console.isTerminal ? console.columns : nil)
    case .jsonl: return LinesPrinter(shapes)
    case .csv: return CSVPrinter(shapes)
    }
  }
}

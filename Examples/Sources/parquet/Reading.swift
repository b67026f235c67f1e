import ArgumentParser
import Backfill
import CommandLineSupport

/// How much is taken from a file that may claim anything.
struct LimitOptions: ParsableArguments {
  @Option(help: "The most bytes of a page. Default: 1073741824.")
  var limitPageBytes: Int?

  @Option(help: "The most bytes of a value. Default: 268435456.")
  var limitValueBytes: Int?

  @Option(help: "The most bytes of the dictionary of a column. Default: 1073741824.")
  var limitDictionaryBytes: Int?

  @Option(help: "The most bytes of a column of a batch. Default: 1073741824.")
  var limitBatchBytes: Int?

  @Option(help: "The most bytes that reading takes in all. Default: 4294967296.")
  var limitMemoryBytes: Int?

  func validate() throws {
    let given = [
      ("page", limitPageBytes), ("value", limitValueBytes), ("dictionary", limitDictionaryBytes),
      ("batch", limitBatchBytes), ("memory", limitMemoryBytes),
    ]
    for case (let name, let bytes?) in given where bytes < 1 {
      throw ValidationError("--limit-\(name)-bytes must be at least 1.")
    }
  }

  /// Reader options with these limits.
  var readerOptions: ReaderOptions {
    var options = ReaderOptions()
    if let limitPageBytes { options.limits.pageBytes = limitPageBytes }
    if let limitValueBytes { options.limits.valueBytes = limitValueBytes }
    if let limitDictionaryBytes { options.limits.dictionaryBytes = limitDictionaryBytes }
    if let limitMemoryBytes { options.limits.memoryBytes = limitMemoryBytes }
    if let limitBatchBytes { options.limits.batchBytes = limitBatchBytes }
    return options
  }
}

/// Opens a file that a user named.
func openFile(
  _ location: String,
  _ s3: S3Options,
  _ limits: LimitOptions? = nil,
  threads: Int = 1
) async throws -> (source: ObjectSource, reader: any ParquetFileReader) {
  let source = try await Locations(s3.settings).object(location)
  do {
    var options = limits?.readerOptions ?? ReaderOptions()
    options.threads = threads
    return (source, try await NativeParquetCodec(readerOptions: options).openReader(source))
  } catch {
    throw ProgramFailure(error, location: location)
  }
}

/// Positions of the top-level fields that a user named, joined by commas; a name that repeats stands for all of its
/// fields.
func fieldIndices(_ names: String, _ schema: ParquetSchema, file: String) throws -> [Int] {
  let names = names.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  let known = Dictionary(grouping: schema.fields.indices) { schema.fields[$0].name }
  let missing = names.filter { known[$0] == nil }
  guard missing.isEmpty else {
    let some = schema.fields.prefix(50).map(\.name).joined(separator: ", ")
    throw ProgramFailure.usage("\(file) has no field \(missing.joined(separator: ", ")); it has: \(some).")
  }
  return names.flatMap { known[$0] ?? [] }
}

/// How many rows to read next: few at first, then as many as make a few megabytes.
struct BatchSize {
  private static let bytes = 4 << 20
  private static let rows = 8192
  private var limit = 1

  /// Batches of a file; its footer says nothing of single rows, so every file begins with one.
  init() {}

  func next(_ left: Int64) -> Int {
    Int(min(Int64(limit), left))
  }

  mutating func saw(_ batch: ColumnBatch) {
    let size = max(1, batch.columns.reduce(0) { $0 + $1.byteCount } / max(1, batch.rowCount))
    limit = max(1, min(BatchSize.bytes / size, BatchSize.rows, 4 * limit))
  }
}

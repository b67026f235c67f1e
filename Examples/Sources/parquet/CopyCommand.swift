import ArgumentParser
import Backfill
import CommandLineSupport

/// `parquet copy`.
struct CopyCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "copy",
    abstract: "Write a file anew: other compression, encodings, sizes, or fewer columns.",
    discussion: """
      Rows stream through; memory holds about one row group of the new file,
      and with --threads two more than there are threads.
      Schema, field ids and notes are kept. Without --encoding a column gets a
      dictionary if it has one in INPUT.

      Examples:
        parquet copy trips.parquet small.parquet --codec zstd --level 9
        parquet copy trips.parquet ids.parquet --columns id,fare
        parquet copy trips.parquet old.parquet --codec snappy --encoding plain
        parquet copy trips.parquet new.parquet --page-version 2 \\
          --row-group-rows 100000 --encoding delta --bloom id
      """
  )

  @Argument(help: "The file to read.")
  var input: String

  @Argument(help: "The file to write; it must not exist without --overwrite.")
  var output: String

  @OptionGroup var writing: CopyOptions

  @Option(help: "Names of fields, joined by commas, in the order wanted.")
  var columns: String?

  @Flag(help: "Replace OUTPUT if it exists.")
  var overwrite = false

  @OptionGroup var limits: LimitOptions
  @OptionGroup(title: "S3") var s3: S3Options
  @OptionGroup var common: CommonOptions

  func perform(_ console: Console) async throws -> ProgramExit {
    let start = ContinuousClock.now
    let (source, reader) = try await openFile(input, s3, limits, threads: writing.threads)
    let metadata = reader.metadata
    let all = Array(metadata.schema.fields.indices)
    let fields = try columns.map { try fieldIndices($0, metadata.schema, file: input) } ?? all
    let nodes = fields.map { known(metadata.schema.fields[$0], console) }
    var properties = try writing.properties(metadata, fields, file: input)
    properties.keyValues = metadata.keyValues.compactMap { note in
      guard note.key == ArrowSchema.key else { return note }
      // It describes every field, so it fits no other set of them.
      return fields == all ? writing.described(note) : nil
    }
    let written = try await write(reader, fields, ParquetSchema(nodes), properties, console)
    try report(written, from: source.size, took: ContinuousClock.now - start, console)
    return .done
  }

  /// A field without annotations that cannot be written because nobody knows what they mean.
  private func known(_ node: SchemaNode, _ console: Console) -> SchemaNode {
    var node = node
    if case .unknown(let id) = node.logicalType {
      console.warn("The unknown logical type \(id) is left out.", [("field", node.name)])
      node.logicalType = nil
    }
    if case .group(let children) = node.content {
      node.content = .group(children.map { known($0, console) })
    }
    return node
  }

  private func write(
    _ reader: any ParquetFileReader,
    _ fields: [Int],
    _ schema: ParquetSchema,
    _ properties: WriterProperties,
    _ console: Console
  ) async throws -> WrittenFile {
    let (store, key) = try Locations(s3.settings).target(output)
    if !overwrite, try await store.headIfPresent(key) != nil { throw exists }
    let object: any ObjectWriter
    do {
      object = try await store.putStream(key, PutStreamOptions(overwrite ? .overwrite : .create))
    } catch {
      throw error.code == .alreadyExists ? exists : ProgramFailure(error, location: output)
    }
    do {
      let sink = ObjectSink(object)
      let writer = try NativeParquetWriter(sink: sink, schema: schema, properties: properties)
      try await stream(reader, fields, to: writer, console)
      let written = try await writer.close()
      try Task.checkCancellation()
      _ = try await object.finish()
      return written
    } catch {
      await object.abort()
      throw failure(error)
    }
  }

  private func stream(
    _ reader: any ParquetFileReader,
    _ fields: [Int],
    to writer: NativeParquetWriter,
    _ console: Console
  ) async throws {
    let total = reader.metadata.rowGroups.reduce(Int64(0)) { $0 &+ $1.rowCount }
    let progress = console.progress("copying", total: total, unit: .items("rows"))
    defer { progress.finish() }
    var batches = BatchSize()
    do {
      let rows = try reader.rows(RowSelection(fields: fields))
      while let batch = try await rows.next(limit: batches.next(.max)) {
        try Task.checkCancellation()
        batches.saw(batch)
        try await writer.write(batch)
        progress.advance(by: Int64(batch.rowCount))
      }
    } catch let error as ParquetError {
      throw ProgramFailure(error, location: error.file == nil ? output : input)
    }
  }

  private var exists: ProgramFailure {
    .usage("\(output) exists; --overwrite replaces it.")
  }

  private func failure(_ error: any Error) -> any Error {
    if let error = error as? ObjectStoreError, error.code == .alreadyExists { return exists }
    return error is ProgramFailure ? error : ProgramFailure(error, location: output)
  }

  private func report(_ written: WrittenFile, from bytes: Int, took: Duration, _ console: Console) throws {
    let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18
    let ratio = Double(written.byteCount) / Double(max(1, bytes))
    guard common.json else {
      try console.print("rows: \(written.rowCount) in \(written.rowGroupRows.count) row groups")
      let sizes = "\(formatBytes(Int64(bytes))) to \(formatBytes(written.byteCount))"
      try console.print("size: \(sizes), \(Double(Int((ratio * 1000).rounded())) / 10) %")
      try console.print("time: \(Double(Int((seconds * 100).rounded())) / 100) s")
      return
    }
    var writer = JSONWriter(isPretty: true)
    writer.beginObject()
    writer.field("rows", written.rowCount)
    writer.field("rowGroups", written.rowGroupRows.count)
    writer.field("bytesIn", bytes)
    writer.field("bytesOut", written.byteCount)
    writer.field("ratio", ratio)
    writer.field("seconds", seconds)
    writer.endObject()
    try console.write(writer.take() + [UInt8(ascii: "\n")])
  }
}

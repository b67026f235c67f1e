internal import ByteBuffers

/// Writes rows one after the other; ``ParquetEncoder`` makes it.
///
/// It is used by one task at a time. It holds a few thousand rows, or a few mebibytes, beside what the file's writer
/// holds. A row that cannot be encoded is left out as a whole, and others can follow.
public final class ParquetRowWriter<Row: Encodable> {
  private let encoder: ParquetEncoder
  private let sink: any ByteSink
  private let run: EncodingRun
  /// Rows that the schema is to be inferred from.
  private var pending: [Row] = []
  private var target: (root: ColumnEncoder, writer: any ParquetFileWriter)?

  private static var inferenceRows: Int { 1024 }
  private static var batchRows: Int { 4096 }
  private static var batchBytes: Int { 8 << 20 }

  init(_ encoder: ParquetEncoder, _ sink: any ByteSink) {
    self.encoder = encoder
    self.sink = sink
    run = EncodingRun(encoder)
  }

  /// Appends a row.
  ///
  /// Without a schema, the first thousand rows are kept until it is inferred from them.
  ///
  /// - Parameter row: the row.
  /// - Throws: `EncodingError` or ``ParquetError``.
  public func append(_ row: Row) async throws {
    if let target {
      try await write(row, target.root, target.writer)
    } else if let schema = encoder.schema {
      try begin(schema)
      try await append(row)
    } else {
      pending.append(row)
      if pending.count == Self.inferenceRows { try await writePending() }
    }
  }

  /// Appends rows.
  ///
  /// - Parameter rows: the rows.
  /// - Throws: `EncodingError` or ``ParquetError``; the rows before the one at fault are appended.
  public func append(contentsOf rows: some Sequence<Row>) async throws {
    for row in rows { try await append(row) }
  }

  /// Writes what is left and the footer.
  ///
  /// - Returns: what was written.
  /// - Throws: `EncodingError` or ``ParquetError``.
  @discardableResult
  public func close() async throws -> WrittenFile {
    if target == nil {
      if let schema = encoder.schema { try begin(schema) } else { try await writePending() }
    }
    guard let target else { throw ParquetError(.invalidArgument, "The file was not begun.") }
    try await flush(target.root, target.writer)
    return try await target.writer.close()
  }

  private func writePending() async throws {
    try begin(try encoder.inferredSchema(of: pending))
    let rows = pending
    pending = []
    try await append(contentsOf: rows)
  }

  private func begin(_ schema: ParquetSchema) throws {
    let writer = try encoder.codec.openWriter(sink, schema: schema, properties: encoder.properties)
    target = (ColumnEncoder(schema, context: run), writer)
  }

  private func write(_ row: Row, _ root: ColumnEncoder, _ writer: any ParquetFileWriter) async throws {
    let before = root.count
    do {
      try root.encode(row)
    } catch {
      root.truncate(to: before)
      throw error
    }
    if root.count >= Self.batchRows || run.byteCount >= Self.batchBytes { try await flush(root, writer) }
  }

  private func flush(_ root: ColumnEncoder, _ writer: any ParquetFileWriter) async throws {
    guard root.count > 0 else { return }
    let rows = root.takeColumn()
    run.firstRow += rows.count
    run.byteCount = 0
    try await writer.write(ColumnBatch(rowCount: rows.count, columns: rows.fields))
  }
}

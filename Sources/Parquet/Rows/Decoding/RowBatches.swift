/// Reads batches of rows and decodes them, with the fields that were asked for so far.
///
/// A type says only while it is decoded which fields it wants. So the first row begins without columns; each field that
/// it asks for is read, and the row is decoded again. Later rows that ask for more are treated in the same way.
final class RowBatches<Row: Decodable> {
  /// Fields that were asked for at the same time, as positions among `fields`, and their reader.
  private struct Columns {
    let fields: [Int]
    let batches: any ColumnBatchReader
  }

  private let reader: any ParquetFileReader
  private let selection: RowSelection
  private let batchRows: Int
  private let context: RowContext
  private let root: ColumnDecoder
  /// Positions in the schema of the fields that may be asked for.
  private let fields: [Int]
  private var columns: [Columns] = []
  /// Delivers the number of rows.
  private var counter: (any ColumnBatchReader)?
  /// Rows of the current batch, and those of them that were decoded.
  private var count = 0
  private var position = 0
  private var isFinished = false

  private static var firstBatchRows: Int { 256 }
  private static var batchBytes: Int64 { 16 << 20 }

  init(_ decoder: ParquetDecoder, _ reader: any ParquetFileReader, _ selection: RowSelection) {
    self.reader = reader
    self.selection = selection
    batchRows = Swift.max(1, decoder.batchRows)
    context = RowContext(
      matching: KeyMatching(strategy: decoder.keyDecodingStrategy),
      userInfo: decoder.userInfo
    )
    let shapes = reader.metadata.schema.shapes
    // Positions that the file does not have are refused where the rows are opened.
    fields = (selection.fields ?? Array(shapes.indices)).filter(shapes.indices.contains)
    root = ColumnDecoder(fields.map { shapes[$0] }, context: context)
  }

  /// Ends the work; the decoders of the fields refer to each other until then.
  func tearDown() {
    root.tearDown()
    columns = []
    counter = nil
    isFinished = true
  }

  /// Reads the next batch.
  ///
  /// - Returns: false behind the last one.
  func load() async throws -> Bool {
    guard !isFinished else { return false }
    do {
      let counter = try counter ?? open(selection.fields.map { $0.filter { !fields.contains($0) } } ?? [])
      self.counter = counter
      context.firstRow += count
      (count, position) = (0, 0)
      guard let batch = try await counter.next(limit: limit()) else {
        for column in columns { _ = try await column.batches.next(limit: 1) }
        isFinished = true
        return false
      }
      count = batch.rowCount
      var attached: [(field: Int, column: Column)] = []
      if count > 0 {
        for column in columns { attached += try await read(column) }
      }
      try root.attach(rowCount: count, attached)
      return true
    } catch {
      isFinished = true
      throw error
    }
  }

  /// Decodes the next row of the batch; nil when all are decoded.
  func next() async throws -> Row? {
    guard position < count, !isFinished else { return nil }
    do {
      while true {
        let result = Result { try decode() }
        // A type may go on after a field that is not read: only a row that missed none is decoded.
        guard !context.missingFields.isEmpty else {
          position += 1
          return try result.get()
        }
        try await readMissingFields()
      }
    } catch {
      isFinished = true
      throw error
    }
  }

  /// Decodes a single-value row as well as a structure.
  private func decode() throws -> Row {
    root.slot = position
    return try root.value(Row.self, at: position)
  }

  private func open(_ fields: [Int]) throws(ParquetError) -> any ColumnBatchReader {
    var part = selection
    part.fields = fields
    part.dictionaryFields = []
    return try reader.rows(part)
  }

  private func readMissingFields() async throws {
    let missing = context.missingFields.sorted()
    context.missingFields = []
    let added = Columns(fields: missing, batches: try open(missing.map { fields[$0] }))
    var toSkip = context.firstRow
    while toSkip > 0, let batch = try await added.batches.next(limit: min(toSkip, Self.firstBatchRows)) {
      toSkip -= batch.rowCount
    }
    columns.append(added)
    try root.attach(rowCount: count, try await read(added))
  }

  /// Reads as many rows of some fields as the current batch has.
  private func read(_ column: Columns) async throws(ParquetError) -> [(field: Int, column: Column)] {
    guard let batch = try await column.batches.next(limit: count), batch.rowCount == count else {
      throw ParquetError(.corrupt, "A column has fewer rows than the file states.", column: names(column.fields))
    }
    return Array(zip(column.fields, batch.columns)).map { (field: $0, column: $1) }
  }

  private func names(_ positions: [Int]) -> String {
    positions.map { reader.metadata.schema.fields[fields[$0]].name }.joined(separator: ", ")
  }

  /// As many rows as hold about 16 MiB in the fields that are read, few for the first batch, whose fields are not known.
  private func limit() -> Int {
    guard !columns.isEmpty else { return min(batchRows, Self.firstBatchRows) }
    let metadata = reader.metadata
    let leaves = columns.flatMap { $0.fields.map { metadata.schema.leafRanges[fields[$0]] } }.joined()
    var (bytes, rows): (Int64, Int64) = (0, 0)
    for group in metadata.rowGroups {
      rows = rows.addingReportingOverflow(Swift.max(0, group.rowCount)).partialValue
      for leaf in leaves where group.columns.indices.contains(leaf) {
        bytes = bytes.addingReportingOverflow(Swift.max(0, group.columns[leaf].uncompressedSize)).partialValue
      }
    }
    guard rows > 0, bytes > 0 else { return batchRows }
    return Swift.max(1, min(batchRows, Int(clamping: Self.batchBytes / Swift.max(1, bytes / rows))))
  }
}

/// Reads the selected fields side by side.
final class BatchReader: ColumnBatchReader {
  private let fields: [FieldReader]
  private let file: String
  /// Rows that the selected row groups state and that were not read yet.
  private var rowsLeft: Int64
  private var isFinished = false

  init(_ reader: NativeParquetReader, _ selection: RowSelection, rowGroups: [Int]) throws(ParquetError) {
    file = reader.source.name
    var readers: [FieldReader] = []
    for field in selection.fields ?? Array(reader.metadata.schema.fields.indices) {
      do throws(ParquetError) {
        readers.append(
          try FieldReader(
            reader,
            field: field,
            keepsDictionary: selection.dictionaryFields.contains(field),
            rowGroups: rowGroups
          )
        )
      } catch {
        throw error.located(file: reader.source.name)
      }
    }
    fields = readers
    rowsLeft = rowGroups.reduce(0) { $0 &+ max(0, reader.metadata.rowGroups[$1].rowCount) }
  }

  func next(limit: Int) async throws(ParquetError) -> ColumnBatch? {
    guard limit > 0 else {
      throw ParquetError(.invalidArgument, "A batch needs a limit of at least one row.").located(file: file)
    }
    do throws(ParquetError) {
      let rows = Int(clamping: min(Int64(limit), rowsLeft))
      guard rows > 0 else {
        try await finish()
        return nil
      }
      rowsLeft -= Int64(rows)
      var columns: [Column] = []
      for field in fields { columns.append(try await field.read([RowRun(take: rows)])) }
      return ColumnBatch(rowCount: rows, columns: columns)
    } catch {
      throw error.located(file: file)
    }
  }

  /// Checks once that the columns have no rows behind those that their row groups state.
  private func finish() async throws(ParquetError) {
    guard !isFinished else { return }
    for field in fields { try await field.finish() }
    isFinished = true
  }
}

/// Reads the selected fields side by side.
final class BatchReader: ColumnBatchReader {
  private let fields: [any FieldReader]
  private let names: [String]
  private let file: String
  /// Rows that the selected row groups state; what is left when no field is selected.
  private var rowsLeft: Int64

  init(_ reader: NativeParquetReader, fields: [Int], rowGroups: [Int]) throws(ParquetError) {
    var readers: [any FieldReader] = []
    for field in fields {
      do {
        switch try FieldShape(reader.metadata.schema, field: field) {
        case .flat(let leaf):
          readers.append(FlatFieldReader(reader, leaf: leaf, rowGroups: rowGroups))
        case .list(let leaf, let listDefinition):
          readers.append(
            ListFieldReader(reader, leaf: leaf, listDefinition: listDefinition, rowGroups: rowGroups)
          )
        }
      } catch {
        throw error.located(file: reader.source.name)
      }
    }
    self.fields = readers
    names = fields.map { reader.metadata.schema.fields[$0].name }
    file = reader.source.name
    rowsLeft = rowGroups.reduce(0) { $0 &+ reader.metadata.rowGroups[$1].rowCount }
  }

  func next(limit: Int) async throws(ParquetError) -> ColumnBatch? {
    guard limit > 0 else {
      throw ParquetError(.invalidArgument, "A batch needs a limit of at least one row.").located(file: file)
    }
    guard !fields.isEmpty else {
      let rows = Int(clamping: min(Int64(limit), rowsLeft))
      rowsLeft -= Int64(rows)
      return rows > 0 ? ColumnBatch(rowCount: rows, columns: []) : nil
    }
    var columns: [Column] = []
    for (field, name) in zip(fields, names) {
      do throws(ParquetError) {
        let column = try await field.read(limit)
        if let first = columns.first, first.count != column.count {
          throw ParquetError.corrupt(
            "The column has \(column.count) rows where column '\(names[0])' has \(first.count)."
          )
          .located(column: name)
        }
        columns.append(column)
      } catch {
        throw error.located(file: file)
      }
    }
    guard let rows = columns.first?.count, rows > 0 else { return nil }
    return ColumnBatch(rowCount: rows, columns: columns)
  }
}

import MilvusStorage
import Parquet

/// Rows of one column of a plain Parquet file.
final class ParquetRows: FieldRows {
  private let rows: any ColumnBatchReader

  init(_ reader: any ParquetFileReader, column: String) throws(BackfillError) {
    guard let field = reader.metadata.schema.fieldIndex(named: column) else {
      throw BackfillError(.dataRead, "The segment has no column '\(column)'.")
    }
    do {
      rows = try reader.rows(RowSelection(fields: [field]))
    } catch {
      throw BackfillError(.dataRead, error.description, underlying: error)
    }
  }

  func next(limit: Int) async throws(BackfillError) -> Column? {
    do {
      return try await rows.next(limit: limit)?.columns.first
    } catch {
      throw BackfillError(.dataRead, error.description, underlying: error)
    }
  }
}

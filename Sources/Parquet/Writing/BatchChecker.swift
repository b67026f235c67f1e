internal import ByteBuffers

/// Checks a batch against the schema before any of it is written: what passes cannot make an encoder read outside a
/// buffer, and a batch that fails leaves the writer as it was.
struct BatchChecker {
  let schema: ParquetSchema

  /// Checks every column.
  ///
  /// - Parameters:
  ///   - batch: the rows.
  ///   - firstRow: rows of the file before it; messages count rows from the start of the file.
  func check(_ batch: ColumnBatch, firstRow: Int64) throws(ParquetError) {
    guard batch.columns.count == schema.fields.count else {
      throw ParquetError(
        .invalidArgument,
        "The batch has \(batch.columns.count) columns; the schema has \(schema.fields.count) fields."
      )
    }
    guard batch.rowCount >= 0 else {
      throw ParquetError(.invalidArgument, "The batch claims \(batch.rowCount) rows.")
    }
    for (shape, column) in zip(schema.shapes, batch.columns) {
      let problem =
        column.count == batch.rowCount
        ? ColumnChecker(shape, isLive: nil).check(column)
        : ColumnProblem("has \(column.count) rows; the batch has \(batch.rowCount)", path: [shape.name])
      if let problem {
        let place = problem.row.map { " at row \(firstRow + Int64($0))" } ?? ""
        let field = problem.path.joined(separator: ".")
        throw ParquetError(.invalidArgument, "Field '\(field)' \(problem.text)\(place).", column: field)
      }
    }
  }
}

/// What is wrong with a column.
struct ColumnProblem {
  var text: String
  /// Names from the field down to where it is; elements of lists have no name of their own.
  var path: [String]
  var row: Int?

  init(_ text: String, path: [String], row: Int? = nil) {
    self.text = text
    self.path = path
    self.row = row
  }
}

internal import ByteBuffers
public import Parquet

/// Some fields of a run of rows of a segment.
public struct SegmentRows: Sendable {
  /// Number of the first row within the segment.
  public let firstRow: Int
  /// Number of rows.
  public let rowCount: Int
  /// The fields that were asked for.
  public let fields: [FieldSchema]
  /// Their values, in the same order.
  public let columns: [Column]
  /// Which rows of the run are there: all of them, or those that no delete hides.
  public let liveRows: [Int]

  /// Appends a row as a JSON object, `{"id":7,"title":"x"}`, fields in the order they were asked for.
  ///
  /// - Parameters:
  ///   - row: the row within the run.
  ///   - out: takes the text.
  /// - Throws: ``BackfillError/Code/dataRead`` when an Array cell is malformed.
  public func appendObject(_ row: Int, to out: inout [UInt8]) throws(BackfillError) {
    out.append(UInt8(ascii: "{"))
    for (index, field) in fields.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      Array(field.name.utf8).withUnsafeBytes { CanonicalCell.append(text: $0, to: &out) }
      out.append(UInt8(ascii: ":"))
      try CanonicalCell.append(columns[index], row: row, field: field, to: &out)
    }
    out.append(UInt8(ascii: "}"))
  }

  /// Appends a row as a JSON list, `[7,"x"]`, fields in the order they were asked for.
  ///
  /// - Parameters:
  ///   - row: the row within the run.
  ///   - out: takes the text.
  /// - Throws: ``BackfillError/Code/dataRead`` when an Array cell is malformed.
  public func appendList(_ row: Int, to out: inout [UInt8]) throws(BackfillError) {
    out.append(UInt8(ascii: "["))
    for (index, field) in fields.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      try CanonicalCell.append(columns[index], row: row, field: field, to: &out)
    }
    out.append(UInt8(ascii: "]"))
  }
}

/// Walks the rows of a segment in physical order; used by one task at a time.
public final class SegmentDump {
  private let segment: SegmentReader
  private let fields: [FieldSchema]
  private let deletes: DeleteSet
  private let readers: [SegmentColumnReader]
  private let batchRows: Int
  private var row = 0

  /// Prepares to read some fields.
  ///
  /// - Parameters:
  ///   - segment: an opened segment.
  ///   - fields: the fields wanted, in the order wanted; nil for all of the schema.
  ///   - deletes: deletes that hide rows; an empty set leaves all rows.
  ///   - batchRows: rows that are read at a time.
  /// - Throws: ``BackfillError/Code/dataRead`` when a field has more files than the key.
  public init(
    _ segment: SegmentReader,
    fields: [FieldSchema]? = nil,
    deletes: DeleteSet = DeleteSet(),
    batchRows: Int = 1024
  ) throws(BackfillError) {
    self.segment = segment
    self.fields = fields ?? segment.schema.fields
    self.deletes = deletes
    self.batchRows = max(1, batchRows)
    var readers: [SegmentColumnReader] = []
    let hidden = deletes.isEmpty ? [] : [segment.schema.primaryKey, .timestamp]
    for field in self.fields + hidden { readers.append(try segment.column(field)) }
    self.readers = readers
  }

  /// Reads the next rows.
  ///
  /// - Returns: at least one row, hidden ones counted, or nil behind the last.
  /// - Throws: ``BackfillError/Code/dataRead`` with segment, field, path and offset.
  public func next() async throws(BackfillError) -> SegmentRows? {
    let count = min(batchRows, segment.rowCount - row)
    guard count > 0 else { return nil }
    var columns: [Column] = []
    for reader in readers {
      guard let column = try await reader.next(limit: count), column.count == count else {
        throw BackfillError(
          .dataRead,
          "The field ends before row \(row + count) of \(segment.rowCount).",
          segment: segment.segment.id,
          field: reader.field.name
        )
      }
      columns.append(column)
    }
    defer { row += count }
    return SegmentRows(
      firstRow: row,
      rowCount: count,
      fields: fields,
      columns: Array(columns.prefix(fields.count)),
      liveRows: live(columns, count)
    )
  }

  /// Calls `body` with each row that is there, as a JSON object without a line end.
  ///
  /// - Parameter body: takes the row's number within the segment and its text.
  /// - Throws: ``BackfillError/Code/dataRead`` with segment, field, path and offset.
  public func forEachObject(_ body: (Int, [UInt8]) throws -> Void) async throws {
    var line: [UInt8] = []
    while let rows = try await next() {
      for row in rows.liveRows {
        line.removeAll(keepingCapacity: true)
        do {
          try rows.appendObject(row, to: &line)
        } catch {
          throw error.located(segment: segment.segment.id)
        }
        try body(rows.firstRow + row, line)
      }
    }
  }

  private func live(_ columns: [Column], _ count: Int) -> [Int] {
    guard !deletes.isEmpty else { return Array(0..<count) }
    let keys = columns[fields.count]
    let timestamps = columns[fields.count + 1]
    let isInteger = segment.schema.primaryKey.dataType == .int64
    return (0..<count).filter { row in
      guard keys.isValid(row), timestamps.isValid(row) else { return true }
      let written = timestamps.bytes(at: row).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
      return !deletes.deletes(PrimaryKey(keys.bytes(at: row), isInteger: isInteger), writtenAt: written)
    }
  }
}

internal import ObjectStores
public import Parquet

/// Reads the values of one field of a segment front to back; used by one task at a time.
///
/// Binlogs are opened when their rows are reached. Rows of chunks for which the field has no file have its default
/// value, else null. Dense vectors are always fixed-width cells, however they are stored.
public final class SegmentColumnReader {
  /// The field.
  public let field: FieldSchema

  private let segment: SegmentReader
  private let chunks: [BinlogObject?]
  private var chunk = 0
  /// Rows of the current chunk that were not delivered yet; nil before it is begun.
  private var left: Int?
  private var binlog: OpenBinlog?
  private var part = 0
  private var rows: (any ColumnBatchReader)?

  init(_ segment: SegmentReader, field: FieldSchema, chunks: [BinlogObject?]) {
    self.segment = segment
    self.field = field
    self.chunks = chunks
  }

  /// Reads the next rows, across chunks.
  ///
  /// - Parameter limit: the most rows wanted, at least 1.
  /// - Returns: exactly `limit` rows until the last of them, then nil.
  /// - Throws: ``BackfillError/Code/dataRead`` with segment, field, path and offset.
  public func next(limit: Int) async throws(BackfillError) -> Column? {
    var pieces: [Column] = []
    var wanted = limit
    do {
      while wanted > 0, chunk < chunks.count {
        guard let piece = try await nextPiece(wanted) else { continue }
        pieces.append(piece)
        wanted -= piece.count
      }
      return pieces.isEmpty ? nil : try ColumnAssembly.joined(pieces, field)
    } catch {
      throw error.located(segment: segment.segment.id, field: field.name)
    }
  }

  /// Some rows of the current chunk, or nil when it is finished and the next one is to be begun.
  private func nextPiece(_ wanted: Int) async throws(BackfillError) -> Column? {
    if left == nil { try await beginChunk() }
    guard let left, left > 0 else {
      try await endChunk()
      return nil
    }
    guard let binlog else {
      let count = min(wanted, left)
      self.left = left - count
      return try ColumnAssembly.missing(field, count: count)
    }
    guard part < binlog.parts.count else { throw shortfall(binlog) }
    guard let column = try await read(binlog, min(wanted, left)) else {
      part += 1
      rows = nil
      return nil
    }
    guard column.count <= left else { throw shortfall(binlog) }
    self.left = left - column.count
    return try ColumnAssembly.fixedWidth(column, field)
  }

  private func beginChunk() async throws(BackfillError) {
    left = segment.chunkRows[chunk]
    part = 0
    rows = nil
    binlog = nil
    guard let file = chunks[chunk] else { return }
    let open = try await OpenBinlog(
      file,
      field: field,
      segment: segment.segment,
      store: segment.store,
      codec: segment.codec
    )
    guard open.rowCount == left else {
      throw segment.rowMismatch(file, rows: open.rowCount, chunk: chunk, field: field)
    }
    binlog = open
  }

  /// Leaves a chunk; a payload that has more rows than its footer says is an error, not a surplus.
  private func endChunk() async throws(BackfillError) {
    if let binlog, part < binlog.parts.count, try await read(binlog, 1) != nil { throw shortfall(binlog) }
    left = nil
    chunk += 1
  }

  private func read(_ binlog: OpenBinlog, _ limit: Int) async throws(BackfillError) -> Column? {
    let current = binlog.parts[part]
    do {
      let reader = try rows ?? current.file.rows(RowSelection(fields: [0]))
      rows = reader
      return try await reader.next(limit: limit)?.columns.first
    } catch {
      throw BackfillError.payload(error, at: current.offset, path: binlog.object.key.text)
    }
  }

  private func shortfall(_ binlog: OpenBinlog) -> BackfillError {
    BackfillError(
      .dataRead,
      "The file holds another number of rows than the \(binlog.rowCount) its footer promises.",
      path: binlog.object.key.text
    )
  }
}

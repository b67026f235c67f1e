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
  /// The file of the current chunk, or the next, while it is opened before its rows are asked for.
  private var ahead: (chunk: Int, task: Task<Result<OpenBinlog, BackfillError>, Never>)?
  private var opensAhead = false
  private var part = 0
  private var rows: (any ColumnBatchReader)?

  init(_ segment: SegmentReader, field: FieldSchema, chunks: [BinlogObject?]) {
    self.segment = segment
    self.field = field
    self.chunks = chunks
  }

  deinit {
    ahead?.task.cancel()
  }

  /// Begins to open the next file, now and whenever one was begun: readers of several fields, which are read in turn,
  /// then do not wait for their store one after the other.
  func openAhead() {
    opensAhead = true
    guard ahead == nil else { return }
    // While a chunk is read it is the one behind; else the one to be begun.
    let next = left == nil ? chunk : chunk + 1
    guard next < chunks.count, let file = chunks[next] else { return }
    let (segment, field) = (segment, field)
    ahead = (next, Task { await SegmentColumnReader.opened(file, field, segment) })
  }

  @concurrent
  private static func opened(
    _ file: BinlogObject,
    _ field: FieldSchema,
    _ segment: SegmentReader
  ) async -> Result<OpenBinlog, BackfillError> {
    do throws(BackfillError) {
      return .success(
        try await OpenBinlog(
          file,
          field: field,
          segment: segment.segment,
          store: segment.store,
          codec: segment.codec
        )
      )
    } catch {
      return .failure(error)
    }
  }

  /// The opened file of the current chunk.
  private func open(_ file: BinlogObject) async throws(BackfillError) -> OpenBinlog {
    guard let ahead, ahead.chunk == chunk else {
      return try await SegmentColumnReader.opened(file, field, segment).get()
    }
    self.ahead = nil
    let opened = await withTaskCancellationHandler {
      await ahead.task.value
    } onCancel: {
      ahead.task.cancel()
    }
    return try opened.get()
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
    if let file = chunks[chunk] {
      let open = try await open(file)
      guard open.rowCount == left else {
        throw segment.rowMismatch(file, rows: open.rowCount, chunk: chunk, field: field)
      }
      binlog = open
    }
    if opensAhead { openAhead() }
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

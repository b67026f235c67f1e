public import ByteBuffers

/// Opens Parquet files for reading and begins files to write: the engine below rows and columns.
///
/// ``NativeParquetCodec`` is the default; a host may put another engine behind the same protocol. Implementations do no
/// I/O of their own: they ask a `RandomAccessSource` for ranges and hand a `ByteSink` what they produce.
public protocol ParquetCodec: Sendable {
  /// Opens a file for reading: reads and checks its footer.
  ///
  /// - Parameter source: the file.
  /// - Returns: its metadata and a way to its rows.
  func openReader(_ source: any RandomAccessSource) async throws(ParquetError) -> any ParquetFileReader

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - sink: where the bytes go, front to back.
  ///   - schema: fields that the writer is given batches of.
  ///   - properties: encodings, compression, sizes and notes.
  /// - Returns: a writer with one owner.
  func openWriter(
    _ sink: any ByteSink,
    schema: ParquetSchema,
    properties: WriterProperties
  ) throws(ParquetError) -> any ParquetFileWriter
}

/// An opened file.
public protocol ParquetFileReader: Sendable {
  /// The footer, schema included.
  var metadata: FileMetadata { get }

  /// Begins to read rows.
  ///
  /// - Parameter selection: which fields and rows.
  /// - Returns: a reader with one owner; several may read the same file at once.
  func rows(_ selection: RowSelection) throws(ParquetError) -> any ColumnBatchReader
}

/// Which fields and rows of a file are read.
public struct RowSelection: Sendable, Hashable {
  /// Positions of top-level fields, in the order wanted; nil for all.
  public var fields: [Int]?
  /// Positions of row groups, ascending; nil for all.
  public var rowGroups: [Int]?
  /// Row numbers, counted from the start of the file over all its row groups; ascending and apart from each other; nil
  /// for all.
  public var rows: [Range<Int64>]?
  /// What has to be true of a row; nil for all rows.
  ///
  /// Together with `rows`, only rows of both are read.
  public var predicate: RowPredicate?
  /// Positions of top-level fields whose leaves are delivered as ``Column/Storage/dictionary(indices:values:)``.
  public var dictionaryFields: Set<Int> = []

  /// Creates a selection.
  ///
  /// - Parameters:
  ///   - fields: positions of top-level fields.
  ///   - rowGroups: positions of row groups.
  ///   - rows: row numbers, counted from the start of the file.
  ///   - predicate: what has to be true of a row.
  public init(
    fields: [Int]? = nil,
    rowGroups: [Int]? = nil,
    rows: [Range<Int64>]? = nil,
    predicate: RowPredicate? = nil
  ) {
    self.fields = fields
    self.rowGroups = rowGroups
    self.rows = rows
    self.predicate = predicate
  }
}

/// Reads rows front to back; used by one task at a time.
public protocol ColumnBatchReader: AnyObject {
  /// Reads the next rows, across pages and row groups.
  ///
  /// - Parameter limit: the most rows wanted, at least 1.
  /// - Returns: exactly `limit` rows until the last of them, unless a memory budget, the byte limit of a column or, with
  ///   several threads, the end of a row group says fewer; then nil. Buffers belong to the caller.
  func next(limit: Int) async throws(ParquetError) -> ColumnBatch?
}

/// Writes one file; used by one task at a time.
///
/// Bytes depend on the rows and the properties alone, never on how the rows were cut into batches.
public protocol ParquetFileWriter: AnyObject {
  /// Appends rows.
  ///
  /// - Parameter batch: one column for each top-level field of the schema, in its order.
  func write(_ batch: ColumnBatch) async throws(ParquetError)

  /// Writes what is left and the footer.
  ///
  /// - Returns: what was written.
  func close() async throws(ParquetError) -> WrittenFile
}

/// What a writer wrote.
public struct WrittenFile: Sendable, Hashable {
  /// Rows in the file.
  public var rowCount: Int64
  /// Bytes of the file.
  public var byteCount: Int64
  /// Bytes of the values before compression.
  public var uncompressedByteCount: Int64
  /// Rows of each row group.
  public var rowGroupRows: [Int64]

  /// Creates a description of a file.
  ///
  /// - Parameters:
  ///   - rowCount: rows in the file.
  ///   - byteCount: bytes of the file.
  ///   - uncompressedByteCount: bytes of the values before compression.
  ///   - rowGroupRows: rows of each row group.
  public init(rowCount: Int64, byteCount: Int64, uncompressedByteCount: Int64, rowGroupRows: [Int64]) {
    self.rowCount = rowCount
    self.byteCount = byteCount
    self.uncompressedByteCount = uncompressedByteCount
    self.rowGroupRows = rowGroupRows
  }
}

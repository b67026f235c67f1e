/// The batches of a file as an asynchronous sequence; see ``ParquetFileReader/batches(_:rows:)``.
///
/// Every iterator reads from the start, with a reader of its own.
public struct ColumnBatches: AsyncSequence, Sendable {
  /// A run of rows.
  public typealias Element = ColumnBatch
  /// What reading fails with.
  public typealias Failure = ParquetError

  private let reader: any ParquetFileReader
  private let selection: RowSelection
  private let rows: Int

  init(_ reader: any ParquetFileReader, _ selection: RowSelection, rows: Int) {
    self.reader = reader
    self.selection = selection
    self.rows = rows
  }

  /// Begins to read.
  ///
  /// - Returns: an iterator with one owner.
  public func makeAsyncIterator() -> Iterator {
    Iterator(reader: reader, selection: selection, rows: rows)
  }

  /// Reads batch after batch.
  public struct Iterator: AsyncIteratorProtocol {
    /// What reading fails with.
    public typealias Failure = ParquetError

    fileprivate let reader: any ParquetFileReader
    fileprivate let selection: RowSelection
    fileprivate let rows: Int
    private var batches: (any ColumnBatchReader)?

    fileprivate init(reader: any ParquetFileReader, selection: RowSelection, rows: Int) {
      self.reader = reader
      self.selection = selection
      self.rows = rows
    }

    /// Reads the next batch.
    ///
    /// - Returns: the batch, or nil behind the last one.
    /// - Throws: what the reader throws; errors of the selection with the first batch.
    public mutating func next() async throws(ParquetError) -> ColumnBatch? {
      if let batches { return try await batches.next(limit: rows) }
      let begun = try reader.rows(selection)
      batches = begun
      return try await begun.next(limit: rows)
    }

    /// Reads the next batch in the caller's isolation.
    ///
    /// - Parameter actor: the caller's actor.
    /// - Returns: the batch, or nil behind the last one.
    /// - Throws: what the reader throws; errors of the selection with the first batch.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws(ParquetError) -> ColumnBatch? {
      if let batches { return try await batches.next(limit: rows) }
      let begun = try reader.rows(selection)
      batches = begun
      return try await begun.next(limit: rows)
    }
  }
}

extension ParquetFileReader {
  /// The selected rows as an asynchronous sequence of batches.
  ///
  ///     for try await batch in reader.batches(RowSelection(fields: [0])) { … }
  ///
  /// - Parameters:
  ///   - selection: which fields and rows.
  ///   - rows: rows of a batch, at least 1; the last one may have fewer, and so may others with a memory budget.
  /// - Returns: the batches.
  public func batches(_ selection: RowSelection = RowSelection(), rows: Int = 8192) -> ColumnBatches {
    ColumnBatches(self, selection, rows: rows)
  }
}

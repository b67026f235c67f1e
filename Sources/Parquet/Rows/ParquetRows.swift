/// The rows of a file, decoded as they are asked for; ``ParquetDecoder`` makes it.
///
/// Every iterator reads the file anew, and has one batch of rows in memory.
public struct ParquetRows<Row: Decodable>: AsyncSequence, Sendable {
  /// A row.
  public typealias Element = Row

  let decoder: ParquetDecoder
  let reader: any ParquetFileReader
  let selection: RowSelection

  /// Begins with the first row.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(RowBatches(decoder, reader, selection))
  }

  /// Decodes one row after the other.
  public struct AsyncIterator: AsyncIteratorProtocol {
    private let owner: Owner

    /// Ends the work with the last copy of the iterator.
    private final class Owner {
      let batches: RowBatches<Row>

      init(_ batches: RowBatches<Row>) {
        self.batches = batches
      }

      deinit {
        batches.tearDown()
      }
    }

    init(_ batches: RowBatches<Row>) {
      owner = Owner(batches)
    }

    /// Decodes the next row.
    ///
    /// - Returns: nil behind the last row.
    /// - Throws: `DecodingError` or ``ParquetError``; behind an error the sequence ends.
    public mutating func next() async throws -> Row? {
      repeat {
        if let row = try await owner.batches.next() { return row }
      } while try await owner.batches.load()
      return nil
    }
  }
}

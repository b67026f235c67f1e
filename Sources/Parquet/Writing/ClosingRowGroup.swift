/// A row group that has all its rows and is encoded while the next ones are gathered.
struct ClosingRowGroup {
  let encoder: RowGroupEncoder
  let rows: Int64
  private let task: Task<Result<[WrittenChunk], ParquetError>, Never>

  /// Begins to encode.
  init(_ encoder: RowGroupEncoder, rows: Int64, _ lanes: EncodingLanes) {
    self.encoder = encoder
    self.rows = rows
    task = Task {
      do throws(ParquetError) {
        return .success(try await encoder.finish(lanes))
      } catch {
        return .failure(error)
      }
    }
  }

  /// Waits for the chunks.
  func chunks() async throws(ParquetError) -> [WrittenChunk] {
    try await task.value.get()
  }
}

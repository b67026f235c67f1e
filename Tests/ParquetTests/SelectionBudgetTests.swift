import ByteBuffers
import Foundation
import Testing

@testable import Parquet

/// Memory budgets, the sequence of batches, and how much is fetched for a selective predicate.
struct SelectionBudgetTests {
  private static let rows = 40_000

  /// A sorted key and 256 bytes a row, in pages of pyarrow or of the own writer without an index.
  private func makeFile() throws -> [UInt8] {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("budget-\(UUID().uuidString).parquet")
    defer { try? FileManager.default.removeItem(at: file) }
    let script = """
      import sys, numpy as np, pyarrow as pa, pyarrow.parquet as pq
      n = int(sys.argv[2])
      data = np.random.default_rng(1).integers(0, 256, n * 256, dtype=np.uint8).tobytes()
      wide = pa.FixedSizeBinaryArray.from_buffers(pa.binary(256), n, [None, pa.py_buffer(data)])
      pq.write_table(pa.table({'key': pa.array(range(n), pa.int64()), 'wide': wide}), sys.argv[1], compression='none',
                     use_dictionary=False, row_group_size=n // 2, data_page_size=1 << 17, write_page_index=True)
      """
    try Surroundings.run(try #require(Surroundings.python), ["-c", script, file.path, "\(Self.rows)"])
    return try Surroundings.bytes(file)
  }

  @Test(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
  func `a selective predicate on a sorted column reads a small part of the file`() async throws {
    let bytes = try makeFile()
    let source = CountingSource(bytes)
    let reader = try await NativeParquetCodec().openReader(source)
    let key = RowPredicate.column("key")
    var keys: [Int64] = []
    for try await batch in reader.batches(RowSelection(predicate: .and([key >= 30_010, key < 30_020])), rows: 3) {
      keys += batch.columns[0].withValues(of: Int64.self) { Array($0) } ?? []
      #expect(batch.columns[1].count == batch.rowCount)
    }
    #expect(keys == Array(30_010..<30_020))
    #expect(source.bytesRead < bytes.count / 10, "\(source.bytesRead) of \(bytes.count) bytes")
    #expect(source.calls < 12)
  }

  @Test(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
  func `a budget makes batches and fetches smaller and delivers the same rows`() async throws {
    let bytes = try makeFile()
    var options = ReaderOptions()
    options.limits.memoryBytes = 4 << 20
    let source = CountingSource(bytes)
    let reader = try await NativeParquetCodec(readerOptions: options).openReader(source)
    let batches = try reader.rows(RowSelection())
    var next: Int64 = 0
    while let batch = try await batches.next(limit: 1_000_000) {
      #expect(batch.rowCount > 0)
      #expect(batch.columns.reduce(0) { $0 + $1.byteCount } <= 1 << 20)
      let keys = batch.columns[0].withValues(of: Int64.self) { Array($0) } ?? []
      #expect(keys == Array(next..<next + Int64(batch.rowCount)))
      next += Int64(batch.rowCount)
    }
    #expect(next == Int64(Self.rows))
    #expect(source.calls > 20)
  }

  @Test(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
  func `a page that the budget has no room for is refused by its name`() async throws {
    var options = ReaderOptions()
    options.limits.memoryBytes = 100_000
    let reader = try await NativeParquetCodec(readerOptions: options).openReader(CountingSource(try makeFile()))
    let batches = try reader.rows(RowSelection())
    let error = await #expect(throws: ParquetError.self) { try await batches.next(limit: 10) }
    #expect(error?.code == .limitExceeded)
    #expect(error?.message.contains("memoryBytes") == true)
  }

  @Test func `a bound on what a pool keeps ends with its holder`() {
    let pool = BufferPool(retainedBytesLimit: 1 << 20)
    var bound: BufferPool.RetentionBound? = pool.boundRetention(0)
    let first = pool.take(8192).base
    _ = first
    #expect(bound != nil)
    bound = nil
    let kept = UnsafeRawPointer(pool.take(8192).base)
    #expect(UnsafeRawPointer(pool.take(8192).base) == kept, "a block comes back once the bound is gone")
  }
}

import Parquet
import Testing

/// How much is fetched of a file that is near, where calls cost little and bytes are what counts.
@Suite(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
struct FetchedBytesTests {
  /// Pages of 128 KiB, whose headers have bounds of 512 bytes each.
  private static let script = """
    import random
    random.seed(7)
    values = [random.randbytes(512) for _ in range(8192)]
    table = pa.table([values], schema=pa.schema([pa.field('v', pa.binary(512), nullable=False)]))
    """

  @Test(arguments: ["none", "snappy"]) func `no page is fetched twice for the sake of its header`(
    _ codec: String
  ) async throws {
    let options = "use_dictionary=False, row_group_size=4096, data_page_size=1 << 17, compression='\(codec)'"
    let file = try Pyarrow.file(Self.script, options)
    let source = CountingSource(file, isLocal: true)
    let reader = try await NativeParquetCodec().openReader(source)
    let rows = try reader.rows(RowSelection())
    var count = 0
    while let batch = try await rows.next(limit: 1000) { count += batch.rowCount }
    #expect(count == 8192)
    // The end of the file with the footer, and beside each of the pages, 33 at most, two headers and a little.
    #expect(source.bytesRead <= file.count + (64 << 10) + 33 * 4096, "\(source.bytesRead) bytes of \(file.count)")
  }
}

import ByteBuffers

@testable import Parquet

/// The pages of a column chunk as they lie in a file.
struct StoredPages {
  let chunk: ColumnChunk
  let pages: [RawPage]

  /// All chunks of a file, row group by row group.
  static func chunks(
    of source: any RandomAccessSource,
    options: ReaderOptions = ReaderOptions()
  ) async throws -> [StoredPages] {
    let metadata = try await NativeParquetCodec(readerOptions: options).openReader(source).metadata
    var result: [StoredPages] = []
    for (rowGroup, group) in metadata.rowGroups.enumerated() {
      for (leaf, chunk) in zip(metadata.schema.leaves, group.columns) {
        let stream = try PageStream(
          source,
          chunk: chunk,
          dataEnd: source.size - 8,
          column: leaf.dottedPath,
          rowGroup: rowGroup,
          options: options
        )
        var pages: [RawPage] = []
        var entries = 0
        // Behind the last page may stand other bytes that old writers' slack takes in.
        while entries < chunk.valueCount, let page = try await stream.next() {
          pages.append(page)
          switch page.header.kind {
          case .dataV1(let header): entries += header.valueCount
          case .dataV2(let header): entries += header.valueCount
          case .dictionary, .other: break
          }
        }
        result.append(StoredPages(chunk: chunk, pages: pages))
      }
    }
    return result
  }
}

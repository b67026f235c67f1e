public import ObjectStores
public import Parquet

/// The rows of a StorageV1 segment, field by field, in physical order.
public struct SegmentReader: Sendable {
  /// The segment.
  public let segment: V1Segment
  /// The collection's schema.
  public let schema: CollectionSchema
  /// Rows of each binlog of the key field: how the segment is cut into chunks.
  public let chunkRows: [Int]
  /// Rows of the segment, deleted ones included.
  public let rowCount: Int
  /// The key field's binlogs in their order, whose ids and timestamps the files of a new field take over.
  public let keyContainers: [(object: BinlogObject, binlog: Binlog)]

  let store: any ObjectStore
  let codec: any ParquetCodec

  /// Binlogs that are opened at a time.
  private static let opensAtOnce = 8

  /// Opens a segment: reads the headers and footers of its key field, whose binlogs say where chunks begin.
  ///
  /// - Parameters:
  ///   - segment: what a listing found.
  ///   - schema: the collection's schema.
  ///   - store: the store that was listed.
  ///   - codec: reads the payloads.
  /// - Throws: ``BackfillError/Code/dataRead`` when the key field is missing or cannot be read.
  public init(
    _ segment: V1Segment,
    schema: CollectionSchema,
    store: any ObjectStore,
    codec: any ParquetCodec
  ) async throws(BackfillError) {
    self.segment = segment
    self.schema = schema
    self.store = store
    self.codec = codec
    let key = schema.primaryKey
    guard let files = segment.fields[key.id], !files.isEmpty else {
      throw BackfillError(
        .dataRead,
        "The segment has no files of its key field \(key.id); the schema may be that of another collection.",
        segment: segment.id,
        field: key.name
      )
    }
    let opened = try await concurrentMap(files, limit: SegmentReader.opensAtOnce) { (_, file) throws(BackfillError) in
      let open = try await OpenBinlog(file, field: key, segment: segment, store: store, codec: codec)
      // A plan holds readers of all segments at once, so footers and fetched bytes are not kept.
      return (binlog: open.binlog.withoutBytes, rows: open.rowCount)
    }
    var total = 0
    for (_, rows) in opened {
      let (sum, overflow) = total.addingReportingOverflow(rows)
      guard !overflow else {
        throw BackfillError(.dataRead, "The segment claims an impossible number of rows.", segment: segment.id)
      }
      total = sum
    }
    keyContainers = zip(files, opened).map { ($0, $1.binlog) }
    chunkRows = opened.map(\.rows)
    rowCount = total
  }

  /// Begins to read the values of a field.
  ///
  /// - Parameter field: a field of the schema or a system field; it may have no files in this segment.
  /// - Returns: a reader with one owner.
  /// - Throws: ``BackfillError/Code/dataRead`` when the field has more files than the key.
  public func column(_ field: FieldSchema) throws(BackfillError) -> SegmentColumnReader {
    SegmentColumnReader(self, field: field, chunks: try chunks(of: field))
  }

  /// The file of each chunk; nil where the field has none, because it was added later.
  ///
  /// A field that was added later has fewer files; they belong to the last chunks.
  func chunks(of field: FieldSchema) throws(BackfillError) -> [BinlogObject?] {
    let files = segment.fields[field.id] ?? []
    guard files.count <= chunkRows.count else {
      throw BackfillError(
        .dataRead,
        "The field has \(files.count) files, but the key field '\(schema.primaryKey.name)' has \(chunkRows.count).",
        segment: segment.id,
        field: field.name
      )
    }
    return Array(repeating: nil, count: chunkRows.count - files.count) + files
  }

  /// The error for a file whose rows do not fit its chunk.
  func rowMismatch(_ file: BinlogObject, rows: Int, chunk: Int, field: FieldSchema) -> BackfillError {
    BackfillError(
      .dataRead,
      "The file has \(rows) rows, but chunk \(chunk) of the key field '\(schema.primaryKey.name)' has \(chunkRows[chunk]).",
      path: file.key.text,
      segment: segment.id,
      field: field.name
    )
  }
}

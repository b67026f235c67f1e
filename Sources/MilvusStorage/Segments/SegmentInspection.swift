public import Parquet

/// What headers and footers say of a segment; no value was decoded.
public struct SegmentInspection: Sendable {
  /// One file of a field.
  public struct File: Sendable {
    /// The file.
    public var object: BinlogObject
    /// Its rows.
    public var rowCount: Int
    /// How its pages are compressed.
    public var codecs: Set<CompressionCodec>
  }

  /// One field.
  public struct Field: Sendable {
    /// The field; fields that the schema does not know have no name.
    public var id: Int64
    /// Its name, where the schema knows it.
    public var name: String?
    /// Its type, where the schema knows it.
    public var dataType: DataType?
    /// Its files that could be opened, in the order of their rows.
    public var files: [File]
    /// Chunks at the segment's start for which it has no file.
    public var missingChunks: Int
    /// Bytes of all its files.
    public var byteCount: UInt64
  }

  /// The segment.
  public var segment: V1Segment
  /// Rows of the segment, deleted ones included; nil when the key field could not be read.
  public var rowCount: Int?
  /// Rows of each binlog of the key field.
  public var chunkRows: [Int]
  /// All fields that have files, by id.
  public var fields: [Field]
  /// Everything that is wrong.
  public var problems: [BackfillError]
  /// What is unusual but readable, one sentence each.
  public var warnings: [String]
}

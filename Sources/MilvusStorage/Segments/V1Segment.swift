public import ObjectStores

/// One file of a segment.
public struct BinlogObject: Sendable, Hashable {
  /// Key, size and version of the file.
  public var metadata: ObjectMetadata
  /// Its id, which orders the files of a field.
  public var logID: Int64

  /// Describes a file.
  ///
  /// - Parameters:
  ///   - metadata: key, size and version.
  ///   - logID: its id.
  public init(metadata: ObjectMetadata, logID: Int64) {
    self.metadata = metadata
    self.logID = logID
  }

  /// The file's key.
  public var key: ObjectKey { metadata.key }
}

/// A StorageV1 segment: the files of its fields, of its deletes and of its key statistics.
public struct V1Segment: Sendable, Hashable {
  /// Id of the segment.
  public var id: Int64
  /// Id of the collection.
  public var collection: Int64
  /// Id of the partition; -1 for deletes that apply to all partitions.
  public var partition: Int64
  /// Column files by field id, each field's in the order of their rows: ascending log ids.
  public var fields: [Int64: [BinlogObject]]
  /// Deletes of this segment, by ascending log id.
  public var deltaLogs: [BinlogObject]
  /// Key statistics by field id.
  public var statsLogs: [Int64: [BinlogObject]]

  /// Describes a segment.
  ///
  /// - Parameters:
  ///   - id: id of the segment.
  ///   - collection: id of the collection.
  ///   - partition: id of the partition.
  ///   - fields: column files by field id.
  ///   - deltaLogs: deletes.
  ///   - statsLogs: key statistics by field id.
  public init(
    id: Int64,
    collection: Int64,
    partition: Int64,
    fields: [Int64: [BinlogObject]] = [:],
    deltaLogs: [BinlogObject] = [],
    statsLogs: [Int64: [BinlogObject]] = [:]
  ) {
    self.id = id
    self.collection = collection
    self.partition = partition
    self.fields = fields
    self.deltaLogs = deltaLogs
    self.statsLogs = statsLogs
  }

  /// Bytes of all column files.
  public var dataByteCount: UInt64 {
    fields.values.reduce(0) { $0 + $1.reduce(0) { $0 + $1.metadata.size } }
  }

  /// Bytes of all delete files.
  public var deltaByteCount: UInt64 {
    deltaLogs.reduce(0) { $0 + $1.metadata.size }
  }

  /// Ids of the fields that have files, ascending.
  public var fieldIDs: [Int64] { fields.keys.sorted() }
}

/// The footer of a file.
///
/// Source: parquet.thrift, `struct FileMetaData`.
public struct FileMetadata: Sendable {
  /// Format version; 1 or 2, without meaning in practice.
  public var version: Int32
  /// The schema.
  public var schema: ParquetSchema
  /// Rows in the file.
  public var rowCount: Int64
  /// Horizontal parts of the file.
  public var rowGroups: [RowGroup]
  /// What the writing application noted.
  public var keyValues: [KeyValue]
  /// The writing application.
  public var createdBy: String?
  /// What each leaf's bounds are ordered by, one a leaf; nil where the file does not say.
  public var columnOrders: [ColumnOrder?] = []
  /// How the file's encrypted columns are encrypted; nil when it has none.
  public var encryption: EncryptionInfo?

  /// Whether the file has encrypted columns.
  public var isEncrypted: Bool { encryption != nil }

  /// The value noted under a key; the first one where keys repeat.
  ///
  /// - Parameter key: the key.
  /// - Returns: its value, or nil.
  public func value(forKey key: String) -> String? {
    keyValues.first { $0.key == key }?.value
  }
}

/// A note of the writing application.
public struct KeyValue: Sendable, Hashable {
  /// Name of the note.
  public var key: String
  /// The note; may be absent.
  public var value: String?

  /// Creates a note.
  ///
  /// - Parameters:
  ///   - key: name of the note.
  ///   - value: the note.
  public init(key: String, value: String?) {
    self.key = key
    self.value = value
  }
}

/// A horizontal part of a file: one chunk of every leaf column.
///
/// Source: parquet.thrift, `struct RowGroup`.
public struct RowGroup: Sendable {
  /// Chunks in the order of the leaves.
  public var columns: [ColumnChunk]
  /// Bytes of all values before compression.
  public var totalByteSize: Int64
  /// Rows in this part.
  public var rowCount: Int64
  /// What the rows are sorted by, as leaf, descending, nulls first.
  public var sortingColumns: [SortingColumn]
}

/// One column that the rows of a row group are sorted by.
public struct SortingColumn: Sendable, Hashable {
  /// Index of the leaf.
  public var leaf: Int32
  /// Whether the order is descending.
  public var isDescending: Bool
  /// Whether nulls come first.
  public var nullsFirst: Bool

  /// Names a column.
  ///
  /// - Parameters:
  ///   - leaf: index of the leaf.
  ///   - isDescending: whether the order is descending.
  ///   - nullsFirst: whether nulls come first.
  public init(leaf: Int32, isDescending: Bool = false, nullsFirst: Bool = false) {
    self.leaf = leaf
    self.isDescending = isDescending
    self.nullsFirst = nullsFirst
  }
}

/// The values of one leaf in one row group.
///
/// Source: parquet.thrift, `struct ColumnChunk` and `struct ColumnMetaData`.
public struct ColumnChunk: Sendable {
  /// Another file that holds the values; absent when it is this one.
  public var filePath: String?
  /// Physical type of the values.
  public var type: PhysicalType?
  /// Encodings that occur in the pages.
  public var encodings: [Encoding]
  /// Compression of the pages.
  public var codec: CompressionCodec
  /// Level entries, nulls included.
  public var valueCount: Int64
  /// Bytes of all pages, headers included, before compression.
  public var uncompressedSize: Int64
  /// Bytes of all pages, headers included, as stored.
  public var compressedSize: Int64
  /// Where the first data page begins.
  public var dataPageOffset: Int64
  /// Where the dictionary page begins, if the file says so.
  public var dictionaryPageOffset: Int64?
  /// Bounds and counts.
  public var statistics: Statistics?
  /// Where the bloom filter is.
  public var bloomFilter: IndexLocation?
  /// Where the index of page places is.
  public var offsetIndex: IndexLocation?
  /// Where the index of page bounds is.
  public var columnIndex: IndexLocation?
  /// Bytes of values in memory and counts of levels.
  public var sizeStatistics: SizeStatistics?
  /// What the writing application noted of this chunk.
  public var keyValues: [KeyValue] = []
  /// Which key the values are encrypted with; nil when they are not.
  public var encryption: ColumnEncryption?

  /// Whether the values are encrypted.
  public var isEncrypted: Bool { encryption != nil }

  /// Where the first page begins.
  ///
  /// A dictionary offset of 0, or one behind the first data page, means that there is no dictionary.
  public var firstPageOffset: Int64 {
    guard let dictionary = dictionaryPageOffset, dictionary > 0, dictionary < dataPageOffset else {
      return dataPageOffset
    }
    return dictionary
  }
}

/// Where an auxiliary structure of a chunk is in the file.
public struct IndexLocation: Sendable, Hashable {
  /// First byte.
  public var offset: Int64
  /// Length in bytes; bloom filters of older files leave it out.
  public var length: Int32?
}

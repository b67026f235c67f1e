/// What a StorageV1 file says of itself, in the descriptor event at its start.
public struct BinlogDescriptor: Sendable, Hashable {
  /// Id of the collection; -1 where the writer did not know it.
  public var collection: Int64
  /// Id of the partition.
  public var partition: Int64
  /// Id of the segment.
  public var segment: Int64
  /// Id of the field; -1 in delta logs.
  public var field: Int64
  /// Timestamp of the first row.
  public var startTimestamp: UInt64
  /// Timestamp of the last row.
  public var endTimestamp: UInt64
  /// Timestamp in the descriptor's event header: when the file was written.
  public var headerTimestamp: UInt64
  /// What the values are.
  public var payloadType: DataType
  /// Bytes of the values before compression, where the file says.
  public var originalSize: Int64?
  /// Whether the field is nullable.
  public var isNullable: Bool
  /// Form of a delta log: `MULTI_FIELD` for the second generation.
  public var version: String?

  /// Creates a descriptor.
  ///
  /// - Parameters:
  ///   - collection: id of the collection.
  ///   - partition: id of the partition.
  ///   - segment: id of the segment.
  ///   - field: id of the field.
  ///   - payloadType: what the values are.
  ///   - startTimestamp: timestamp of the first row.
  ///   - endTimestamp: timestamp of the last row.
  ///   - headerTimestamp: when the file was written.
  ///   - originalSize: bytes of the values before compression.
  ///   - isNullable: whether the field is nullable.
  public init(
    collection: Int64,
    partition: Int64,
    segment: Int64,
    field: Int64,
    payloadType: DataType,
    startTimestamp: UInt64,
    endTimestamp: UInt64,
    headerTimestamp: UInt64,
    originalSize: Int64?,
    isNullable: Bool = false
  ) {
    self.collection = collection
    self.partition = partition
    self.segment = segment
    self.field = field
    self.payloadType = payloadType
    self.startTimestamp = startTimestamp
    self.endTimestamp = endTimestamp
    self.headerTimestamp = headerTimestamp
    self.originalSize = originalSize
    self.isNullable = isNullable
    version = nil
  }
}

/// One event behind the descriptor: a run of rows.
public struct BinlogEvent: Sendable, Hashable {
  /// What kind of event it is.
  public struct Kind: RawRepresentable, Sendable, Hashable {
    /// The number in the file.
    public let rawValue: UInt8

    /// Takes a number.
    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// The event at the start of a file that describes it.
    public static let descriptor = Kind(rawValue: 0)
    /// Values of one field.
    public static let insert = Kind(rawValue: 1)
    /// Deletes.
    public static let delete = Kind(rawValue: 2)
  }

  /// What kind of event it is.
  public var kind: Kind
  /// Timestamp of its first row.
  public var startTimestamp: UInt64
  /// Timestamp of its last row.
  public var endTimestamp: UInt64
  /// Timestamp in the event header: when it was written.
  public var headerTimestamp: UInt64
  /// Where its payload, a whole Parquet file, lies in the binlog.
  public var payload: Range<Int>
}

/// Sizes and constants of the container.
enum BinlogLayout {
  /// `BC FA FF 00`.
  static let magic: UInt32 = 0x00FF_FABC
  /// `PAR1`, which StorageV2 files and the newest delta logs begin with.
  static let parquetMagic: UInt32 = 0x3152_4150
  static let magicSize = 4
  static let headerSize = 17
  /// Descriptor data up to and including the length of the extra.
  static let descriptorSize = 64
  /// Start and end timestamp of a data event.
  static let dataSize = 16
  /// Sizes of the fixed parts of each event type's data, the descriptor's first; always the same.
  static let postHeaderLengths: [UInt8] = [0x34, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10]
  /// The longest extra that is believed.
  static let extraLimit = 1 << 20
  /// The most events of a file; servers write one.
  static let eventLimit = 4096
}

internal import ByteBuffers

/// What the values of a chunk take in memory, and how its levels are distributed.
///
/// Source: parquet.thrift, `struct SizeStatistics`.
public struct SizeStatistics: Sendable, Hashable {
  /// Bytes of BYTE_ARRAY values without their lengths; absent for other types.
  public var unencodedByteArrayBytes: Int64?
  /// How often each repetition level from 0 on occurs; absent where there is only one.
  public var repetitionLevelHistogram: [Int64]?
  /// How often each definition level from 0 on occurs; may be absent where there are fewer than three.
  public var definitionLevelHistogram: [Int64]?

  /// Creates statistics.
  ///
  /// - Parameters:
  ///   - unencodedByteArrayBytes: bytes of BYTE_ARRAY values without their lengths.
  ///   - repetitionLevelHistogram: how often each repetition level occurs.
  ///   - definitionLevelHistogram: how often each definition level occurs.
  public init(
    unencodedByteArrayBytes: Int64? = nil,
    repetitionLevelHistogram: [Int64]? = nil,
    definitionLevelHistogram: [Int64]? = nil
  ) {
    self.unencodedByteArrayBytes = unencodedByteArrayBytes
    self.repetitionLevelHistogram = repetitionLevelHistogram
    self.definitionLevelHistogram = definitionLevelHistogram
  }
}

extension SizeStatistics {
  @_lifetime(reader: copy reader)
  init(reading reader: inout CompactReader) throws(ParquetError) {
    self.init()
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1: unencodedByteArrayBytes = try reader.int64(field)
      case 2: repetitionLevelHistogram = try reader.int64List(field)
      case 3: definitionLevelHistogram = try reader.int64List(field)
      default: try reader.skip(field.type)
      }
    }
  }

  /// Encodes what is there.
  func encode(into writer: inout CompactWriter) {
    writer.field(1, unencodedByteArrayBytes)
    writer.field(2, repetitionLevelHistogram)
    writer.field(3, definitionLevelHistogram)
  }
}

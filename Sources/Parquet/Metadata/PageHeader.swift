internal import ByteBuffers

/// What stands before every page.
///
/// Source: parquet.thrift, `struct PageHeader`.
struct PageHeader {
  enum Kind {
    case dataV1(DataV1)
    case dataV2(DataV2)
    case dictionary(valueCount: Int, encoding: Encoding)
    /// An index page or one of an unknown type: stepped over.
    case other(Int32)
  }

  struct DataV1 {
    var valueCount: Int
    var encoding: Encoding
    var definitionLevels: Encoding
    var repetitionLevels: Encoding
  }

  struct DataV2 {
    var valueCount: Int
    var nullCount: Int
    var rowCount: Int
    var encoding: Encoding
    var definitionLevelBytes: Int
    var repetitionLevelBytes: Int
    var isCompressed: Bool
  }

  var kind: Kind
  var uncompressedSize: Int
  var compressedSize: Int
  /// CRC-32 of the body as stored, if the writer left one.
  var checksum: UInt32?
  /// Bytes of the header itself.
  var headerSize: Int

  /// Decodes a header at the start of `span`; offsets in errors count from there.
  init(_ span: RawSpan) throws(ParquetError) {
    var reader = CompactReader(span)
    var type: Int32 = -1
    var sizes: (uncompressed: Int32, compressed: Int32) = (-1, -1)
    var details: Kind?
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1: type = try reader.int32(field)
      case 2: sizes.uncompressed = try reader.int32(field)
      case 3: sizes.compressed = try reader.int32(field)
      case 4: checksum = UInt32(bitPattern: try reader.int32(field))
      case 5:
        try reader.structure(field)
        details = .dataV1(try PageHeader.dataV1(&reader))
      case 7:
        try reader.structure(field)
        details = try PageHeader.dictionary(&reader)
      case 8:
        try reader.structure(field)
        details = .dataV2(try PageHeader.dataV2(&reader))
      default: try reader.skip(field.type)
      }
    }
    guard sizes.uncompressed >= 0, sizes.compressed >= 0 else {
      throw .corrupt("A page header has negative or missing sizes.", offset: 0)
    }
    switch (type, details) {
    case (0, .dataV1), (2, .dictionary), (3, .dataV2): kind = details ?? .other(type)
    case (0, _), (2, _), (3, _): throw .corrupt("A page header of type \(type) lacks its details.", offset: 0)
    default: kind = .other(type)
    }
    uncompressedSize = Int(sizes.uncompressed)
    compressedSize = Int(sizes.compressed)
    headerSize = reader.offset
  }

  @_lifetime(reader: copy reader)
  private static func dataV1(_ reader: inout CompactReader) throws(ParquetError) -> DataV1 {
    var page = DataV1(valueCount: -1, encoding: .plain, definitionLevels: .rle, repetitionLevels: .rle)
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1: page.valueCount = Int(try reader.int32(field))
      case 2: page.encoding = Encoding(rawValue: try reader.int32(field))
      case 3: page.definitionLevels = Encoding(rawValue: try reader.int32(field))
      case 4: page.repetitionLevels = Encoding(rawValue: try reader.int32(field))
      default: try reader.skip(field.type)
      }
    }
    guard page.valueCount >= 0 else { throw .corrupt("A data page has a negative or missing value count.", offset: 0) }
    return page
  }

  @_lifetime(reader: copy reader)
  private static func dataV2(_ reader: inout CompactReader) throws(ParquetError) -> DataV2 {
    var page = DataV2(
      valueCount: -1,
      nullCount: 0,
      rowCount: 0,
      encoding: .plain,
      definitionLevelBytes: 0,
      repetitionLevelBytes: 0,
      isCompressed: true
    )
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1: page.valueCount = Int(try reader.int32(field))
      case 2: page.nullCount = Int(try reader.int32(field))
      case 3: page.rowCount = Int(try reader.int32(field))
      case 4: page.encoding = Encoding(rawValue: try reader.int32(field))
      case 5: page.definitionLevelBytes = Int(try reader.int32(field))
      case 6: page.repetitionLevelBytes = Int(try reader.int32(field))
      case 7: page.isCompressed = try reader.boolean(field)
      default: try reader.skip(field.type)
      }
    }
    guard page.valueCount >= 0, page.nullCount >= 0, page.definitionLevelBytes >= 0, page.repetitionLevelBytes >= 0,
      page.nullCount <= page.valueCount
    else {
      throw .corrupt("A data page has negative or contradicting counts.", offset: 0)
    }
    return page
  }

  @_lifetime(reader: copy reader)
  private static func dictionary(_ reader: inout CompactReader) throws(ParquetError) -> Kind {
    var count = -1
    var encoding = Encoding.plain
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1: count = Int(try reader.int32(field))
      case 2: encoding = Encoding(rawValue: try reader.int32(field))
      default: try reader.skip(field.type)
      }
    }
    guard count >= 0 else { throw .corrupt("A dictionary page has a negative or missing value count.", offset: 0) }
    return .dictionary(valueCount: count, encoding: encoding)
  }
}

public import ByteBuffers

/// Where one data page lies.
///
/// Source: parquet.thrift, `struct PageLocation`.
public struct PageLocation: Sendable, Hashable {
  /// Where its header begins in the file.
  public var offset: Int64
  /// Bytes of header and body.
  public var compressedSize: Int32
  /// Its first row, counted from the start of the row group.
  public var firstRow: Int64

  /// Describes a place.
  ///
  /// - Parameters:
  ///   - offset: where the header begins in the file.
  ///   - compressedSize: bytes of header and body.
  ///   - firstRow: first row, counted from the start of the row group.
  public init(offset: Int64, compressedSize: Int32, firstRow: Int64) {
    self.offset = offset
    self.compressedSize = compressedSize
    self.firstRow = firstRow
  }
}

/// Where the data pages of a column chunk lie; its dictionary page is not among them.
///
/// What a file says here is a hint: places may lie outside the chunk, or not ascend. Source: parquet.thrift,
/// `struct OffsetIndex`.
public struct OffsetIndex: Sendable, Hashable {
  /// The pages in the order of their rows.
  public var pages: [PageLocation]
  /// Bytes of each page's BYTE_ARRAY values without their lengths.
  public var unencodedByteArrayBytes: [Int64]?

  /// Creates an index.
  ///
  /// - Parameters:
  ///   - pages: the pages in the order of their rows.
  ///   - unencodedByteArrayBytes: bytes of each page's BYTE_ARRAY values.
  public init(pages: [PageLocation], unencodedByteArrayBytes: [Int64]? = nil) {
    self.pages = pages
    self.unencodedByteArrayBytes = unencodedByteArrayBytes
  }

  /// Decodes an index; offsets in errors count from its start.
  ///
  /// - Parameter bytes: the index as the file has it.
  /// - Throws: `corrupt` where lengths contradict each other or numbers are negative.
  public init(decoding bytes: Bytes) throws(ParquetError) {
    var reader = CompactReader(bytes.span)
    var pages: [PageLocation]?
    var sizes: [Int64]?
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1:
        let count = try reader.list(field, of: .structure)
        var list: [PageLocation] = []
        list.reserveCapacity(min(count, CompactReader.trustedCount))
        for _ in 0..<count { list.append(try PageLocation(reading: &reader)) }
        pages = list
      case 2: sizes = try reader.int64List(field)
      default: try reader.skip(field.type)
      }
    }
    guard let pages else { throw .corrupt("An offset index has no list of pages.", offset: 0) }
    guard sizes == nil || sizes?.count == pages.count else {
      throw .corrupt("An offset index has \(pages.count) pages and \(sizes?.count ?? 0) byte counts.", offset: 0)
    }
    self.init(pages: pages, unencodedByteArrayBytes: sizes)
  }

  /// The index as a file has it.
  ///
  /// - Returns: its Thrift form.
  public func encoded() -> Bytes {
    var writer = CompactWriter()
    writer.list(1, of: .structure, count: pages.count)
    for page in pages {
      writer.beginElement()
      writer.field(1, page.offset)
      writer.field(2, page.compressedSize)
      writer.field(3, page.firstRow)
      writer.endStructure()
    }
    writer.field(2, unencodedByteArrayBytes)
    writer.endMessage()
    return writer.take()
  }
}

extension PageLocation {
  @_lifetime(reader: copy reader)
  init(reading reader: inout CompactReader) throws(ParquetError) {
    self.init(offset: -1, compressedSize: -1, firstRow: -1)
    let at = reader.offset
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1: offset = try reader.int64(field)
      case 2: compressedSize = try reader.int32(field)
      case 3: firstRow = try reader.int64(field)
      default: try reader.skip(field.type)
      }
    }
    guard offset >= 0, compressedSize >= 0, firstRow >= 0 else {
      throw .corrupt("A page location has negative or missing numbers.", offset: at)
    }
  }
}

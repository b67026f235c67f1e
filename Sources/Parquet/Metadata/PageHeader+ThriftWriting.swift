internal import ByteBuffers

extension PageHeader {
  /// Encodes a header.
  ///
  /// - Parameters:
  ///   - kind: type and details of the page.
  ///   - uncompressedSize: bytes of the body before compression, levels included.
  ///   - compressedSize: bytes of the body as stored.
  ///   - checksum: CRC-32 of the body as stored, if there is to be one.
  static func encoded(
    _ kind: Kind,
    uncompressedSize: Int,
    compressedSize: Int,
    checksum: UInt32? = nil
  ) throws(ParquetError) -> Bytes {
    var writer = CompactWriter()
    switch kind {
    case .dataV1: writer.field(1, Int32(0))
    case .dictionary: writer.field(1, Int32(2))
    case .dataV2: writer.field(1, Int32(3))
    case .other(let type): writer.field(1, type)
    }
    writer.field(2, try number(uncompressedSize))
    writer.field(3, try number(compressedSize))
    writer.field(4, checksum.map { Int32(bitPattern: $0) })
    switch kind {
    case .dataV1(let page):
      writer.beginStructure(5)
      writer.field(1, try number(page.valueCount))
      writer.field(2, page.encoding.rawValue)
      writer.field(3, page.definitionLevels.rawValue)
      writer.field(4, page.repetitionLevels.rawValue)
      writer.endStructure()
    case .dictionary(let valueCount, let encoding):
      writer.beginStructure(7)
      writer.field(1, try number(valueCount))
      writer.field(2, encoding.rawValue)
      writer.endStructure()
    case .dataV2(let page):
      writer.beginStructure(8)
      writer.field(1, try number(page.valueCount))
      writer.field(2, try number(page.nullCount))
      writer.field(3, try number(page.rowCount))
      writer.field(4, page.encoding.rawValue)
      writer.field(5, try number(page.definitionLevelBytes))
      writer.field(6, try number(page.repetitionLevelBytes))
      writer.field(7, page.isCompressed)
      writer.endStructure()
    case .other: break
    }
    writer.endMessage()
    return writer.take()
  }

  /// Sizes and counts of a page are 32-bit.
  private static func number(_ value: Int) throws(ParquetError) -> Int32 {
    guard let narrow = Int32(exactly: value) else {
      throw ParquetError(.limitExceeded, "A page would have \(value) bytes or values, more than a page header can say.")
    }
    return narrow
  }
}

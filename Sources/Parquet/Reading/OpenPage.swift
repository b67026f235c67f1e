internal import ByteBuffers

/// A data page whose levels and values are ready to be decoded.
struct OpenPage {
  /// Level entries that were not decoded yet, nulls included.
  var entriesLeft: Int
  var definitionLevels: LevelDecoder?
  var repetitionLevels: LevelDecoder?
  let values: ValueDecoder
  /// The decompressed body, which the decoders point into.
  private let owner: [Bytes]

  /// Steps over entries of one bit each, or of values alone.
  mutating func skip(_ count: Int, maximum: UInt8) throws(ParquetError) {
    guard var levels = definitionLevels else { return try values.skip(count) }
    try values.skip(try levels.skipCounting(count, of: maximum))
    definitionLevels = levels
  }

  /// Decodes the levels of entries behind those of `buffer`, which has room for them.
  mutating func decodeLevels(_ count: Int, leaf: LeafColumn, into buffer: LevelBuffer) throws(ParquetError) {
    if let target = buffer.repetitions {
      guard var levels = repetitionLevels else { throw .corrupt("A page of lists has no repetition levels.") }
      try levels.decodeLevels(into: target + buffer.count, count: count, maximum: UInt8(leaf.maxRepetitionLevel))
      repetitionLevels = levels
    }
    let target = buffer.definitions + buffer.count
    if var levels = definitionLevels {
      try levels.decodeLevels(into: target, count: count, maximum: UInt8(leaf.maxDefinitionLevel))
      definitionLevels = levels
    } else {
      target.initialize(repeating: 0, count: count)
    }
    buffer.advance(count)
  }

  /// Opens a data page; nil when it is of another kind.
  init?(
    _ page: RawPage,
    leaf: LeafColumn,
    codec: CompressionCodec,
    dictionary: PageDictionary?,
    limits: ReaderLimits
  ) throws(ParquetError) {
    switch page.header.kind {
    case .dataV1(let header):
      let body = try Decompressor.decompress(page.body, codec: codec, size: page.header.uncompressedSize)
      entriesLeft = header.valueCount
      var at = 0
      if leaf.maxRepetitionLevel > 0 {
        let encoding = header.repetitionLevels
        repetitionLevels = try OpenPage.levels(body, &at, encoding, header.valueCount, maximum: leaf.maxRepetitionLevel)
      }
      if leaf.maxDefinitionLevel > 0 {
        let encoding = header.definitionLevels
        definitionLevels = try OpenPage.levels(body, &at, encoding, header.valueCount, maximum: leaf.maxDefinitionLevel)
      }
      let section = body[at..<body.count]
      values = try OpenPage.decoder(header.encoding, section, leaf, dictionary, header.valueCount, limits)
      owner = [body]
    case .dataV2(let header):
      let levelBytes = header.repetitionLevelBytes + header.definitionLevelBytes
      guard levelBytes <= page.body.count, levelBytes <= page.header.uncompressedSize else {
        throw .corrupt("The levels of a page have \(levelBytes) bytes; the page has \(page.body.count).")
      }
      entriesLeft = header.valueCount
      let split = header.repetitionLevelBytes
      if leaf.maxRepetitionLevel > 0 {
        repetitionLevels = try OpenPage.levels(page.body, 0..<split, maximum: leaf.maxRepetitionLevel)
      }
      if leaf.maxDefinitionLevel > 0 {
        definitionLevels = try OpenPage.levels(page.body, split..<levelBytes, maximum: leaf.maxDefinitionLevel)
      }
      // Nothing at all is stored for a page of nulls, and nothing is not a valid snappy block.
      let stored = page.body[levelBytes..<page.body.count]
      let isCompressed = header.isCompressed && stored.count > 0
      let section = try Decompressor.decompress(
        stored,
        codec: isCompressed ? codec : .uncompressed,
        size: isCompressed ? page.header.uncompressedSize - levelBytes : stored.count
      )
      values = try OpenPage.decoder(header.encoding, section, leaf, dictionary, header.valueCount, limits)
      owner = [page.body, section]
    case .dictionary, .other:
      return nil
    }
  }

  /// Levels of a page of version 1, which begin at `at`.
  private static func levels(
    _ body: Bytes,
    _ at: inout Int,
    _ encoding: Encoding,
    _ count: Int,
    maximum: Int
  ) throws(ParquetError) -> LevelDecoder {
    switch encoding {
    case .rle:
      let block = try levelBlock(body, from: at)
      at = block.upperBound
      return try levels(body, block, maximum: maximum)
    case .bitPacked:
      let width = try LevelDecoder.width(maximum)
      let size = BitPackedDecoder.byteCount(count, width: width)
      guard size <= body.count - at else {
        throw .corrupt("\(count) bit-packed levels have \(size) bytes; \(body.count - at) are left in the page.")
      }
      defer { at += size }
      return .bitPacked(BitPackedDecoder(body.base + at, count: count, width: width))
    default:
      throw ParquetError(.unsupported, "Levels in encoding \(encoding) cannot be read; RLE and BIT_PACKED can.")
    }
  }

  private static func levels(_ bytes: Bytes, _ range: Range<Int>, maximum: Int) throws(ParquetError) -> LevelDecoder {
    .hybrid(
      try HybridDecoder(
        UnsafeRawBufferPointer(start: bytes.base + range.lowerBound, count: range.count),
        width: try LevelDecoder.width(maximum)
      )
    )
  }

  /// The decoder of a values section; a page has at most `most` values.
  private static func decoder(
    _ encoding: Encoding,
    _ section: Bytes,
    _ leaf: LeafColumn,
    _ dictionary: PageDictionary?,
    _ most: Int,
    _ limits: ReaderLimits
  ) throws(ParquetError) -> ValueDecoder {
    switch (encoding, leaf.type) {
    case (.plain, _): return plainDecoder(section, leaf, limits)
    case (.rle, .boolean): return try RunLengthBooleanDecoder(section)
    case (.plainDictionary, _), (.rleDictionary, _):
      guard let dictionary else { throw .corrupt("A page of dictionary indices has no dictionary before it.") }
      return try DictionaryDecoder(section, dictionary: dictionary)
    case (.deltaBinaryPacked, .int32), (.deltaBinaryPacked, .int64):
      return try DeltaBinaryPackedDecoder(section, width: leaf.slotWidth, most: most)
    case (.deltaLengthByteArray, .byteArray):
      return try DeltaLengthByteArrayDecoder(section, most: most, valueLimit: limits.valueBytes)
    case (.deltaByteArray, .byteArray):
      return try DeltaByteArrayDecoder(section, width: nil, most: most, valueLimit: limits.valueBytes)
    case (.deltaByteArray, .fixedLengthByteArray):
      return try DeltaByteArrayDecoder(section, width: leaf.slotWidth, most: most, valueLimit: limits.valueBytes)
    case (.byteStreamSplit, .float), (.byteStreamSplit, .double), (.byteStreamSplit, .int32),
      (.byteStreamSplit, .int64), (.byteStreamSplit, .fixedLengthByteArray):
      return try ByteStreamSplitDecoder(section, width: leaf.slotWidth)
    case (.rle, _), (.bitPacked, _), (.deltaBinaryPacked, _), (.deltaLengthByteArray, _), (.deltaByteArray, _),
      (.byteStreamSplit, _):
      throw .corrupt("Encoding \(encoding) does not exist for values of \(leaf.type.name).")
    default:
      throw ParquetError(.unsupported, "Encoding \(encoding) of \(leaf.type.name) cannot be read.")
    }
  }

  static func plainDecoder(_ section: Bytes, _ leaf: LeafColumn, _ limits: ReaderLimits) -> ValueDecoder {
    switch leaf.type {
    case .boolean: PlainBooleanDecoder(section)
    case .byteArray: PlainBytesDecoder(section, valueLimit: limits.valueBytes)
    default: PlainFixedDecoder(section, width: leaf.slotWidth)
    }
  }
}

extension LeafColumn {
  /// Bytes that a slot takes in a column; 1 for booleans, 0 for byte arrays.
  var slotWidth: Int {
    switch type {
    case .boolean: 1
    case .int32, .float: 4
    case .int64, .double: 8
    case .int96: 12
    case .byteArray: 0
    case .fixedLengthByteArray: length
    }
  }

  /// How its slots lie in memory.
  var layout: ColumnBuilder.Layout {
    type == .byteArray ? .variable : .fixed(width: slotWidth)
  }
}

internal import ByteBuffers

/// A data page whose levels and values are ready to be decoded.
struct OpenPage {
  /// Level entries that were not decoded yet, nulls included.
  var entriesLeft: Int
  var definitionLevels: LevelDecoder?
  var repetitionLevels: LevelDecoder?
  let values: ValueDecoder
  /// The values, where they are still in the file or still compressed; `values` has none then.
  let pending: PendingValues?
  /// The repetition levels of lists without nulls, once they were looked for.
  var density = Density.unknown
  /// The decompressed body, which the decoders point into.
  private let owner: [Bytes]

  /// Whether every entry that is left holds a value.
  enum Density {
    case unknown
    case sparse
    case dense(DenseLevels)
  }

  /// Steps over entries of one bit each, or of values alone.
  mutating func skip(_ count: Int, maximum: UInt8) async throws(ParquetError) {
    var valid = count
    if var levels = definitionLevels {
      valid = try levels.skipCounting(count, of: maximum)
      definitionLevels = levels
    }
    try await skip(valid: valid)
  }

  /// Steps over values.
  func skip(valid: Int) async throws(ParquetError) {
    if let pending { try await pending.skip(valid) } else { try values.skip(valid) }
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

  /// Opens a data page whose values are not at hand; nil when it is of another kind.
  ///
  /// - Parameter levels: the bytes before the values.
  init?(_ header: PageHeader, levels: Bytes, leaf: LeafColumn, pending: PendingValues) throws(ParquetError) {
    switch header.kind {
    case .dataV1(let page):
      entriesLeft = page.valueCount
      var at = 0
      (repetitionLevels, definitionLevels) = try OpenPage.levels(levels, &at, page, leaf)
    case .dataV2(let page):
      entriesLeft = page.valueCount
      (repetitionLevels, definitionLevels) = try OpenPage.levels(levels, page, leaf)
    case .dictionary, .other: return nil
    }
    values = PlainFixedDecoder(.empty, width: max(1, leaf.slotWidth))
    self.pending = pending
    owner = [levels]
  }

  /// Opens a data page; nil when it is of another kind.
  init?(
    _ page: RawPage,
    leaf: LeafColumn,
    codec: CompressionCodec,
    dictionary: PageDictionary?,
    limits: ReaderLimits
  ) throws(ParquetError) {
    pending = nil
    switch page.header.kind {
    case .dataV1(let header):
      let body = try Decompressor.decompress(page.body, codec: codec, size: page.header.uncompressedSize)
      entriesLeft = header.valueCount
      var at = 0
      (repetitionLevels, definitionLevels) = try OpenPage.levels(body, &at, header, leaf)
      let section = body[at..<body.count]
      values = try OpenPage.decoder(header.encoding, section, leaf, dictionary, header.valueCount, limits)
      owner = [body]
    case .dataV2(let header):
      let levelBytes = header.repetitionLevelBytes + header.definitionLevelBytes
      guard levelBytes <= page.body.count, levelBytes <= page.header.uncompressedSize else {
        throw .corrupt("The levels of a page have \(levelBytes) bytes; the page has \(page.body.count).")
      }
      entriesLeft = header.valueCount
      (repetitionLevels, definitionLevels) = try OpenPage.levels(page.body, header, leaf)
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

  /// Both kinds of levels of a page of version 1; `at` is where they begin, then where the values do.
  private static func levels(
    _ body: Bytes,
    _ at: inout Int,
    _ header: PageHeader.DataV1,
    _ leaf: LeafColumn
  ) throws(ParquetError) -> (LevelDecoder?, LevelDecoder?) {
    var repetitions: LevelDecoder?
    var definitions: LevelDecoder?
    let count = header.valueCount
    if leaf.maxRepetitionLevel > 0 {
      repetitions = try levels(body, &at, header.repetitionLevels, count, maximum: leaf.maxRepetitionLevel)
    }
    if leaf.maxDefinitionLevel > 0 {
      definitions = try levels(body, &at, header.definitionLevels, count, maximum: leaf.maxDefinitionLevel)
    }
    return (repetitions, definitions)
  }

  /// Both kinds of levels of a page of version 2, which are where its header says.
  private static func levels(
    _ body: Bytes,
    _ header: PageHeader.DataV2,
    _ leaf: LeafColumn
  ) throws(ParquetError) -> (LevelDecoder?, LevelDecoder?) {
    let split = header.repetitionLevelBytes
    let end = split + header.definitionLevelBytes
    var repetitions: LevelDecoder?
    var definitions: LevelDecoder?
    if leaf.maxRepetitionLevel > 0 { repetitions = try levels(body, 0..<split, maximum: leaf.maxRepetitionLevel) }
    if leaf.maxDefinitionLevel > 0 { definitions = try levels(body, split..<end, maximum: leaf.maxDefinitionLevel) }
    return (repetitions, definitions)
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

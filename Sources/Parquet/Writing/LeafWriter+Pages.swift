internal import ByteBuffers

extension LeafWriter {
  /// Bytes of values from which on an uncompressed page keeps its buffer instead of being copied.
  private static let adoptedBytes = 64 << 10

  /// Ends the open page, if it has rows, and encodes it.
  func finishPage() throws(ParquetError) {
    guard page.rows > 0 else { return }
    let encoding = finishValues()
    chunk.entries += page.entries
    chunk.values += page.values
    if encoding == .plain { chunk.plainPages += 1 } else { chunk.dictionaryPages += 1 }
    switch plan.pageVersion {
    case .v1: try storeV1(encoding)
    case .v2: try storeV2(encoding)
    }
    page = Page()
    booleans.removeAll()
    validity.removeAll()
    repetitionLevels.removeAll()
    definitionLevels.removeAll()
  }

  /// Brings the page's values to `values`, behind the headroom, and says how they are encoded.
  private func finishValues() -> Encoding {
    if plan.leaf.type == .boolean {
      let ones = booleans.ones
      bounds.addBooleans(hasFalse: ones < page.values, hasTrue: ones > 0)
      values.append(UnsafeRawBufferPointer(start: booleans.base, count: booleans.byteCount))
    }
    guard mode != .plain, page.values > 0 else { return .plain }
    let added = dictionary.added
    bounds.add(plain: added.base, byteCount: added.byteCount, count: added.count)
    if dictionary.byteCount <= plan.dictionaryBytes {
      // One byte says the width of the indices; it is never 0, which not every reader takes.
      let width = max(1, HybridEncoder.width(of: dictionary.count - 1))
      values.append(UInt8(width))
      dictionary.encodeIndices(width: width, into: &values)
      let encoded = values.count - headroom
      if mode == .dictionary || encoded + dictionary.byteCount < page.plainBytes {
        mode = .dictionary
        dictionary.closePage()
        return .rleDictionary
      }
      startValues()
    }
    // The page's own new entries never reach the dictionary page: `closed` stays as it was.
    dictionary.expandIndices(into: &values)
    mode = .plain
    return .plain
  }

  /// Version 1: levels and values are compressed together.
  ///
  ///     header | u32 length, repetition levels | u32 length, definition levels | values
  private func storeV1(_ encoding: Encoding) throws(ParquetError) {
    scratch.removeAll()
    encodeLevels { writer, encode in
      let start = writer.count
      writer.append(integer: UInt32(0))
      encode(&writer)
      let length = UInt32(truncatingIfNeeded: writer.count - start - 4)
      (writer.base + start).storeBytes(of: length.littleEndian, as: UInt32.self)
    }
    let levels = scratch.count
    let size = levels + values.count - headroom
    let kind = PageHeader.Kind.dataV1(
      PageHeader.DataV1(valueCount: page.entries, encoding: encoding, definitionLevels: .rle, repetitionLevels: .rle)
    )
    guard plan.column.codec != .uncompressed else {
      try storeHeader(kind, size: size, stored: size)
      pages.append(UnsafeRawBufferPointer(start: scratch.base, count: levels))
      storeValues()
      return
    }
    let body: UnsafeRawBufferPointer
    if levels <= headroom {
      let start = values.base + headroom - levels
      start.copyMemory(from: scratch.base, byteCount: levels)
      body = UnsafeRawBufferPointer(start: start, count: size)
    } else {
      scratch.append(UnsafeRawBufferPointer(start: values.base + headroom, count: values.count - headroom))
      body = UnsafeRawBufferPointer(start: scratch.base, count: size)
    }
    let compressed = try compressor.compress(body, plan.column.codec, level: plan.column.level)
    try storeHeader(kind, size: size, stored: compressed.count)
    pages.append(compressed)
    startValues()
  }

  /// Version 2: levels stand before the values, uncompressed and without lengths; values that do not shrink are stored
  /// as they are.
  ///
  ///     header | repetition levels | definition levels | values
  private func storeV2(_ encoding: Encoding) throws(ParquetError) {
    scratch.removeAll()
    var repetitionBytes = 0
    encodeLevels { writer, encode in
      repetitionBytes = writer.count
      encode(&writer)
    }
    // The last call is that of the definition levels: what was there before it are the repetition levels, if any.
    let levels = scratch.count
    let valueBytes = values.count - headroom
    var details = PageHeader.DataV2(
      valueCount: page.entries,
      nullCount: page.entries - page.values,
      rowCount: page.rows,
      encoding: encoding,
      definitionLevelBytes: levels - repetitionBytes,
      repetitionLevelBytes: repetitionBytes,
      isCompressed: false
    )
    if plan.column.codec != .uncompressed, valueBytes > 0 {
      let body = UnsafeRawBufferPointer(start: values.base + headroom, count: valueBytes)
      let compressed = try compressor.compress(body, plan.column.codec, level: plan.column.level)
      if compressed.count < valueBytes {
        details.isCompressed = true
        try storeHeader(.dataV2(details), size: levels + valueBytes, stored: levels + compressed.count)
        pages.append(UnsafeRawBufferPointer(start: scratch.base, count: levels))
        pages.append(compressed)
        startValues()
        return
      }
    }
    try storeHeader(.dataV2(details), size: levels + valueBytes, stored: levels + valueBytes)
    pages.append(UnsafeRawBufferPointer(start: scratch.base, count: levels))
    storeValues()
  }

  /// Appends the levels to `scratch`; `block` frames those of one kind, repetition levels first.
  private func encodeLevels(_ block: (inout ByteWriter, (inout ByteWriter) -> Void) -> Void) {
    guard !plan.path.isFlat else {
      guard plan.hasNullableValues else { return }
      block(&scratch) { writer in
        HybridEncoder.appendBits(validity, ones: page.values, into: &writer)
      }
      return
    }
    encode(repetitionLevels.base, highest: plan.leaf.maxRepetitionLevel, block)
    encode(definitionLevels.base, highest: plan.leaf.maxDefinitionLevel, block)
  }

  private func encode(
    _ levels: UnsafeMutableRawPointer,
    highest: Int,
    _ block: (inout ByteWriter, (inout ByteWriter) -> Void) -> Void
  ) {
    guard highest > 0 else { return }
    let count = page.entries
    block(&scratch) { writer in
      let levels = UnsafePointer(levels.assumingMemoryBound(to: UInt8.self))
      HybridEncoder.encode(levels, count: count, width: HybridEncoder.width(of: highest), into: &writer)
    }
  }

  /// Appends uncompressed values: a large buffer goes over to the chunk, a small one is copied and used again.
  private func storeValues() {
    let size = values.count - headroom
    if size >= LeafWriter.adoptedBytes {
      let capacity = values.count
      let all = values.take()
      pages.adopt(all[headroom..<all.count])
      // The next page will be about as large.
      _ = values.reserve(capacity + PlainEncoder.slack)
    } else {
      pages.append(UnsafeRawBufferPointer(start: values.base + headroom, count: size))
    }
    startValues()
  }

  private func storeHeader(_ kind: PageHeader.Kind, size: Int, stored: Int) throws(ParquetError) {
    let header = try PageHeader.encoded(kind, uncompressedSize: size, compressedSize: stored)
    pages.append(header)
    chunk.uncompressedBytes += header.count + size
  }
}

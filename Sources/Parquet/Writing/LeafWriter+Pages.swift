internal import ByteBuffers

extension LeafWriter {
  /// Bytes of values from which on an uncompressed page keeps its buffer instead of being copied.
  private static let adoptedBytes = 64 << 10

  /// Ends the open page, if it has rows, and encodes it.
  func finishPage() throws(ParquetError) {
    guard page.rows > 0 else { return }
    let encoding = finishValues()
    switch plan.pageVersion {
    case .v1: try storeV1(encoding)
    case .v2: try storeV2(encoding)
    }
    chunk.pages[encoding, default: 0] += 1
    summarizePage()
    page = Page()
    booleans.removeAll()
    validity.removeAll()
    repetitionLevels.removeAll()
    definitionLevels.removeAll()
    bounds.removeAll()
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
    let size = levels + valueBytes
    let kind = PageHeader.Kind.dataV1(
      PageHeader.DataV1(valueCount: page.entries, encoding: encoding, definitionLevels: .rle, repetitionLevels: .rle)
    )
    guard plan.column.codec != .uncompressed else {
      try storePage(kind, levels: levels, valuePieces, size: size)
      storeValues()
      return
    }
    let body: UnsafeRawBufferPointer
    if levels == 0 {
      body = joinedValues()
    } else if levels <= headroom {
      copyBorrowed()
      let start = values.base + headroom - levels
      start.copyMemory(from: scratch.base, byteCount: levels)
      body = UnsafeRawBufferPointer(start: start, count: size)
    } else {
      scratch.append(joinedValues())
      body = UnsafeRawBufferPointer(start: scratch.base, count: size)
    }
    let compressor = compressors.take()
    defer { compressors.give(back: compressor) }
    let compressed = try compressor.compress(body, plan.column.codec, level: plan.column.level)
    try storePage(kind, levels: 0, [compressed], size: size)
    store(compressed, of: compressor)
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
    let valueBytes = valueBytes
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
      let compressor = compressors.take()
      defer { compressors.give(back: compressor) }
      let compressed = try compressor.compress(joinedValues(), plan.column.codec, level: plan.column.level)
      if compressed.count < valueBytes {
        details.isCompressed = true
        try storePage(.dataV2(details), levels: levels, [compressed], size: levels + valueBytes)
        return store(compressed, of: compressor)
      }
    }
    try storePage(.dataV2(details), levels: levels, valuePieces, size: levels + valueBytes)
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
    if plan.leaf.maxRepetitionLevel > 0 {
      block(&scratch) { encode(repetitionLevels, plan.leaf.maxRepetitionLevel, &$0) }
    }
    guard plan.leaf.maxDefinitionLevel > 0 else { return }
    block(&scratch) { writer in
      let highest = plan.leaf.maxDefinitionLevel
      guard page.values < page.entries else {
        let width = HybridEncoder.width(of: highest)
        return HybridEncoder.appendCopies(of: UInt64(highest), count: page.entries, width: width, into: &writer)
      }
      completeDefinitionLevels()
      encode(definitionLevels, highest, &writer)
    }
  }

  private func encode(_ levels: borrowing ByteWriter, _ highest: Int, _ writer: inout ByteWriter) {
    let levels = UnsafePointer(levels.base.assumingMemoryBound(to: UInt8.self))
    HybridEncoder.encode(levels, count: page.entries, width: HybridEncoder.width(of: highest), into: &writer)
  }

  /// Appends compressed values: a block that is full goes over to the chunk, what is in another is copied.
  private func store(_ compressed: UnsafeRawBufferPointer, of compressor: Compressor) {
    if keepsBlocks, let block = compressor.takeIfFull() {
      pages.adopt(block)
    } else {
      pages.append(compressed)
    }
    startValues()
  }

  /// Appends uncompressed values: a large buffer goes over to the chunk, a small one is copied and used again.
  private func storeValues() {
    let size = values.count - headroom
    if borrowed.count > 0 {
      for run in borrowed.runs { pages.adopt(run) }
    } else if size >= LeafWriter.adoptedBytes {
      let capacity = values.count
      let all = values.take()
      pages.adopt(all[headroom..<all.count])
      // The next page will be about as large.
      _ = values.reserve(capacity + PlainEncoder.slack)
    } else {
      pages.append(joinedValues())
    }
    startValues()
  }

  /// Appends the header of a page and the first `levels` bytes of `scratch`; `body`, which the caller appends, follows.
  private func storePage(
    _ kind: PageHeader.Kind,
    levels: Int,
    _ body: [UnsafeRawBufferPointer],
    size: Int
  ) throws(ParquetError) {
    let levels = UnsafeRawBufferPointer(start: scratch.base, count: levels)
    let stored = body.reduce(levels.count) { $0 + $1.count }
    let header = try PageHeader.encoded(
      kind,
      uncompressedSize: size,
      compressedSize: stored,
      checksum: plan.writesChecksums ? PageChecksum.of([levels] + body) : nil
    )
    index.place(offset: storedBytes, size: header.count + stored)
    pages.append(header)
    pages.append(levels)
    chunk.uncompressedBytes += header.count + size
  }
}

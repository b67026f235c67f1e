package import ByteBuffers

@testable package import Parquet

/// What a fuzzer feeds with bytes of its own; none of it may crash, hang or take more memory than the limits allow.
package enum FuzzTarget: String, CaseIterable, Sendable {
  /// Footers, page headers and indexes.
  case thrift
  /// Levels in both encodings.
  case levels
  /// A page of any type and encoding, from its header's numbers down to the values.
  case page
  /// A whole file.
  case file

  /// Limits that make a fuzzer's finds small.
  package static var options: ReaderOptions {
    var options = ReaderOptions()
    options.limits.pageBytes = 4 << 20
    options.limits.batchBytes = 4 << 20
    options.limits.valueBytes = 1 << 20
    options.limits.memoryBytes = 64 << 20
    return options
  }

  /// Bytes of the largest single allocation that the limits leave room for: buffers double as they grow.
  package static let largestAllocation = 17 << 20

  /// Feeds one input.
  ///
  /// - Parameter bytes: the input.
  /// - Returns: rows read, for a file.
  @discardableResult
  package func run(_ bytes: Bytes) async -> Int {
    switch self {
    case .thrift: thrift(bytes)
    case .levels: levels(bytes)
    case .page: page(bytes)
    case .file: return await file(bytes)
    }
    return 0
  }

  private func thrift(_ bytes: Bytes) {
    _ = try? FileMetadata(footer: bytes, limits: FuzzTarget.options.limits)
    _ = try? PageHeader(bytes.span)
  }

  /// First byte: highest level; second: entries a call; the rest: the levels.
  private func levels(_ bytes: Bytes) {
    guard bytes.count > 2 else { return }
    let head = bytes[0..<2].array
    let maximum = max(head[0], 1)
    let width = Int.bitWidth - Int(maximum).leadingZeroBitCount
    let step = Int(head[1]) + 1
    let body = bytes[2..<bytes.count]
    let target = AlignedBuffer(capacity: 1 << 16)
    body.withUnsafeBytes { raw in
      guard var decoder = try? HybridDecoder(raw, width: width) else { return }
      for _ in 0..<64 {
        let place = target.base.assumingMemoryBound(to: UInt8.self)
        guard (try? decoder.decodeLevels(into: place, count: step, maximum: maximum)) != nil,
          (try? decoder.skip(step)) != nil
        else { break }
      }
      if maximum == 1 { bits(raw, step, into: target) }
    }
  }

  private func bits(_ raw: UnsafeRawBufferPointer, _ step: Int, into target: AlignedBuffer) {
    guard var decoder = try? HybridDecoder(raw, width: 1) else { return }
    target.base.initializeMemory(as: UInt8.self, repeating: 0, count: target.capacity)
    for call in 0..<64 {
      let ones = try? decoder.decodeBits(into: target.base, bitOffset: call * step, count: step)
      guard let ones, ones <= step else { return }
    }
  }

  /// Eight bytes choose the column and the page; the rest is the page's body.
  private func page(_ bytes: Bytes) {
    guard bytes.count > 8 else { return }
    let head = bytes[0..<8].array
    let length = Int(head[1] % 40) + 1
    let type = PhysicalType.allCases[Int(head[0]) % PhysicalType.allCases.count]
    let node = SchemaNode("x", type, length: type == .fixedLengthByteArray ? length : 0)
    var field = head[2] & 1 == 0 ? node : SchemaNode.list("x", of: node)
    field.repetition = head[2] & 2 == 0 ? .required : .optional
    guard let leaf = ParquetSchema([field]).leaves.first else { return }
    let body = bytes[8..<bytes.count]
    let count = Int(head[4]) << 8 | Int(head[5])
    let encoding = Encoding(rawValue: Int32(head[3] % 12))
    let isLegacy = head[6] & 2 != 0
    let kind: PageHeader.Kind
    if head[6] & 1 == 0 {
      let levels: Encoding = isLegacy ? .bitPacked : .rle
      kind = .dataV1(
        PageHeader.DataV1(valueCount: count, encoding: encoding, definitionLevels: levels, repetitionLevels: levels)
      )
    } else {
      kind = .dataV2(
        PageHeader.DataV2(
          valueCount: count,
          nullCount: 0,
          rowCount: count,
          encoding: encoding,
          definitionLevelBytes: Int(head[7] & 15),
          repetitionLevelBytes: Int(head[7] >> 4),
          isCompressed: false
        )
      )
    }
    guard let encoded = try? PageHeader.encoded(kind, uncompressedSize: body.count, compressedSize: body.count),
      let header = try? PageHeader(encoded.span)
    else { return }
    try? decode(RawPage(header: header, body: body, offset: 0), leaf, step: Int(head[6] >> 2) + 1)
  }

  private func decode(_ raw: RawPage, _ leaf: LeafColumn, step: Int) throws(ParquetError) {
    let limits = FuzzTarget.options.limits
    let entries = [UInt8](repeating: 7, count: 40 * 16)
    let offsets: [UInt8] = (0...16).flatMap { [UInt8($0 * 5), 0, 0, 0] as [UInt8] }
    let storage: Column.Storage =
      leaf.type == .byteArray
      ? .variable(offsets: Bytes(offsets), data: Bytes(entries)) : .fixed(Bytes(entries), width: leaf.slotWidth)
    let dictionary = PageDictionary(values: Column(count: 16, validity: nil, storage: storage), chunk: 1)
    guard
      var page = try OpenPage(raw, leaf: leaf, codec: .uncompressed, dictionary: dictionary, limits: limits)
    else { return }
    let levels = LevelBuffer(hasRepetitions: leaf.maxRepetitionLevel > 0)
    let builder = try ColumnBuilder(leaf.layout, capacity: 0, byteLimit: limits.batchBytes)
    while page.entriesLeft > 0 {
      let take = min(step, page.entriesLeft)
      levels.removeAll()
      try levels.reserve(take, limit: limits.batchBytes)
      try page.decodeLevels(take, leaf: leaf, into: levels)
      let maximum = UInt8(leaf.maxDefinitionLevel)
      let valid = (0..<take).count { levels.definitions[$0] == maximum }
      if page.entriesLeft % 3 == 0 {
        try page.values.skip(valid)
      } else {
        try builder.reserve(valid)
        try page.values.decode(valid, into: builder)
        builder.advanceValid(valid)
      }
      page.entriesLeft -= take
    }
    _ = builder.finish()
  }

  private func file(_ bytes: Bytes) async -> Int {
    var count = 0
    var options = FuzzTarget.options
    options.fetchBytes = 64 << 10
    let source = MemorySource(bytes)
    guard let reader = try? await NativeParquetCodec(readerOptions: options).openReader(source) else { return 0 }
    var selection = RowSelection()
    if bytes.count % 4 == 0 { selection.dictionaryFields = Set(reader.metadata.schema.fields.indices) }
    if let rows = try? reader.rows(selection) {
      while let batch = try? await rows.next(limit: 1000) { count += batch.rowCount }
    }
    // One broken column hides the others: each is read by itself as well.
    for field in reader.metadata.schema.fields.indices.prefix(8) {
      guard let rows = try? reader.rows(RowSelection(fields: [field])) else { continue }
      while let batch = try? await rows.next(limit: 777) { count += batch.rowCount }
    }
    return count
  }
}

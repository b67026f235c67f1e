internal import ByteBuffers

extension FileMetadata {
  /// Decodes a footer; offsets in errors count from its start.
  init(footer: Bytes, limits: ReaderLimits) throws(ParquetError) {
    var reader = CompactReader(footer.span)
    self.init(
      version: 0,
      schema: ParquetSchema([]),
      rowCount: -1,
      rowGroups: [],
      keyValues: [],
      createdBy: nil
    )
    var previous: Int16 = 0
    var hasSchema = false
    var orders: [ColumnOrder?] = []
    var algorithm: EncryptionInfo.Algorithm?
    var keyMetadata: Bytes?
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1: version = try reader.int32(field)
      case 2:
        schema = try ParquetSchema(reading: &reader, field, limits: limits)
        hasSchema = true
      case 3: rowCount = try reader.int64(field)
      case 4:
        let count = try reader.list(field, of: .structure)
        rowGroups = []
        rowGroups.reserveCapacity(min(count, CompactReader.trustedCount))
        for _ in 0..<count { rowGroups.append(try RowGroup(reading: &reader, footer: footer)) }
      case 5: keyValues = try FileMetadata.readKeyValues(&reader, field)
      case 6: createdBy = try reader.text(field)
      case 7: orders = try FileMetadata.readOrders(&reader, field)
      case 8: algorithm = try EncryptionInfo.Algorithm(reading: &reader, field) ?? .unknown(0)
      case 9: keyMetadata = footer[try reader.binary(field)]
      default: try reader.skip(field.type)
      }
    }
    guard hasSchema, rowCount >= 0 else { throw .corrupt("The footer lacks its schema or its row count.", offset: 0) }
    encryption = algorithm.map { EncryptionInfo(algorithm: $0, footerKeyMetadata: keyMetadata) }
    columnOrders = schema.leaves.indices.map { orders.indices.contains($0) ? orders[$0] : nil }
    try checkRows()
  }

  /// Every row group has a chunk for each leaf, and all rows together can be counted.
  private func checkRows() throws(ParquetError) {
    var total: Int64 = 0
    for (index, group) in rowGroups.enumerated() {
      guard group.columns.count == schema.leaves.count, group.rowCount >= 0 else {
        throw ParquetError.corrupt(
          "The row group has \(group.columns.count) column chunks and \(group.rowCount) rows; "
            + "the schema has \(schema.leaves.count) leaves."
        ).located(rowGroup: index)
      }
      let (sum, overflow) = total.addingReportingOverflow(group.rowCount)
      guard !overflow else { throw .corrupt("The row groups have more rows than can be counted.", offset: 0) }
      total = sum
    }
  }

  @_lifetime(reader: copy reader)
  fileprivate static func readKeyValues(
    _ reader: inout CompactReader,
    _ field: CompactReader.Field
  ) throws(ParquetError) -> [KeyValue] {
    var pairs: [KeyValue] = []
    for _ in 0..<(try reader.list(field, of: .structure)) {
      var pair = KeyValue(key: "", value: nil)
      var previous: Int16 = 0
      while let field = try reader.field(after: &previous) {
        switch field.id {
        case 1: pair.key = try reader.text(field)
        case 2: pair.value = try reader.text(field)
        default: try reader.skip(field.type)
        }
      }
      pairs.append(pair)
    }
    return pairs
  }

  @_lifetime(reader: copy reader)
  private static func readOrders(
    _ reader: inout CompactReader,
    _ field: CompactReader.Field
  ) throws(ParquetError) -> [ColumnOrder?] {
    let count = try reader.list(field, of: .structure)
    var orders: [ColumnOrder?] = []
    orders.reserveCapacity(min(count, CompactReader.trustedCount))
    for _ in 0..<count {
      var order: ColumnOrder?
      var previous: Int16 = 0
      while let member = try reader.field(after: &previous) {
        order = ColumnOrder(member: member.id)
        try reader.skip(member.type)
      }
      orders.append(order)
    }
    return orders
  }
}

extension RowGroup {
  @_lifetime(reader: copy reader)
  init(reading reader: inout CompactReader, footer: Bytes) throws(ParquetError) {
    self.init(columns: [], totalByteSize: 0, rowCount: -1, sortingColumns: [])
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1:
        let count = try reader.list(field, of: .structure)
        columns = []
        columns.reserveCapacity(min(count, CompactReader.trustedCount))
        for _ in 0..<count { columns.append(try ColumnChunk(reading: &reader, footer: footer)) }
      case 2: totalByteSize = try reader.int64(field)
      case 3: rowCount = try reader.int64(field)
      case 4: sortingColumns = try RowGroup.readSorting(&reader, field)
      default: try reader.skip(field.type)
      }
    }
  }

  @_lifetime(reader: copy reader)
  private static func readSorting(
    _ reader: inout CompactReader,
    _ field: CompactReader.Field
  ) throws(ParquetError) -> [SortingColumn] {
    var result: [SortingColumn] = []
    for _ in 0..<(try reader.list(field, of: .structure)) {
      var column = SortingColumn(leaf: 0, isDescending: false, nullsFirst: false)
      var previous: Int16 = 0
      while let field = try reader.field(after: &previous) {
        switch field.id {
        case 1: column.leaf = try reader.int32(field)
        case 2: column.isDescending = try reader.boolean(field)
        case 3: column.nullsFirst = try reader.boolean(field)
        default: try reader.skip(field.type)
        }
      }
      result.append(column)
    }
    return result
  }
}

extension ColumnChunk {
  @_lifetime(reader: copy reader)
  init(reading reader: inout CompactReader, footer: Bytes) throws(ParquetError) {
    self.init(
      encodings: [],
      codec: .uncompressed,
      valueCount: -1,
      uncompressedSize: -1,
      compressedSize: -1,
      dataPageOffset: -1
    )
    var previous: Int16 = 0
    var hasMetadata = false
    var offsets: (offset: Int64?, column: Int64?) = (nil, nil)
    var lengths: (offset: Int32?, column: Int32?) = (nil, nil)
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1: filePath = try reader.text(field)
      case 3:
        try reader.structure(field)
        try readMetadata(&reader, footer: footer)
        hasMetadata = true
      case 4: offsets.offset = try reader.int64(field)
      case 5: lengths.offset = try reader.int32(field)
      case 6: offsets.column = try reader.int64(field)
      case 7: lengths.column = try reader.int32(field)
      case 8: encryption = try ColumnEncryption(reading: &reader, field, from: footer)
      case 9:
        encryption = encryption ?? .unknown
        try reader.skip(field.type)
      default: try reader.skip(field.type)
      }
    }
    offsetIndex = offsets.offset.map { IndexLocation(offset: $0, length: lengths.offset) }
    columnIndex = offsets.column.map { IndexLocation(offset: $0, length: lengths.column) }
    guard hasMetadata || isEncrypted else { throw .corrupt("A column chunk has no metadata.", offset: reader.offset) }
  }

  @_lifetime(reader: copy reader)
  private mutating func readMetadata(_ reader: inout CompactReader, footer: Bytes) throws(ParquetError) {
    var bloomOffset: Int64?
    var bloomLength: Int32?
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1:
        let raw = try reader.int32(field)
        guard let known = PhysicalType(rawValue: raw) else {
          throw .corrupt("Unknown physical type \(raw).", offset: reader.offset)
        }
        type = known
      case 2:
        let count = try reader.list(field, of: .int32)
        encodings = []
        encodings.reserveCapacity(min(count, CompactReader.trustedCount))
        for _ in 0..<count {
          encodings.append(Encoding(rawValue: Int32(truncatingIfNeeded: try reader.zigzag())))
        }
      case 4: codec = CompressionCodec(rawValue: try reader.int32(field))
      case 5: valueCount = try reader.int64(field)
      case 6: uncompressedSize = try reader.int64(field)
      case 7: compressedSize = try reader.int64(field)
      case 8: keyValues = try FileMetadata.readKeyValues(&reader, field)
      case 9: dataPageOffset = try reader.int64(field)
      case 11: dictionaryPageOffset = try reader.int64(field)
      case 12:
        try reader.structure(field)
        statistics = try Statistics(reading: &reader, from: footer)
      // Drafts of the format used these numbers for other things.
      case 14 where field.type == .int64: bloomOffset = try reader.int64(field)
      case 15 where field.type == .int32: bloomLength = try reader.int32(field)
      case 16 where field.type == .structure: sizeStatistics = try SizeStatistics(reading: &reader)
      default: try reader.skip(field.type)
      }
    }
    bloomFilter = bloomOffset.map { IndexLocation(offset: $0, length: bloomLength) }
  }
}

extension Statistics {
  /// Decodes statistics; bounds are slices of `whole`, whose span the reader walks.
  @_lifetime(reader: copy reader)
  init(reading reader: inout CompactReader, from whole: Bytes) throws(ParquetError) {
    self.init()
    var previous: Int16 = 0
    while let field = try reader.field(after: &previous) {
      switch field.id {
      case 1: max = whole[try reader.binary(field)]
      case 2: min = whole[try reader.binary(field)]
      case 3: nullCount = try reader.int64(field)
      case 4: distinctCount = try reader.int64(field)
      case 5: maxValue = whole[try reader.binary(field)]
      case 6: minValue = whole[try reader.binary(field)]
      case 7: isMaxValueExact = try reader.boolean(field)
      case 8: isMinValueExact = try reader.boolean(field)
      case 9 where field.type == .int64: nanCount = try reader.int64(field)
      default: try reader.skip(field.type)
      }
    }
  }
}

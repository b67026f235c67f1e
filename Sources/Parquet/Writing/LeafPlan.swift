/// How one leaf is written, settled before the first row.
struct LeafPlan {
  /// How the slots of its columns lie in memory.
  enum Layout: Equatable {
    case fixed(width: Int)
    case variable
  }

  let leaf: LeafColumn
  /// The way from its field down to the leaf.
  let path: ValuePath
  let layout: Layout
  let column: WriterProperties.ColumnProperties
  let pageVersion: WriterProperties.PageVersion
  let pageBytes: Int
  let pageRows: Int
  let dictionaryBytes: Int
  let writesChecksums: Bool
  let writesSizeStatistics: Bool
  /// Values that a bloom filter is begun for.
  let filteredValues: Int

  /// Name of the top-level field.
  var field: String { leaf.path.first ?? "" }

  /// Whether the leaf itself can be null: in a list, whether an element can.
  var hasNullableValues: Bool { path.isNullable }

  /// Bytes of a value in a bloom filter's eyes; nil for BYTE_ARRAY.
  var filteredWidth: Int? { if case .fixed(let width) = layout { width } else { nil } }

  /// Booleans take one bit in PLAIN already.
  var usesDictionary: Bool { column.usesDictionary && leaf.type != .boolean }

  /// Whether a page's values are those of a column just as they lie there.
  var hasBorrowableValues: Bool {
    guard case .fixed = layout, leaf.type != .boolean else { return false }
    return column.encoding == .plain && column.writesBloomFilter == nil
  }

  /// Rows of a page of a flat column whose values have one width; nil when the bytes have to be counted.
  var fixedPageRows: Int? {
    guard path.isFlat, case .fixed(let width) = layout else { return nil }
    let rows = leaf.type == .boolean ? pageBytes * 8 : pageBytes / width
    return min(pageRows, max(1, rows))
  }

  init(_ leaf: LeafColumn, _ path: ValuePath, field: Int, _ properties: WriterProperties) {
    self.leaf = leaf
    self.path = path
    switch leaf.type {
    case .boolean: layout = .fixed(width: 1)
    case .int32, .float: layout = .fixed(width: 4)
    case .int64, .double: layout = .fixed(width: 8)
    case .int96: layout = .fixed(width: 12)
    case .fixedLengthByteArray: layout = .fixed(width: leaf.length)
    case .byteArray: layout = .variable
    }
    column = properties.leaves[leaf.index] ?? properties.columns[field] ?? properties.defaults
    pageVersion = properties.pageVersion
    pageBytes = properties.pageBytes
    pageRows = properties.pageRows
    dictionaryBytes = properties.dictionaryBytes
    writesChecksums = properties.writesChecksums
    writesSizeStatistics = properties.writesSizeStatistics
    filteredValues = column.writesBloomFilter?.distinctValues ?? properties.rowGroupRows
  }
}

internal import ByteBuffers

/// The slots of one leaf while they are gathered, as values or as indices of a dictionary.
final class LeafOutput {
  private let leaf: LeafColumn
  private let byteLimit: Int
  /// Values, or indices where a dictionary is kept.
  private let slots: ColumnBuilder
  private var dictionaries: DictionaryCollector?

  init(
    _ leaf: LeafColumn,
    expected: ColumnBuilder.Expectation,
    keepsDictionary: Bool,
    byteLimit: Int,
    allowance: BatchAllowance
  ) throws(ParquetError) {
    self.leaf = leaf
    self.byteLimit = byteLimit
    let keeps = keepsDictionary && leaf.type != .boolean
    slots = try ColumnBuilder(
      keeps ? .fixed(width: 4) : leaf.layout,
      capacity: 0,
      expected: expected,
      byteLimit: byteLimit,
      allowance: allowance
    )
    dictionaries = keeps ? DictionaryCollector(leaf, byteLimit: byteLimit, allowance: allowance) : nil
  }

  /// Appends slots that all hold values.
  func append(valid count: Int, from values: ValueDecoder) throws(ParquetError) {
    if dictionaries == nil, slots.isWhole(count), let run = try values.run(count) { return try slots.adopt(run) }
    try slots.reserve(count)
    try decode(count, from: values)
    slots.advanceValid(count)
  }

  /// Appends slots whose levels are one bit each.
  func append(
    _ count: Int,
    levels: inout LevelDecoder,
    from values: ValueDecoder
  ) throws(ParquetError) {
    try slots.reserve(count)
    let valid = try slots.decodeValidity(count, from: &levels)
    if valid > 0 { try decode(valid, from: values) }
    slots.spread(count, valid: valid)
  }

  /// Appends slots whose values go from the file, or from the codec, straight to their places.
  func append(_ count: Int, levels: inout LevelDecoder?, from values: PendingValues) async throws(ParquetError) {
    if levels == nil, slots.isWhole(count), let run = try values.run(count) { return try slots.adopt(run) }
    try slots.reserve(count)
    guard var decoder = levels else {
      try await values.decode(count, into: slots)
      return slots.advanceValid(count)
    }
    let valid = try slots.decodeValidity(count, from: &decoder)
    levels = decoder
    if valid > 0 { try await values.decode(valid, into: slots) }
    slots.spread(count, valid: valid)
  }

  /// Appends slots; `flags` says which of them hold a value.
  func append(
    _ count: Int,
    valid: Int,
    flags: UnsafePointer<UInt8>,
    from values: ValueDecoder
  ) throws(ParquetError) {
    guard count > 0 else { return }
    try slots.reserve(count)
    slots.appendValidity(flags, count: count, valid: valid)
    if valid > 0 { try decode(valid, from: values) }
    slots.spread(count, valid: valid)
  }

  private func decode(_ count: Int, from values: ValueDecoder) throws(ParquetError) {
    if dictionaries != nil {
      try dictionaries?.decode(count, from: values, into: slots)
    } else {
      try values.decode(count, into: slots)
    }
  }

  /// The finished column; the output must not be used any more.
  func finish() throws(ParquetError) -> Column {
    let column = slots.finish()
    guard let dictionaries, case .fixed(let indices, _) = column.storage else { return column }
    return Column(
      count: column.count,
      validity: column.validity,
      storage: .dictionary(indices: indices, values: try dictionaries.finish())
    )
  }
}

/// One dictionary for the pages of a batch: those of several chunks one behind the other, and values of pages without a
/// dictionary behind them as they come.
struct DictionaryCollector {
  private let leaf: LeafColumn
  private let byteLimit: Int
  private let allowance: BatchAllowance
  private var parts: [Column] = []
  private var count = 0
  /// First index of the current chunk's dictionary, and which chunk that is.
  private var current: (chunk: Int, base: UInt32)?

  init(_ leaf: LeafColumn, byteLimit: Int, allowance: BatchAllowance) {
    self.leaf = leaf
    self.byteLimit = byteLimit
    self.allowance = allowance
  }

  mutating func decode(_ added: Int, from values: ValueDecoder, into indices: ColumnBuilder) throws(ParquetError) {
    let target = indices.nextSlot.assumingMemoryBound(to: UInt32.self)
    if let decoder = values as? DictionaryDecoder {
      if current?.chunk != decoder.chunk {
        current = (decoder.chunk, UInt32(truncatingIfNeeded: count))
        try append(decoder.dictionary)
      }
      try decoder.decodeIndices(added, base: current?.base ?? 0, into: target)
      return
    }
    let plain = try ColumnBuilder(leaf.layout, capacity: added, byteLimit: byteLimit, allowance: allowance)
    try values.decode(added, into: plain)
    plain.advanceValid(added)
    for index in 0..<added { target[index] = UInt32(truncatingIfNeeded: count &+ index) }
    try append(plain.finish())
  }

  private mutating func append(_ part: Column) throws(ParquetError) {
    parts.append(part)
    count += part.count
    guard count <= Int(Int32.max) else {
      throw ParquetError(.limitExceeded, "The dictionaries of a batch have more than 2^31 values. Read fewer rows.")
    }
  }

  func finish() throws(ParquetError) -> Column {
    if let part = parts.first, parts.count == 1 { return part }
    let result = try ColumnBuilder(leaf.layout, capacity: count, byteLimit: byteLimit, allowance: allowance)
    for part in parts { try result.append(values: part) }
    return result.finish()
  }
}

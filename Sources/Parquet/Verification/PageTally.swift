internal import ByteBuffers

/// What was counted in a page, or in all pages of a chunk.
struct PageTally {
  /// Level entries.
  var entries: Int64 = 0
  /// Rows that begin here.
  var rows: Int64 = 0
  /// Values that are not null.
  var values: Int64 = 0
  /// Entries of lists that are null or empty: they have no slot.
  var slotless: Int64 = 0
  /// Whether the first entry goes on with a row of the page before.
  var continuesRow = false
  /// Bytes of BYTE_ARRAY values without their lengths.
  var byteArrayBytes: Int64 = 0
  /// How often each level occurs.
  var repetitions: [Int64]
  var definitions: [Int64]
  var extremes: ValueExtremes

  init(_ leaf: LeafColumn, _ order: ValueOrder) {
    repetitions = Array(repeating: 0, count: leaf.maxRepetitionLevel + 1)
    definitions = Array(repeating: 0, count: leaf.maxDefinitionLevel + 1)
    extremes = ValueExtremes(order)
  }

  /// Entries without a value, those of null and empty lists included.
  var nulls: Int64 { entries - values }

  mutating func add(_ page: PageTally) {
    entries += page.entries
    rows += page.rows
    values += page.values
    slotless += page.slotless
    byteArrayBytes += page.byteArrayBytes
    for level in repetitions.indices { repetitions[level] += page.repetitions[level] }
    for level in definitions.indices { definitions[level] += page.definitions[level] }
    extremes.add(page.extremes)
  }
}

/// Decodes the pages of one chunk and counts what is in them.
struct PageTallier {
  /// Most entries decoded at a time.
  private static let batch = 4096
  /// Bytes of values decoded at a time, as far as they can be told before.
  private static let batchBytes = 32 << 20

  let reading: LeafReading
  let order: ValueOrder
  let limits: ReaderLimits
  /// Bytes of the dictionary's longest value.
  var longestEntry = 0
  /// Definition level of the entry before the next one.
  private var previous: UInt8 = 0
  private let levels: LevelBuffer

  init(_ reading: LeafReading, _ order: ValueOrder, limits: ReaderLimits) {
    self.reading = reading
    self.order = order
    self.limits = limits
    levels = LevelBuffer(hasRepetitions: reading.leaf.maxRepetitionLevel > 0)
  }

  /// Decodes a page to its end; `inspect` is given its values, batch by batch.
  mutating func tally(
    _ opened: OpenPage,
    _ inspect: (Column) -> Void
  ) throws(ParquetError) -> PageTally {
    var page = opened
    let leaf = reading.leaf
    var tally = PageTally(leaf, order)
    let isDictionary = page.values is DictionaryDecoder
    let most = isDictionary ? max(1, PageTallier.batchBytes / max(1, longestEntry)) : PageTallier.batch
    while page.entriesLeft > 0 {
      let take = min(page.entriesLeft, PageTallier.batch, most)
      levels.removeAll()
      try levels.reserve(take, limit: limits.batchBytes)
      try page.decodeLevels(take, leaf: leaf, into: levels)
      page.entriesLeft -= take
      let values = try count(take, into: &tally)
      guard values > 0 else { continue }
      let builder = try ColumnBuilder(leaf.layout, capacity: values, byteLimit: limits.batchBytes)
      try page.values.decode(values, into: builder)
      builder.advanceValid(values)
      let column = builder.finish()
      if case .variable(_, let data) = column.storage { tally.byteArrayBytes += Int64(data.count) }
      tally.extremes.add(column)
      inspect(column)
    }
    return tally
  }

  /// Counts the levels in the buffer and returns how many of its entries hold a value.
  private mutating func count(_ entries: Int, into tally: inout PageTally) throws(ParquetError) -> Int {
    let leaf = reading.leaf
    if tally.entries == 0, let first = levels.repetitions?[0], first != 0 { tally.continuesRow = true }
    var definitions = [Int64](repeating: 0, count: 256)
    for index in 0..<entries { definitions[Int(levels.definitions[index])] += 1 }
    for level in tally.definitions.indices { tally.definitions[level] += definitions[level] }
    for level in 0..<reading.slotLevel { tally.slotless += definitions[level] }
    let values = Int(definitions[leaf.maxDefinitionLevel])
    tally.values += Int64(values)
    tally.entries += Int64(entries)
    guard let repetitions = levels.repetitions else {
      tally.rows += Int64(entries)
      tally.repetitions[0] += Int64(entries)
      return values
    }
    var counts = [Int64](repeating: 0, count: 256)
    for index in 0..<entries { counts[Int(repetitions[index])] += 1 }
    for level in tally.repetitions.indices { tally.repetitions[level] += counts[level] }
    tally.rows += counts[0]
    let found = reading.entryLevels.withUnsafeBufferPointer { entryLevels in
      entryLevels.baseAddress.flatMap {
        scanRows(
          levels.definitions,
          repetitions,
          0..<entries,
          rows: .max,
          entryLevels: $0,
          previous: &previous
        )
      }
    }
    guard found != nil else { throw .corrupt("An element continues a list that is null or empty.") }
    return values
  }
}

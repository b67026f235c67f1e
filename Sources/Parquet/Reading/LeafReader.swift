internal import ByteBuffers

/// Reads one leaf, batch by batch: its slots, and its levels where they are asked for.
final class LeafReader {
  /// Most entries whose levels are decoded ahead.
  private static let batch = 4096

  let cursor: LeafCursor
  private let slotLevel: UInt8
  private let entryLevels: [UInt8]
  private let keepsLevels: Bool
  private let keepsDictionary: Bool
  private let limits: ReaderLimits

  /// Levels that were decoded ahead, from `position` on, and the values of the page they belong to.
  private var ahead: LevelBuffer?
  private var position = 0
  private var values: ValueDecoder?
  /// Definition level of the entry before the next one.
  private var previous: UInt8 = 0
  private let flags = BufferPool.shared.take(LeafReader.batch)

  /// Creates a reader.
  ///
  /// - Parameters:
  ///   - cursor: the leaf's pages.
  ///   - slotLevel: definition level from which on an entry has a slot.
  ///   - entryLevels: definition level from which on the list of a repetition level has an entry.
  ///   - keepsLevels: whether batches have levels.
  ///   - keepsDictionary: whether slots are delivered as indices of a dictionary.
  ///   - limits: how much is taken from the file.
  init(
    _ cursor: LeafCursor,
    slotLevel: Int,
    entryLevels: [UInt8],
    keepsLevels: Bool,
    keepsDictionary: Bool,
    limits: ReaderLimits
  ) throws(ParquetError) {
    let leaf = cursor.leaf
    guard leaf.maxDefinitionLevel < 255, leaf.maxRepetitionLevel < 255 else {
      throw ParquetError(.unsupported, "A column is nested in 255 levels or more.", column: leaf.dottedPath)
    }
    self.cursor = cursor
    self.slotLevel = UInt8(slotLevel)
    self.entryLevels = entryLevels
    self.keepsLevels = keepsLevels
    self.keepsDictionary = keepsDictionary
    self.limits = limits
  }

  /// Whether one bit a row is all that stands beside the values.
  private var isFlat: Bool {
    cursor.leaf.maxRepetitionLevel == 0 && cursor.leaf.maxDefinitionLevel <= 1 && !keepsLevels
  }

  /// Forgets where it is, so that rows that were read can be read again.
  func rewind() {
    cursor.close()
  }

  /// Reads some rows.
  func read(_ parts: [RowPart], _ allowance: BatchAllowance) async throws(ParquetError) -> LeafBatch {
    do throws(ParquetError) {
      let output = try LeafOutput(
        cursor.leaf,
        capacity: RowPart.rows(parts),
        keepsDictionary: keepsDictionary,
        byteLimit: limits.batchBytes,
        allowance: allowance
      )
      let hasRepetitions = cursor.leaf.maxRepetitionLevel > 0
      let levels = keepsLevels ? LevelBuffer(hasRepetitions: hasRepetitions, allowance: allowance) : nil
      for part in parts {
        if cursor.plan !== part.plan {
          try await leave()
          try enter(part.plan)
        }
        for rows in part.rows {
          try await read(rows.lowerBound - cursor.rowsBegun, into: nil, levels: nil)
          try await read(rows.count, into: output, levels: levels)
        }
      }
      return LeafBatch(column: try output.finish(), levels: levels)
    } catch {
      throw cursor.located(error)
    }
  }

  private func read(_ rows: Int, into output: LeafOutput?, levels: LevelBuffer?) async throws(ParquetError) {
    if isFlat {
      try await readFlat(rows, into: output)
    } else {
      try await readNested(rows, into: output, levels: levels)
    }
  }

  private func enter(_ plan: RowGroupPlan) throws(ParquetError) {
    ahead?.removeAll()
    position = 0
    values = nil
    previous = 0
    try cursor.open(plan)
  }

  /// Checks what was read of the current row group once no more of it is.
  private func leave() async throws(ParquetError) {
    guard let plan = cursor.plan else { return }
    if cursor.rowsBegun == plan.rowCount {
      guard isBetweenRows, cursor.isAtChunkEnd else {
        throw .corrupt("The column has more rows than its row groups.")
      }
    } else if cursor.leaf.maxRepetitionLevel > 0, plan.pages[cursor.leaf.index] != nil {
      try await finishPage()
    }
  }

  /// Steps over the rest of a page of lists, to see whether it has the rows that the index says.
  private func finishPage() async throws(ParquetError) {
    while !isBetweenRows || cursor.page.map({ $0.entriesLeft > 0 }) ?? false {
      guard try await fill(), let (range, _) = try scan(rows: .max) else { return }
      try consume(range, into: nil, levels: nil)
    }
    try cursor.checkRowsAgainstMap()
  }

  /// Checks that no row is left of a row group that was read to its end.
  func finish() async throws(ParquetError) {
    do throws(ParquetError) {
      try await leave()
    } catch {
      throw cursor.located(error)
    }
  }

  private func ended(_ missing: Int) -> ParquetError {
    .corrupt("The column ends \(missing) rows early.")
  }

  // MARK: - One entry a row, one bit a level

  private func readFlat(_ rows: Int, into output: LeafOutput?) async throws(ParquetError) {
    var left = rows
    while left > 0 {
      if output == nil { left -= try await cursor.skipPages(rows: left) }
      guard left > 0 else { return }
      guard try await cursor.advance(), var page = cursor.page else { throw ended(left) }
      let take = min(page.entriesLeft, left)
      if let output {
        try decode(take, from: &page, into: output)
      } else {
        try page.skip(take, maximum: UInt8(cursor.leaf.maxDefinitionLevel))
      }
      page.entriesLeft -= take
      cursor.page = page
      try cursor.countRows(take)
      left -= take
    }
  }

  private func decode(_ count: Int, from page: inout OpenPage, into output: LeafOutput) throws(ParquetError) {
    guard var levels = page.definitionLevels else {
      try output.append(valid: count, from: page.values)
      return
    }
    try output.append(count, levels: &levels, from: page.values)
    page.definitionLevels = levels
  }

  // MARK: - Levels of one byte

  private func readNested(_ rows: Int, into output: LeafOutput?, levels: LevelBuffer?) async throws(ParquetError) {
    guard rows > 0 else { return }
    var begun = 0
    while true {
      if output == nil, isBetweenRows, begun < rows {
        begun += try await cursor.skipPages(rows: rows - begun)
        if begun == rows { return }
      }
      if begun == rows, isBetweenRows, cursor.isAtRowEnd { return }
      guard try await fill() else {
        if begun < rows { throw ended(rows - begun) }
        return
      }
      guard let (range, started) = try scan(rows: rows - begun) else { return }
      begun += started
      try consume(range, into: output, levels: levels)
    }
  }

  /// Whether no decoded level waits; true at the end of a page.
  private var isBetweenRows: Bool { ahead.map { position == $0.count } ?? true }

  /// Decodes the next levels when all were consumed; false at the end.
  private func fill() async throws(ParquetError) -> Bool {
    guard isBetweenRows else { return true }
    guard try await cursor.advance(), var page = cursor.page else { return false }
    let buffer = ahead ?? LevelBuffer(hasRepetitions: cursor.leaf.maxRepetitionLevel > 0)
    let take = min(page.entriesLeft, LeafReader.batch)
    buffer.removeAll()
    try buffer.reserve(take, limit: limits.batchBytes)
    try page.decodeLevels(take, leaf: cursor.leaf, into: buffer)
    page.entriesLeft -= take
    // The values of these entries are decoded when they are consumed, from the page they belong to.
    values = page.values
    cursor.page = page
    ahead = buffer
    position = 0
    return true
  }

  /// The waiting entries up to the start of a row too many, and the rows they begin; nil when that comes first.
  private func scan(rows: Int) throws(ParquetError) -> (Range<Int>, Int)? {
    guard let ahead else { return nil }
    let start = position
    guard let repetitions = ahead.repetitions else {
      let end = start + min(rows, ahead.count - start)
      position = end
      guard end > start else { return nil }
      try cursor.countRows(end - start)
      return (start..<end, end - start)
    }
    if cursor.mustBeginRow, repetitions[start] != 0 {
      throw .corrupt("A list begins with an element that continues one.")
    }
    let found = entryLevels.withUnsafeBufferPointer { levels in
      levels.baseAddress.flatMap {
        scanRows(
          ahead.definitions,
          repetitions,
          start..<ahead.count,
          rows: rows,
          entryLevels: $0,
          previous: &previous
        )
      }
    }
    guard let found else { throw .corrupt("An element continues a list that is null or empty.") }
    try cursor.countRows(found.begun)
    position = found.end
    return found.end > start ? (start..<found.end, found.begun) : nil
  }

  private func consume(_ range: Range<Int>, into output: LeafOutput?, levels: LevelBuffer?) throws(ParquetError) {
    guard let ahead, let values else { return }
    let flags = self.flags.base.assumingMemoryBound(to: UInt8.self)
    let (slots, valid) = slotFlags(
      ahead.definitions,
      range,
      slotLevel: slotLevel,
      maximum: UInt8(cursor.leaf.maxDefinitionLevel),
      into: flags
    )
    guard let output else {
      try values.skip(valid)
      return
    }
    if let levels {
      try levels.reserve(range.count, limit: limits.batchBytes)
      levels.append(ahead, range)
    }
    try output.append(slots, valid: valid, flags: flags, from: values)
  }
}

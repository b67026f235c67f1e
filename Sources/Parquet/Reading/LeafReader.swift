internal import ByteBuffers

/// Reads one leaf, batch by batch: its slots, and its levels where they are asked for.
final class LeafReader {
  /// Most entries whose levels are decoded ahead.
  static let batch = 4096

  let cursor: LeafCursor
  let slotLevel: UInt8
  let entryLevels: [UInt8]
  private let keepsLevels: Bool
  private let keepsDictionary: Bool
  let limits: ReaderLimits

  /// Levels that were decoded ahead, from `position` on, and the values of the page they belong to.
  var ahead: LevelBuffer?
  var position = 0
  var values: ValueDecoder?
  /// Definition level of the entry before the next one.
  var previous: UInt8 = 0
  let flags = BufferPool.shared.take(LeafReader.batch)

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
    cursor.readsInPlace = !keepsDictionary
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
        expected: cursor.expectation(of: parts),
        keepsDictionary: keepsDictionary,
        byteLimit: limits.batchBytes,
        allowance: allowance
      )
      let hasRepetitions = cursor.leaf.maxRepetitionLevel > 0
      let highest = UInt8(cursor.leaf.maxDefinitionLevel)
      let levels =
        keepsLevels ? LevelBuffer(hasRepetitions: hasRepetitions, highest: highest, allowance: allowance) : nil
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

  /// Checks that no row is left of a row group that was read to its end.
  func finish() async throws(ParquetError) {
    do throws(ParquetError) {
      try await leave()
    } catch {
      throw cursor.located(error)
    }
  }

  func ended(_ missing: Int) -> ParquetError {
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
        try await decode(take, from: &page, into: output)
      } else {
        try await page.skip(take, maximum: UInt8(cursor.leaf.maxDefinitionLevel))
      }
      page.entriesLeft -= take
      cursor.page = page
      try cursor.countRows(take)
      left -= take
    }
  }

  private func decode(
    _ count: Int,
    from page: inout OpenPage,
    into output: LeafOutput
  ) async throws(ParquetError) {
    if let pending = page.pending {
      try await output.append(count, levels: &page.definitionLevels, from: pending)
    } else if var levels = page.definitionLevels {
      try output.append(count, levels: &levels, from: page.values)
      page.definitionLevels = levels
    } else {
      try output.append(valid: count, from: page.values)
    }
  }
}

internal import ByteBuffers

/// Leaves whose levels take more than one bit: those in lists or structures.
extension LeafReader {
  /// What became of the next entries.
  private enum Step {
    /// They were taken, and began so many rows.
    case taken(Int)
    /// They begin a row too many.
    case atRow
    /// There are none.
    case ended
  }

  func readNested(_ rows: Int, into output: LeafOutput?, levels: LevelBuffer?) async throws(ParquetError) {
    guard rows > 0 else { return }
    var begun = 0
    while true {
      if output == nil, isBetweenRows, begun < rows {
        begun += try await cursor.skipPages(rows: rows - begun)
        if begun == rows { return }
      }
      if begun == rows, isBetweenRows, cursor.isAtRowEnd { return }
      switch try await step(rows: rows - begun, into: output, levels: levels) {
      case .taken(let more): begun += more
      case .atRow: return
      case .ended:
        if begun < rows { throw ended(rows - begun) }
        return
      }
    }
  }

  /// Steps over the rest of a page of lists, to see whether it has the rows that the index says.
  func finishPage() async throws(ParquetError) {
    while !isBetweenRows || cursor.page.map({ $0.entriesLeft > 0 }) ?? false {
      guard case .taken = try await step(rows: .max, into: nil, levels: nil) else { return }
    }
    try cursor.checkRowsAgainstMap()
  }

  /// Takes entries of a page, up to the first of a row too many.
  private func step(rows: Int, into output: LeafOutput?, levels: LevelBuffer?) async throws(ParquetError) -> Step {
    if isBetweenRows, let dense = try await stepDense(rows: rows, into: output, levels: levels) { return dense }
    guard try await fill() else { return .ended }
    guard let (range, begun) = try scan(rows: rows) else { return .atRow }
    try consume(range, into: output, levels: levels)
    return .taken(begun)
  }

  /// Takes entries of a page of which every one holds a value; nil where that is not so.
  private func stepDense(
    rows: Int,
    into output: LeafOutput?,
    levels: LevelBuffer?
  ) async throws(ParquetError) -> Step? {
    guard cursor.leaf.maxRepetitionLevel == 1, try await cursor.advance(), var page = cursor.page else { return nil }
    guard var dense = try page.denseLevels(cursor.leaf) else {
      cursor.page = page
      return nil
    }
    if dense.continuesRow {
      guard !cursor.mustBeginRow else { throw .corrupt("A list begins with an element that continues one.") }
      guard previous >= entryLevels[1] else {
        throw .corrupt("An element continues a list that is null or empty.")
      }
    }
    let (count, begun) = try dense.take(rows: rows, into: levels, limit: limits.batchBytes)
    guard count > 0 else {
      cursor.page = page
      return .atRow
    }
    previous = UInt8(cursor.leaf.maxDefinitionLevel)
    try cursor.countRows(begun)
    if let output {
      try await append(count, of: page, to: output)
    } else {
      try await page.skip(valid: count)
    }
    page.density = .dense(dense)
    page.entriesLeft -= count
    cursor.page = page
    return .taken(begun)
  }

  private func append(_ count: Int, of page: OpenPage, to output: LeafOutput) async throws(ParquetError) {
    guard let pending = page.pending else { return try output.append(valid: count, from: page.values) }
    var levels: LevelDecoder?
    try await output.append(count, levels: &levels, from: pending)
  }

  /// Whether no decoded level waits; true at the end of a page.
  var isBetweenRows: Bool { ahead.map { position == $0.count } ?? true }

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
    values = try await page.pending?.rest() ?? page.values
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

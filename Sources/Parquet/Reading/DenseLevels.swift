internal import ByteBuffers

/// The repetition levels of a page of which every entry holds a value and that has lists of one level: one bit an entry,
/// 0 where a row begins.
///
///     rows        [1.0, 2.0, 3.0] [4.0] [5.0, 6.0]
///     bits        0    1    1      0     0    1
///     starts      0                3     4
struct DenseLevels {
  private let bits: AlignedBuffer
  private let end: Int
  private var position = 0

  /// Decodes the levels of so many entries.
  init(_ levels: inout LevelDecoder, count: Int) throws(ParquetError) {
    // Whole words are stored, and a word behind the last one may be loaded.
    bits = BufferPool.shared.take((count + 63) / 64 * 8 + 16)
    bits.base.initializeMemory(as: UInt8.self, repeating: 0, count: bits.capacity)
    end = count
    _ = try levels.decodeBits(into: bits.base, bitOffset: 0, count: count)
  }

  /// Whether the next entry goes on with the row before it.
  var continuesRow: Bool { position < end && ValidityWords.isSet(bits.base, position) }

  /// Takes entries up to the first of a row too many.
  ///
  /// - Returns: entries taken, and rows that they begin.
  mutating func take(
    rows: Int,
    into levels: LevelBuffer?,
    limit: Int
  ) throws(ParquetError) -> (entries: Int, begun: Int) {
    let left = end - position
    let zeros = left - ValidityWords.ones(bits.base, position, left)
    let begun = min(rows, zeros)
    let taken: Int
    if let levels {
      let starts = try levels.reserveDense(starts: begun)
      taken = walk(rows, first: levels.count, starts)
      try levels.advanceDense(starts: begun, entries: taken, limit: limit)
    } else {
      taken = zeros <= rows ? left : walk(rows, first: 0, nil)
    }
    position += taken
    return (taken, begun)
  }

  /// Walks over entries up to the first of a row too many, tells where the rows before begin, and returns how many they
  /// are.
  private func walk(_ rows: Int, first: Int, _ starts: UnsafeMutablePointer<Int32>?) -> Int {
    var begun = 0
    var done = 0
    let left = end - position
    while done < left {
      let part = min(ValidityWords.step, left &- done)
      let mask: UInt64 = (1 &<< UInt64(part)) &- 1
      var zeros = ~ValidityWords.word(bits.base, position &+ done, part) & mask
      while zeros != 0 {
        let at = done &+ zeros.trailingZeroBitCount
        if begun == rows { return at }
        starts?[begun] = Int32(truncatingIfNeeded: first &+ at)
        begun &+= 1
        zeros &= zeros &- 1
      }
      done &+= part
    }
    return left
  }
}

extension OpenPage {
  /// The levels that are left, where all of them say that there is a value; nil where they do not.
  mutating func denseLevels(_ leaf: LeafColumn) throws(ParquetError) -> DenseLevels? {
    switch density {
    case .dense(let levels): return levels
    case .sparse: return nil
    case .unknown:
      density = .sparse
      guard var definitions = definitionLevels, var repetitions = repetitionLevels, leaf.maxRepetitionLevel == 1,
        try definitions.skipRuns(of: UInt32(leaf.maxDefinitionLevel), count: entriesLeft)
      else { return nil }
      let levels = try DenseLevels(&repetitions, count: entriesLeft)
      (definitionLevels, repetitionLevels) = (definitions, repetitions)
      density = .dense(levels)
      return levels
    }
  }
}

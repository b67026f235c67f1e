internal import ByteBuffers

/// Decodes the repetition or definition levels of a page.
enum LevelDecoder {
  /// Runs, as nearly every file has them.
  case hybrid(HybridDecoder)
  /// The deprecated form, in pages of version 1.
  case bitPacked(BitPackedDecoder)

  /// Bits of levels up to `maximum`.
  static func width(_ maximum: Int) throws(ParquetError) -> Int {
    let width = Int.bitWidth - maximum.leadingZeroBitCount
    guard width <= 8 else { throw ParquetError(.unsupported, "A column of \(maximum) levels cannot be read.") }
    return width
  }

  /// Decodes `count` levels and checks that none is above `maximum`.
  mutating func decodeLevels(
    into target: UnsafeMutablePointer<UInt8>,
    count: Int,
    maximum: UInt8
  ) throws(ParquetError) {
    switch self {
    case .hybrid(var levels):
      try levels.decodeLevels(into: target, count: count, maximum: maximum)
      self = .hybrid(levels)
    case .bitPacked(var levels):
      try levels.decodeLevels(into: target, count: count, maximum: maximum)
      self = .bitPacked(levels)
    }
  }

  /// Decodes `count` one-bit levels as bits behind `bitOffset`; returns how many are 1.
  ///
  /// Target bits must be 0, and so must those of 8 bytes behind them.
  mutating func decodeBits(
    into target: UnsafeMutableRawPointer,
    bitOffset: Int,
    count: Int
  ) throws(ParquetError) -> Int {
    switch self {
    case .hybrid(var levels):
      let ones = try levels.decodeBits(into: target, bitOffset: bitOffset, count: count)
      self = .hybrid(levels)
      return ones
    case .bitPacked(var levels):
      let ones = try levels.decodeBits(into: target, bitOffset: bitOffset, count: count)
      self = .bitPacked(levels)
      return ones
    }
  }

  /// Whether the next `count` levels are known to be runs of `expected`; if so they are stepped over.
  mutating func skipRuns(of expected: UInt32, count: Int) throws(ParquetError) -> Bool {
    guard case .hybrid(var levels) = self, try levels.skipRuns(of: expected, count: count) else { return false }
    self = .hybrid(levels)
    return true
  }

  /// Steps over `count` levels and returns how many are `level`.
  mutating func skipCounting(_ count: Int, of level: UInt8) throws(ParquetError) -> Int {
    switch self {
    case .hybrid(var levels):
      let equal = try levels.skipCounting(count, of: level)
      self = .hybrid(levels)
      return equal
    case .bitPacked(var levels):
      let equal = try levels.skipCounting(count, of: level)
      self = .bitPacked(levels)
      return equal
    }
  }
}

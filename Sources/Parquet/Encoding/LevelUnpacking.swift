/// Unpacks levels, whose width is 1 to 8, and returns the highest.
///
/// The caller has checked that the levels are there and that 8 bytes behind them may be loaded.
func unpackLevels(
  _ source: UnsafeRawPointer,
  firstValue: Int,
  width: Int,
  into target: UnsafeMutablePointer<UInt8>,
  count: Int
) -> UInt8 {
  // Groups of eight begin at whole bytes.
  let head = min(count, -firstValue & 7)
  let groups = (count &- head) &>> 3
  let tail = (count &- head) & 7
  unpackSingleLevels(source, firstValue, width, target, head)
  var at = source + ((firstValue &+ head) &>> 3) &* width
  let to = UnsafeMutableRawPointer(target + head)
  let lanes = LevelLanes(width)
  for group in 0..<groups {
    to.storeBytes(of: lanes.spread(at).littleEndian, toByteOffset: group &* 8, as: UInt64.self)
    at += width
  }
  unpackSingleLevels(at, 0, width, target + head + groups &* 8, tail)
  var highest: UInt8 = 0
  for index in 0..<count { highest = max(highest, target[index]) }
  return highest
}

/// How many of `count` levels, whose width is 1 to 8, are `level`.
///
/// The caller has checked that the levels are there and that 8 bytes behind them may be loaded.
func countLevels(
  _ source: UnsafeRawPointer,
  firstValue: Int,
  width: Int,
  equalTo level: UInt8,
  count: Int
) -> Int {
  if width == 1, level <= 1 {
    let ones = ValidityWords.ones(source, firstValue, count)
    return level == 1 ? ones : count &- ones
  }
  let head = min(count, -firstValue & 7)
  let groups = (count &- head) &>> 3
  let tail = (count &- head) & 7
  var equal = countSingleLevels(source, firstValue, width, level, head)
  var at = source + ((firstValue &+ head) &>> 3) &* width
  let lanes = LevelLanes(width)
  let wanted = 0x0101_0101_0101_0101 &* UInt64(level)
  let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
  for _ in 0..<groups {
    let difference = lanes.spread(at) ^ wanted
    // The top bit of a byte is 1 where the byte is not 0; the multiplication sums the eight.
    let unequal = (((difference & low) &+ low) | difference) & ~low
    equal &+= 8 &- Int(truncatingIfNeeded: ((unequal &>> 7) &* 0x0101_0101_0101_0101) &>> 56)
    at += width
  }
  return equal &+ countSingleLevels(at, 0, width, level, tail)
}

private func unpackSingleLevels(
  _ source: UnsafeRawPointer,
  _ firstValue: Int,
  _ width: Int,
  _ target: UnsafeMutablePointer<UInt8>,
  _ count: Int
) {
  for index in 0..<count { target[index] = singleLevel(source, firstValue &+ index, width) }
}

private func countSingleLevels(
  _ source: UnsafeRawPointer,
  _ firstValue: Int,
  _ width: Int,
  _ level: UInt8,
  _ count: Int
) -> Int {
  var equal = 0
  for index in 0..<count { equal &+= singleLevel(source, firstValue &+ index, width) == level ? 1 : 0 }
  return equal
}

/// One level of at most 8 bits, which lie within two bytes.
@inline(__always)
private func singleLevel(_ source: UnsafeRawPointer, _ index: Int, _ width: Int) -> UInt8 {
  let bit = index &* width
  let word = UInt16(littleEndian: source.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt16.self))
  return UInt8(truncatingIfNeeded: (word &>> UInt16(bit & 7)) & ((1 &<< UInt16(width)) &- 1))
}

/// Moves eight levels of one width apart, so that each takes a byte of a word.
///
///     hgfedcba                    8 × width bits
///     ....hgfe....dcba            halves, 32 bits each
///     ..hg..fe..dc..ba            quarters, 16 bits each
///     .h.g.f.e.d.c.b.a            levels, 8 bits each
private struct LevelLanes {
  private let width: UInt64
  private let half: UInt64
  private let quarters: UInt64
  private let levels: UInt64

  /// - Parameter width: 1 to 8.
  init(_ width: Int) {
    self.width = UInt64(width)
    half = (1 &<< (4 &* self.width)) &- 1
    quarters = ((1 &<< (2 &* self.width)) &- 1) &* 0x0000_0001_0000_0001
    levels = ((1 &<< self.width) &- 1) &* 0x0001_0001_0001_0001
  }

  /// The eight levels that begin at a byte.
  @inline(__always)
  func spread(_ source: UnsafeRawPointer) -> UInt64 {
    var word = UInt64(littleEndian: source.loadUnaligned(as: UInt64.self))
    word = (word & half) | ((word &>> (4 &* width)) & half) &<< 32
    word = (word & quarters) | ((word &>> (2 &* width)) & quarters) &<< 16
    return (word & levels) | ((word &>> width) & levels) &<< 8
  }
}

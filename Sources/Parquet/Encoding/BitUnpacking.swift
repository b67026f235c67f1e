/// Unpacks values of a fixed bit width, least significant bit first.
///
/// `width` is at most 32, so a value lies within one 64-bit load; the caller has checked that the values are there and
/// that 8 bytes behind them may be loaded.
func unpackBits(
  _ source: UnsafeRawPointer,
  firstValue: Int,
  width: Int,
  into target: UnsafeMutablePointer<UInt32>,
  count: Int
) {
  let mask: UInt64 = (1 << UInt64(width)) &- 1
  var bit = firstValue &* width
  for index in 0..<count {
    let word = (source + (bit &>> 3)).loadUnaligned(as: UInt64.self)
    target[index] = UInt32(truncatingIfNeeded: (word &>> UInt64(bit & 7)) & mask)
    bit &+= width
  }
}

/// Unpacks levels, whose width is at most 8, and returns the highest.
func unpackLevels(
  _ source: UnsafeRawPointer,
  firstValue: Int,
  width: Int,
  into target: UnsafeMutablePointer<UInt8>,
  count: Int
) -> UInt8 {
  let mask: UInt16 = (1 << UInt16(width)) &- 1
  var bit = firstValue &* width
  var highest: UInt8 = 0
  for index in 0..<count {
    let word = (source + (bit &>> 3)).loadUnaligned(as: UInt16.self)
    let level = UInt8(truncatingIfNeeded: (word &>> UInt16(bit & 7)) & mask)
    target[index] = level
    highest = max(highest, level)
    bit &+= width
  }
  return highest
}

/// How many of `count` levels, whose width is at most 8, are `level`.
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
  let mask: UInt16 = (1 << UInt16(width)) &- 1
  var bit = firstValue &* width
  var equal = 0
  for _ in 0..<count {
    let word = (source + (bit &>> 3)).loadUnaligned(as: UInt16.self)
    equal &+= (word &>> UInt16(bit & 7)) & mask == UInt16(level) ? 1 : 0
    bit &+= width
  }
  return equal
}

/// Copies bits and returns how many are 1.
///
/// The target bits must be 0. 8 bytes behind either end may be loaded or stored.
func copyBits(
  _ source: UnsafeRawPointer,
  sourceBit: Int,
  to target: UnsafeMutableRawPointer,
  targetBit: Int,
  count: Int
) -> Int {
  var ones = 0
  var done = 0
  while done < count {
    let take = min(count &- done, 56)
    let from = sourceBit &+ done
    let to = targetBit &+ done
    let mask: UInt64 = (1 << UInt64(take)) &- 1
    let bits = ((source + (from &>> 3)).loadUnaligned(as: UInt64.self) &>> UInt64(from & 7)) & mask
    let place = target + (to &>> 3)
    let low = place.loadUnaligned(as: UInt64.self) | (bits &<< UInt64(to & 7))
    place.storeBytes(of: low, as: UInt64.self)
    ones &+= bits.nonzeroBitCount
    done &+= take
  }
  return ones
}

/// Sets bits to 1.
func setBits(_ target: UnsafeMutableRawPointer, from first: Int, count: Int) {
  var bit = first
  let end = first + count
  while bit < end, bit & 7 != 0 || end - bit < 8 {
    let place = target + (bit >> 3)
    place.storeBytes(of: place.load(as: UInt8.self) | (1 << UInt8(bit & 7)), as: UInt8.self)
    bit += 1
  }
  let whole = (end - bit) >> 3
  guard whole > 0 else { return }
  (target + (bit >> 3)).initializeMemory(as: UInt8.self, repeating: 0xff, count: whole)
  let rest = bit + whole * 8
  if rest < end { setBits(target, from: rest, count: end - rest) }
}

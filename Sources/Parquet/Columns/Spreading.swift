internal import Glibc

/// Moves dense fixed-width slots apart, back to front, so that every null takes a zeroed slot.
///
/// - Parameters:
///   - slots: the dense values, with room for all slots.
///   - width: bytes of a slot.
///   - bits: one bit a slot, 1 for a value.
///   - firstBit: bit of the first slot.
///   - count: number of slots.
///   - valid: number of values: the ones among the bits.
func spreadSlots(
  _ slots: UnsafeMutableRawPointer,
  width: Int,
  bits: UnsafeRawPointer,
  firstBit: Int,
  count: Int,
  valid: Int
) {
  switch width {
  case 1: spreadTyped(slots.assumingMemoryBound(to: UInt8.self), bits, firstBit, count, valid)
  case 2: spreadTyped(slots.assumingMemoryBound(to: UInt16.self), bits, firstBit, count, valid)
  case 4: spreadTyped(slots.assumingMemoryBound(to: UInt32.self), bits, firstBit, count, valid)
  case 8: spreadTyped(slots.assumingMemoryBound(to: UInt64.self), bits, firstBit, count, valid)
  case 16: spreadTyped(slots.assumingMemoryBound(to: UInt128.self), bits, firstBit, count, valid)
  default: spreadAny(slots, width, bits, firstBit, count, valid)
  }
}

/// Any width, slot by slot.
private func spreadAny(
  _ slots: UnsafeMutableRawPointer,
  _ width: Int,
  _ bits: UnsafeRawPointer,
  _ firstBit: Int,
  _ count: Int,
  _ valid: Int
) {
  var source = valid
  var target = count
  // Where as many values are left as slots, they stand in their places.
  while target > source {
    target &-= 1
    let place = slots + target &* width
    if bitIsSet(bits, firstBit &+ target) {
      source &-= 1
      memmove(place, slots + source &* width, width)
    } else {
      memset(place, 0, width)
    }
  }
}

/// A word of bits at a time, without a branch for each: a slot takes the value whose number is that of the ones before
/// it, and a null masks it off.
@inline(__always)
private func spreadTyped<T: FixedWidthInteger>(
  _ slots: UnsafeMutablePointer<T>,
  _ bits: UnsafeRawPointer,
  _ firstBit: Int,
  _ count: Int,
  _ valid: Int
) {
  let step = ValidityWords.step
  var source = valid
  var target = count
  while target > source {
    let take = min(step, target)
    let word = ValidityWords.word(bits, firstBit &+ target &- take, take)
    target &-= take
    if word == 0 {
      (slots + target).update(repeating: 0, count: take)
    } else if word == (1 &<< UInt64(take)) &- 1 {
      source &-= take
      memmove(slots + target, slots + source, take &* MemoryLayout<T>.size)
    } else {
      for index in 0..<take &>> 3 {
        let first = take &- 8 &- index &* 8
        spreadEight(slots + (target &+ first), slots, &source, word &>> UInt64(first))
      }
      for index in 0..<take & 7 {
        spreadSingle(slots + target, slots, (take & 7) &- 1 &- index, &source, word)
      }
    }
  }
}

/// Eight slots, whose bits are the low ones of a word.
@inline(__always)
private func spreadEight<T: FixedWidthInteger>(
  _ target: UnsafeMutablePointer<T>,
  _ values: UnsafeMutablePointer<T>,
  _ source: inout Int,
  _ word: UInt64
) {
  spreadSingle(target, values, 7, &source, word)
  spreadSingle(target, values, 6, &source, word)
  spreadSingle(target, values, 5, &source, word)
  spreadSingle(target, values, 4, &source, word)
  spreadSingle(target, values, 3, &source, word)
  spreadSingle(target, values, 2, &source, word)
  spreadSingle(target, values, 1, &source, word)
  spreadSingle(target, values, 0, &source, word)
}

@inline(__always)
private func spreadSingle<T: FixedWidthInteger>(
  _ target: UnsafeMutablePointer<T>,
  _ values: UnsafeMutablePointer<T>,
  _ lane: Int,
  _ source: inout Int,
  _ word: UInt64
) {
  let mask = bitMask(word, lane)
  source &+= mask
  target[lane] = values[source] & T(truncatingIfNeeded: mask)
}

/// -1 where a bit is set, else 0.
@inline(__always)
private func bitMask(_ word: UInt64, _ lane: Int) -> Int {
  Int(truncatingIfNeeded: Int64(bitPattern: word &<< UInt64(63 &- lane)) &>> 63)
}

/// Repeats offsets, back to front, so that every null is an empty slot.
///
/// `offsets[0]` is the start of the first slot; the bits are those of ``spreadSlots(_:width:bits:firstBit:count:valid:)``.
func spreadOffsets(
  _ offsets: UnsafeMutablePointer<Int32>,
  bits: UnsafeRawPointer,
  firstBit: Int,
  count: Int,
  valid: Int
) {
  let step = ValidityWords.step
  var source = valid
  var target = count
  while target > source {
    let take = min(step, target)
    let word = ValidityWords.word(bits, firstBit &+ target &- take, take)
    target &-= take
    // The end of a slot is that of the last value up to it.
    if word == 0 {
      (offsets + target + 1).update(repeating: offsets[source], count: take)
    } else if word == (1 &<< UInt64(take)) &- 1 {
      source &-= take
      memmove(offsets + target + 1, offsets + source + 1, take &* 4)
    } else {
      for index in 0..<take &>> 3 {
        let first = take &- 8 &- index &* 8
        spreadEightOffsets(offsets + (target &+ first &+ 1), offsets, &source, word &>> UInt64(first))
      }
      for index in 0..<take & 7 {
        spreadSingleOffset(offsets + (target &+ 1), offsets, (take & 7) &- 1 &- index, &source, word)
      }
    }
  }
}

/// The ends of eight slots, whose bits are the low ones of a word.
@inline(__always)
private func spreadEightOffsets(
  _ target: UnsafeMutablePointer<Int32>,
  _ offsets: UnsafeMutablePointer<Int32>,
  _ source: inout Int,
  _ word: UInt64
) {
  spreadSingleOffset(target, offsets, 7, &source, word)
  spreadSingleOffset(target, offsets, 6, &source, word)
  spreadSingleOffset(target, offsets, 5, &source, word)
  spreadSingleOffset(target, offsets, 4, &source, word)
  spreadSingleOffset(target, offsets, 3, &source, word)
  spreadSingleOffset(target, offsets, 2, &source, word)
  spreadSingleOffset(target, offsets, 1, &source, word)
  spreadSingleOffset(target, offsets, 0, &source, word)
}

@inline(__always)
private func spreadSingleOffset(
  _ target: UnsafeMutablePointer<Int32>,
  _ offsets: UnsafeMutablePointer<Int32>,
  _ lane: Int,
  _ source: inout Int,
  _ word: UInt64
) {
  target[lane] = offsets[source]
  source &+= bitMask(word, lane)
}

@inline(__always)
func bitIsSet(_ bits: UnsafeRawPointer, _ index: Int) -> Bool {
  (bits + (index &>> 3)).load(as: UInt8.self) &>> UInt8(index & 7) & 1 == 1
}

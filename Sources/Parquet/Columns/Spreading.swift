internal import ByteBuffers
internal import Glibc

/// Moves dense fixed-width slots apart, front to back, so that every null takes a zeroed slot.
///
///     before   free  free  a  b  c      the values lie at the end of the slots
///     after    a     0     b  0  c
///
/// Up to three slots behind the last one may be stored too, and two slots behind it may be loaded: 48 bytes at most.
///
/// - Parameters:
///   - slots: all slots, of which the last ones hold the dense values.
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
  case 1: spreadPairs(of: UInt16.self, SpreadTable.of1, slots, bits, firstBit, count, valid)
  case 2: spreadPairs(of: UInt32.self, SpreadTable.of2, slots, bits, firstBit, count, valid)
  case 4: spreadPairs(of: UInt64.self, SpreadTable.of4, slots, bits, firstBit, count, valid)
  case 8: spreadPairs(of: SIMD2<UInt64>.self, SpreadTable.of8, slots, bits, firstBit, count, valid)
  case 16: spreadPairs(of: SIMD4<UInt64>.self, SpreadTable.of16, slots, bits, firstBit, count, valid)
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
  var source = count &- valid
  var target = 0
  // Where no null is left, the values stand in their places.
  while target < source, target < count {
    let place = slots + target &* width
    if bitIsSet(bits, firstBit &+ target) {
      memmove(place, slots + source &* width, width)
      source &+= 1
    } else {
      memset(place, 0, width)
    }
    target &+= 1
  }
}

/// What fills two slots at once.
private protocol SlotPair: BitwiseCopyable {
  static func & (left: Self, right: Self) -> Self
}

extension UInt16: SlotPair {}
extension UInt32: SlotPair {}
extension UInt64: SlotPair {}
extension SIMD2: SlotPair where Scalar == UInt64 {}
extension SIMD4: SlotPair where Scalar == UInt64 {}

/// A word of bits at a time, and of it four bits at a time without a branch: two slots take what lies side by side
/// where their values are, and what is not theirs is masked off.
@inline(__always)
private func spreadPairs<Pair: SlotPair>(
  of pair: Pair.Type,
  _ table: SpreadTable,
  _ slots: UnsafeMutableRawPointer,
  _ bits: UnsafeRawPointer,
  _ firstBit: Int,
  _ count: Int,
  _ valid: Int
) {
  let size = MemoryLayout<Pair>.size
  let width = size / 2
  let rows = UnsafeRawPointer(table.rows.base)
  var target = slots
  var source = UnsafeRawPointer(slots + (count &- valid) &* width)
  var done = 0
  // Where no null is left, the values stand in their places.
  while target < source, done < count {
    let take = min(ValidityWords.step, count &- done)
    var word = ValidityWords.word(bits, firstBit &+ done, take)
    if word == 0 {
      memset(target, 0, take &* width)
    } else if word == (1 &<< UInt64(take)) &- 1 {
      memmove(target, source, take &* width)
      source += take &* width
    } else {
      var place = target
      for _ in 0..<(take &+ 3) &>> 2 {
        let row = rows + Int(truncatingIfNeeded: word & 0xf) &* SpreadTable.stride(width)
        let first = source.loadUnaligned(fromByteOffset: row.load(as: Int.self), as: Pair.self)
        place.storeBytes(of: first & row.load(fromByteOffset: SpreadTable.masks, as: Pair.self), as: Pair.self)
        let second = source.loadUnaligned(fromByteOffset: row.load(fromByteOffset: 8, as: Int.self), as: Pair.self)
        let mask = row.load(fromByteOffset: SpreadTable.masks &+ size, as: Pair.self)
        place.storeBytes(of: second & mask, toByteOffset: size, as: Pair.self)
        source += row.load(fromByteOffset: 16, as: Int.self)
        place += 2 &* size
        word &>>= 4
      }
    }
    target += take &* width
    done &+= take
  }
  withExtendedLifetime(table) {}
}

/// What four slots take, for each four bits of validity.
///
///     row     Int first | Int second | Int step | 8 bytes free | 4 masks of one slot each
///
/// `first` and `second` say how many bytes behind the next value the ones of two slots lie. Where the first of two
/// slots is a null, the second one takes the next value: both are then loaded from one slot before it.
private struct SpreadTable {
  let rows: AlignedBuffer

  static let of1 = SpreadTable(width: 1)
  static let of2 = SpreadTable(width: 2)
  static let of4 = SpreadTable(width: 4)
  static let of8 = SpreadTable(width: 8)
  static let of16 = SpreadTable(width: 16)

  /// Bytes before the masks of a row.
  static let masks = 32

  /// Bytes of a row.
  @inline(__always)
  static func stride(_ width: Int) -> Int { max(64, 8 &* width) }

  private init(width: Int) {
    rows = AlignedBuffer(capacity: 16 * SpreadTable.stride(width))
    for bits in 0..<16 {
      let row = rows.base + bits * SpreadTable.stride(width)
      let flags = (0..<4).map { bits >> $0 & 1 }
      row.storeBytes(of: (flags[0] - 1) * width, as: Int.self)
      row.storeBytes(of: (flags[0] + flags[1] + flags[2] - 1) * width, toByteOffset: 8, as: Int.self)
      row.storeBytes(of: flags.reduce(0, +) * width, toByteOffset: 16, as: Int.self)
      for lane in 0..<4 { memset(row + SpreadTable.masks + lane * width, flags[lane] == 1 ? 0xff : 0, width) }
    }
  }
}

/// Repeats offsets, back to front, so that every null is an empty slot.
///
/// The values' offsets come first, and `offsets[0]` is the start of the first slot; the bits are those of
/// ``spreadSlots(_:width:bits:firstBit:count:valid:)``.
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

/// -1 where a bit is set, else 0.
@inline(__always)
private func bitMask(_ word: UInt64, _ lane: Int) -> Int {
  Int(truncatingIfNeeded: Int64(bitPattern: word &<< UInt64(63 &- lane)) &>> 63)
}

@inline(__always)
func bitIsSet(_ bits: UnsafeRawPointer, _ index: Int) -> Bool {
  (bits + (index &>> 3)).load(as: UInt8.self) &>> UInt8(index & 7) & 1 == 1
}

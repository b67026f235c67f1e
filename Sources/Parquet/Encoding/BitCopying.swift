internal import Glibc

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
  // First the bits up to a whole byte of the target, then whole words, then the rest.
  let head = min(count, -targetBit & 7)
  var ones = mergeBits(source, sourceBit, target, targetBit, head)
  var from = source + (sourceBit &+ head) &>> 3
  let shift = UInt64((sourceBit &+ head) & 7)
  var to = target + (targetBit &+ head) &>> 3
  let words = (count &- head) &>> 6
  for _ in 0..<words {
    let low = UInt64(littleEndian: from.loadUnaligned(as: UInt64.self)) &>> shift
    // Moved in two steps: a shift by 64 would be one by 0.
    let high = (UInt64(from.load(fromByteOffset: 8, as: UInt8.self)) &<< 1) &<< (63 &- shift)
    let word = low | high
    to.storeBytes(of: word.littleEndian, as: UInt64.self)
    ones &+= word.nonzeroBitCount
    from += 8
    to += 8
  }
  let tail = (count &- head) & 63
  let first = min(tail, 32)
  ones &+= mergeBits(from, Int(shift), to, 0, first)
  ones &+= mergeBits(from, Int(shift) &+ first, to, first, tail &- first)
  return ones
}

/// Copies up to 32 bits between what stands around them, and returns how many are 1.
@inline(__always)
private func mergeBits(
  _ source: UnsafeRawPointer,
  _ sourceBit: Int,
  _ target: UnsafeMutableRawPointer,
  _ targetBit: Int,
  _ count: Int
) -> Int {
  guard count > 0 else { return 0 }
  let bits = ValidityWords.word(source, sourceBit, count)
  let place = target + (targetBit &>> 3)
  let there = UInt64(littleEndian: place.loadUnaligned(as: UInt64.self))
  place.storeBytes(of: (there | bits &<< UInt64(targetBit & 7)).littleEndian, as: UInt64.self)
  return bits.nonzeroBitCount
}

/// Sets bits to 1.
func setBits(_ target: UnsafeMutableRawPointer, from first: Int, count: Int) {
  guard count > 0 else { return }
  let last = first &+ count &- 1
  let start = target + first &>> 3
  let end = target + last &>> 3
  let head = UInt8(0xff) &<< UInt8(first & 7)
  let tail = UInt8(0xff) &>> UInt8(7 &- last & 7)
  guard start < end else {
    start.storeBytes(of: start.load(as: UInt8.self) | (head & tail), as: UInt8.self)
    return
  }
  start.storeBytes(of: start.load(as: UInt8.self) | head, as: UInt8.self)
  memset(start + 1, 0xff, end - start - 1)
  end.storeBytes(of: end.load(as: UInt8.self) | tail, as: UInt8.self)
}

/// Packs bytes of 0 or 1 as bits behind `targetBit`; the target bits must be 0.
func packFlags(
  _ flags: UnsafePointer<UInt8>,
  count: Int,
  to target: UnsafeMutableRawPointer,
  targetBit: Int
) {
  let head = min(count, -targetBit & 7)
  packSingleFlags(flags, head, target, targetBit)
  let from = UnsafeRawPointer(flags + head)
  let to = target + (targetBit &+ head) &>> 3
  let groups = (count &- head) &>> 3
  for group in 0..<groups {
    let eight = UInt64(littleEndian: from.loadUnaligned(fromByteOffset: group &* 8, as: UInt64.self))
    // Byte k, which is 0 or 1, is moved to bit 56 + k, and no two sums below meet.
    let byte = UInt8(truncatingIfNeeded: (eight &* 0x0102_0408_1020_4080) &>> 56)
    to.storeBytes(of: byte, toByteOffset: group, as: UInt8.self)
  }
  packSingleFlags(flags + head + groups &* 8, (count &- head) & 7, to + groups, 0)
}

private func packSingleFlags(
  _ flags: UnsafePointer<UInt8>,
  _ count: Int,
  _ target: UnsafeMutableRawPointer,
  _ targetBit: Int
) {
  for index in 0..<count {
    let bit = targetBit &+ index
    let place = target + (bit &>> 3)
    place.storeBytes(of: place.load(as: UInt8.self) | flags[index] &<< UInt8(bit & 7), as: UInt8.self)
  }
}

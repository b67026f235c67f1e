internal import Glibc

/// Moves dense fixed-width slots apart, back to front, so that every null takes a zeroed slot.
func spreadSlots(
  _ slots: UnsafeMutableRawPointer,
  width: Int,
  bits: UnsafeRawPointer,
  firstBit: Int,
  count: Int,
  valid: Int
) {
  switch width {
  case 4: spreadTyped(slots.assumingMemoryBound(to: UInt32.self), bits, firstBit, count, valid)
  case 8: spreadTyped(slots.assumingMemoryBound(to: UInt64.self), bits, firstBit, count, valid)
  default:
    var source = valid
    var target = count
    while target > 0 {
      target -= 1
      let place = slots + target * width
      if bitIsSet(bits, firstBit + target) {
        source -= 1
        if source != target { memmove(place, slots + source * width, width) }
      } else {
        memset(place, 0, width)
      }
    }
  }
}

@inline(__always)
private func spreadTyped<T: FixedWidthInteger>(
  _ slots: UnsafeMutablePointer<T>,
  _ bits: UnsafeRawPointer,
  _ firstBit: Int,
  _ count: Int,
  _ valid: Int
) {
  var source = valid
  var target = count
  while target > 0 {
    target &-= 1
    if bitIsSet(bits, firstBit &+ target) {
      source &-= 1
      slots[target] = slots[source]
    } else {
      slots[target] = 0
    }
  }
}

/// Repeats offsets, back to front, so that every null is an empty slot.
///
/// `offsets[0]` is the start of the first slot.
func spreadOffsets(
  _ offsets: UnsafeMutablePointer<Int32>,
  bits: UnsafeRawPointer,
  firstBit: Int,
  count: Int,
  valid: Int
) {
  var source = valid
  var target = count
  while target > 0 {
    offsets[target] = offsets[source]
    target &-= 1
    if bitIsSet(bits, firstBit &+ target) { source &-= 1 }
  }
}

@inline(__always)
func bitIsSet(_ bits: UnsafeRawPointer, _ index: Int) -> Bool {
  (bits + (index &>> 3)).load(as: UInt8.self) &>> UInt8(index & 7) & 1 == 1
}

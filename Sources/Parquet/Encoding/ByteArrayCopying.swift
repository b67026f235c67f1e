internal import Glibc

/// Copies length-prefixed values; returns where the next begins, or nil when a length does not fit.
///
///     length, 4 bytes | that many bytes | length | …
///
/// At most `room` bytes are counted, whatever the lengths claim, and at most `AlignedBuffer.spareBytes` behind them are
/// touched: a wrong length may leave fewer bytes for the lengths behind it than the values were counted with.
/// Short values are copied as 64 bytes whatever their length: source and target both have spare bytes behind them.
///
/// - Parameters:
///   - source: the first length.
///   - end: end of the page.
///   - target: where the first value goes.
///   - room: bytes that were reserved there.
///   - offsets: entry 0 is the offset of the first value; the ends of the values are stored behind it.
///   - count: number of values; the page has at least as many lengths.
///   - valueLimit: most bytes of a value.
func copyPlainBytes(
  _ source: UnsafeRawPointer,
  end: UnsafeRawPointer,
  into target: UnsafeMutableRawPointer,
  room: Int,
  offsets: UnsafeMutablePointer<Int32>,
  count: Int,
  valueLimit: Int
) -> UnsafeRawPointer? {
  // What the lengths themselves take is set aside first. A value that fits into the rest leaves a place for every
  // length behind it, so one comparison a value holds for source and target alike.
  let most = min(room, end - source &- 4 &* count)
  guard most >= 0 else { return nil }
  let limit = target + most
  // Counting begins where offset 0 would be.
  let origin = target - Int(offsets[0])
  var at = source
  var to = target
  var index = 0
  // As long as 64 bytes fit, a value of that length needs no comparison but this one.
  let short = min(64, valueLimit)
  while index < count, limit - to >= 64 {
    let length = Int(UInt32(littleEndian: at.loadUnaligned(as: UInt32.self)))
    at += 4
    if length <= short {
      copy32(at, to)
      copy32(at + 32, to + 32)
    } else {
      guard length <= min(limit - to, valueLimit) else { return nil }
      memcpy(to, at, length)
    }
    at += length
    to += length
    index &+= 1
    offsets[index] = Int32(truncatingIfNeeded: to - origin)
  }
  while index < count {
    let length = Int(UInt32(littleEndian: at.loadUnaligned(as: UInt32.self)))
    at += 4
    guard length <= min(limit - to, valueLimit) else { return nil }
    memcpy(to, at, length)
    at += length
    to += length
    index &+= 1
    offsets[index] = Int32(truncatingIfNeeded: to - origin)
  }
  return at
}

/// Copies 32 bytes.
@inline(__always)
func copy32(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer) {
  let low = source.loadUnaligned(as: SIMD16<UInt8>.self)
  let high = source.loadUnaligned(fromByteOffset: 16, as: SIMD16<UInt8>.self)
  target.storeBytes(of: low, as: SIMD16<UInt8>.self)
  target.storeBytes(of: high, toByteOffset: 16, as: SIMD16<UInt8>.self)
}

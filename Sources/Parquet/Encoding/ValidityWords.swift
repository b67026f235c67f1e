/// Reads a validity bitmap (one bit a slot, least significant bit first) from any bit position, many bits at a time.
///
/// Loads reach up to eight bytes behind the bitmap, which `Bytes` allows.
enum ValidityWords {
  /// Most bits that one word holds.
  static let step = 32

  /// The `count` bits from `at` on, in the low bits of a word; `count` is at most ``step``.
  @inline(__always)
  static func word(_ bits: UnsafeRawPointer, _ at: Int, _ count: Int) -> UInt64 {
    let raw = UInt64(littleEndian: bits.loadUnaligned(fromByteOffset: at >> 3, as: UInt64.self))
    return (raw &>> UInt64(at & 7)) & ((1 &<< UInt64(count)) &- 1)
  }

  /// Whether one bit is set.
  @inline(__always)
  static func isSet(_ bits: UnsafeRawPointer, _ at: Int) -> Bool {
    bits.load(fromByteOffset: at >> 3, as: UInt8.self) &>> UInt8(at & 7) & 1 == 1
  }

  /// Number of ones among `count` bits from `at` on.
  static func ones(_ bits: UnsafeRawPointer, _ at: Int, _ count: Int) -> Int {
    // First the bits up to a whole byte, then whole words, then the rest.
    let head = min(count, -at & 7)
    var total = word(bits, at, head).nonzeroBitCount
    let start = bits + (at &+ head) &>> 3
    let words = (count &- head) &>> 6
    for index in 0..<words {
      total &+= start.loadUnaligned(fromByteOffset: index &* 8, as: UInt64.self).nonzeroBitCount
    }
    let tail = (count &- head) & 63
    let first = min(tail, step)
    total &+= word(start, words &* 64, first).nonzeroBitCount
    total &+= word(start, words &* 64 &+ first, tail &- first).nonzeroBitCount
    return total
  }

  /// Position of the first zero among the first `count` bits; nil when all are ones.
  static func firstZero(_ bits: UnsafeRawPointer, _ count: Int) -> Int? {
    var done = 0
    while done < count {
      let part = min(step, count - done)
      let zeros = ~word(bits, done, part)
      if zeros.trailingZeroBitCount < part { return done + zeros.trailingZeroBitCount }
      done += part
    }
    return nil
  }
}

internal import ByteBuffers

/// A growing run of bits, least significant bit first: the validity of a page, or its booleans in PLAIN encoding.
///
/// Bits behind the last one are zero up to the end of its byte, so the bytes can be stored as they are.
struct BitAppender: ~Copyable {
  private let pool: BufferPool
  private var block: AlignedBuffer

  /// Number of bits.
  private(set) var count = 0

  init(pool: BufferPool) {
    self.pool = pool
    block = pool.take(4096)
    block.base.storeBytes(of: 0, as: UInt8.self)
  }

  /// Bytes that the bits take.
  var byteCount: Int { (count + 7) >> 3 }

  /// Start of the bytes.
  var base: UnsafeRawPointer { UnsafeRawPointer(block.base) }

  /// Number of ones.
  var ones: Int { ValidityWords.ones(base, 0, count) }

  mutating func removeAll() {
    count = 0
    block.base.storeBytes(of: 0, as: UInt8.self)
  }

  /// Appends ones.
  mutating func append(ones: Int) {
    reserve(ones)
    var left = ones
    while left > 0 {
      let part = min(ValidityWords.step, left)
      push((1 &<< UInt64(part)) &- 1, part)
      left -= part
    }
  }

  /// Appends `added` bits of a bitmap, from bit `at` on.
  mutating func append(_ bits: UnsafeRawPointer, from at: Int, count added: Int) {
    reserve(added)
    var done = 0
    while done < added {
      let part = min(ValidityWords.step, added - done)
      push(ValidityWords.word(bits, at + done, part), part)
      done += part
    }
  }

  /// Appends the lowest bit of each of `added` bytes.
  mutating func append(lowBitsOf bytes: UnsafeRawPointer, count added: Int) {
    reserve(added)
    var done = 0
    while done + 8 <= added {
      // The product gathers bit 0 of byte k at bit 56 + k; no two partial products meet in one place.
      let eight = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: done, as: UInt64.self))
      push(((eight & 0x0101_0101_0101_0101) &* 0x0102_0408_1020_4080) &>> 56, 8)
      done += 8
    }
    while done < added {
      push(UInt64(bytes.load(fromByteOffset: done, as: UInt8.self) & 1), 1)
      done += 1
    }
  }

  /// Makes room for `extra` bits and for the eight bytes that a store covers.
  private mutating func reserve(_ extra: Int) {
    let needed = (count + extra + 7) >> 3 + 8
    guard needed > block.capacity else { return }
    let larger = pool.take(max(needed, 2 * block.capacity))
    larger.base.copyMemory(from: block.base, byteCount: byteCount + 1)
    block = larger
  }

  @inline(__always)
  private mutating func push(_ word: UInt64, _ bits: Int) {
    let place = block.base + count >> 3
    let shift = UInt64(count & 7)
    // Of the byte at `place` only the bits below `shift` count; there are none when shift is 0.
    let kept = UInt64(place.load(as: UInt8.self)) & ((1 &<< shift) &- 1)
    place.storeBytes(of: (kept | word &<< shift).littleEndian, as: UInt64.self)
    count &+= bits
  }
}

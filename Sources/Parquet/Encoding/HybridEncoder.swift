internal import ByteBuffers

/// Encodes levels and dictionary indices as runs: the RLE / bit-packed hybrid.
///
///     run         varint header, then
///     header & 1  0: (header >> 1) copies of one value, stored in ceil(width / 8) bytes
///                 1: (header >> 1) groups of 8 values, `width` bytes a group, least significant bit first
///
/// Eight or more equal values become a run of copies, the rest is packed; the last group is padded with zeros.
/// What is written depends on the values alone. Source: parquet-format, Encodings.md, "Run Length Encoding".
enum HybridEncoder {
  /// Bits that numbers up to `largest` need.
  static func width(of largest: Int) -> Int {
    Int.bitWidth - largest.leadingZeroBitCount
  }

  /// Appends the runs of `count` values below `2^width`; `width` is 1 to 32.
  @inline(__always)
  static func encode<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ values: UnsafePointer<T>,
    count: Int,
    width: Int,
    into out: inout ByteWriter
  ) {
    // Of eight values each may have a header of its own, and the last store may lie behind the end.
    let start = out.reserve((count / 8 + 2) * (width + longestHeader))
    var place = start
    var at = 0
    var packedFrom = 0
    while at < count {
      let run = startsRun(values + at, count &- at) ? runLength(values + at, count &- at) : 0
      if run >= 8 {
        pack(values + packedFrom, count: at &- packedFrom, width: width, at: &place)
        storeCopies(of: UInt64(values[at]), count: run, width: width, at: &place)
        at &+= run
        packedFrom = at
      } else {
        // A whole group goes to the packed run, which therefore stays a multiple of eight long except at the end.
        at = min(at &+ 8, count)
      }
    }
    pack(values + packedFrom, count: count &- packedFrom, width: width, at: &place)
    out.advance(place - start)
  }

  /// Bytes of a run's header, and of a value that is copied, at most.
  private static let longestHeader = 16

  /// Appends one run of copies.
  static func appendCopies(of value: UInt64, count: Int, width: Int, into out: inout ByteWriter) {
    let start = out.reserve(longestHeader)
    var place = start
    storeCopies(of: value, count: count, width: width, at: &place)
    out.advance(place - start)
  }

  @inline(__always)
  private static func storeCopies(of value: UInt64, count: Int, width: Int, at place: inout UnsafeMutableRawPointer) {
    storeVarint(UInt64(count) << 1, at: &place)
    for byte in 0..<(width &+ 7) / 8 {
      place.storeBytes(of: UInt8(truncatingIfNeeded: value &>> UInt64(8 &* byte)), as: UInt8.self)
      place += 1
    }
  }

  @inline(__always)
  private static func storeVarint(_ value: UInt64, at place: inout UnsafeMutableRawPointer) {
    var rest = value
    while rest > 0x7f {
      place.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
      place += 1
      rest &>>= 7
    }
    place.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
    place += 1
  }

  /// Appends one-bit values that are packed already: one run of copies when all are equal, else one packed run.
  static func appendBits(_ bits: borrowing BitAppender, ones: Int, into out: inout ByteWriter) {
    if ones == bits.count || ones == 0 {
      appendCopies(of: ones == 0 ? 0 : 1, count: bits.count, width: 1, into: &out)
    } else {
      out.append(varint: UInt64(bits.byteCount) << 1 | 1)
      out.append(UnsafeRawBufferPointer(start: bits.base, count: bits.byteCount))
    }
  }

  @inline(__always)
  private static func startsRun<T: FixedWidthInteger>(_ values: UnsafePointer<T>, _ count: Int) -> Bool {
    guard count >= 8 else { return false }
    let first = values[0]
    let different =
      (values[1] ^ first) | (values[2] ^ first) | (values[3] ^ first) | (values[4] ^ first)
      | (values[5] ^ first) | (values[6] ^ first) | (values[7] ^ first)
    return different == 0
  }

  @inline(__always)
  private static func runLength<T: FixedWidthInteger>(_ values: UnsafePointer<T>, _ count: Int) -> Int {
    let first = values[0]
    var length = 8
    if MemoryLayout<T>.size == 1 {
      // Levels of long lists: eight at a time, as one word.
      let raw = UnsafeRawPointer(values)
      let eight = UInt64(truncatingIfNeeded: first) &* 0x0101_0101_0101_0101
      while length &+ 8 <= count, raw.loadUnaligned(fromByteOffset: length, as: UInt64.self) == eight { length &+= 8 }
    }
    while length < count, values[length] == first { length &+= 1 }
    return length
  }

  @inline(__always)
  private static func pack<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ values: UnsafePointer<T>,
    count: Int,
    width: Int,
    at place: inout UnsafeMutableRawPointer
  ) {
    guard count > 0 else { return }
    let groups = (count &+ 7) / 8
    storeVarint(UInt64(groups) << 1 | 1, at: &place)
    let end = place + groups &* width
    var pending: UInt64 = 0
    var bits: UInt64 = 0
    for index in 0..<count {
      pending |= UInt64(truncatingIfNeeded: values[index]) &<< bits
      bits &+= UInt64(width)
      if bits >= 32 {
        place.storeBytes(of: UInt32(truncatingIfNeeded: pending).littleEndian, as: UInt32.self)
        place += 4
        pending &>>= 32
        bits &-= 32
      }
    }
    place.storeBytes(of: pending.littleEndian, as: UInt64.self)
    place += Int(bits + 7) / 8
    // Padding values of the last group that no store has covered.
    while place < end {
      place.storeBytes(of: 0, as: UInt8.self)
      place += 1
    }
    place = end
  }
}

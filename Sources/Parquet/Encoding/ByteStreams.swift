/// Kernels of BYTE_STREAM_SPLIT: byte k of value i lies at `k * stride + i`.
///
///     stream 0   first bytes of all values
///     stream 1   second bytes of all values
///     …
///
/// Eight values at a time are a matrix of bytes that is transposed in registers. The caller has checked that the values
/// are there and that the target has room.
enum ByteStreams {
  /// Values of a tile for widths without a kernel of their own: source and target of a tile stay in the cache.
  private static let tile = 128

  /// Puts `count` values together; `source` is the first value's byte in stream 0.
  static func join(
    _ source: UnsafeRawPointer,
    stride: Int,
    width: Int,
    into target: UnsafeMutableRawPointer,
    count: Int
  ) {
    var first = 0
    switch width {
    case 4: first = join4(source, stride, target, count)
    case 8: first = join8(source, stride, target, count)
    default: break
    }
    while first < count {
      let end = min(first &+ tile, count)
      for byte in 0..<width {
        let stream = source + byte &* stride
        var to = target + first &* width + byte
        for index in first..<end {
          to.storeBytes(of: stream.load(fromByteOffset: index, as: UInt8.self), as: UInt8.self)
          to += width
        }
      }
      first = end
    }
  }

  /// Takes `count` values apart; `target` is the first value's byte in stream 0.
  static func split(
    _ source: UnsafeRawPointer,
    width: Int,
    count: Int,
    into target: UnsafeMutableRawPointer,
    stride: Int
  ) {
    var first = 0
    switch width {
    case 4: first = split4(source, count, target, stride)
    case 8: first = split8(source, count, target, stride)
    default: break
    }
    while first < count {
      let end = min(first &+ tile, count)
      for byte in 0..<width {
        let stream = target + byte &* stride
        var from = source + first &* width + byte
        for index in first..<end {
          stream.storeBytes(of: from.load(as: UInt8.self), toByteOffset: index, as: UInt8.self)
          from += width
        }
      }
      first = end
    }
  }

  /// Joins values of 4 bytes, eight at a time, and returns how many.
  private static func join4(
    _ source: UnsafeRawPointer,
    _ stride: Int,
    _ target: UnsafeMutableRawPointer,
    _ count: Int
  ) -> Int {
    var index = 0
    while index &+ 8 <= count {
      let from = source + index
      var a = word(from)
      var b = word(from + stride)
      var c = word(from + 2 &* stride)
      var d = word(from + 3 &* stride)
      transpose4(&a, &b, &c, &d)
      // Row r now holds value r and, in its upper half, value r + 4.
      let to = target + index &* 4
      store((a & 0xffff_ffff) | b &<< 32, to)
      store((c & 0xffff_ffff) | d &<< 32, to + 8)
      store(a &>> 32 | (b & 0xffff_ffff_0000_0000), to + 16)
      store(c &>> 32 | (d & 0xffff_ffff_0000_0000), to + 24)
      index &+= 8
    }
    return index
  }

  /// Splits values of 4 bytes, eight at a time, and returns how many.
  private static func split4(
    _ source: UnsafeRawPointer,
    _ count: Int,
    _ target: UnsafeMutableRawPointer,
    _ stride: Int
  ) -> Int {
    var index = 0
    while index &+ 8 <= count {
      let from = source + index &* 4
      let (first, second, third, fourth) = (word(from), word(from + 8), word(from + 16), word(from + 24))
      var a = (first & 0xffff_ffff) | third &<< 32
      var b = first &>> 32 | (third & 0xffff_ffff_0000_0000)
      var c = (second & 0xffff_ffff) | fourth &<< 32
      var d = second &>> 32 | (fourth & 0xffff_ffff_0000_0000)
      transpose4(&a, &b, &c, &d)
      let to = target + index
      store(a, to)
      store(b, to + stride)
      store(c, to + 2 &* stride)
      store(d, to + 3 &* stride)
      index &+= 8
    }
    return index
  }

  /// Joins values of 8 bytes, eight at a time, and returns how many.
  private static func join8(
    _ source: UnsafeRawPointer,
    _ stride: Int,
    _ target: UnsafeMutableRawPointer,
    _ count: Int
  ) -> Int {
    var index = 0
    while index &+ 8 <= count {
      transpose8(source + index, stride, target + index &* 8, 8)
      index &+= 8
    }
    return index
  }

  /// Splits values of 8 bytes, eight at a time, and returns how many.
  private static func split8(
    _ source: UnsafeRawPointer,
    _ count: Int,
    _ target: UnsafeMutableRawPointer,
    _ stride: Int
  ) -> Int {
    var index = 0
    while index &+ 8 <= count {
      transpose8(source + index &* 8, 8, target + index, stride)
      index &+= 8
    }
    return index
  }

  /// Turns eight rows of eight bytes into eight columns.
  @inline(__always)
  private static func transpose8(
    _ source: UnsafeRawPointer,
    _ sourceStride: Int,
    _ target: UnsafeMutableRawPointer,
    _ targetStride: Int
  ) {
    var a = word(source)
    var b = word(source + sourceStride)
    var c = word(source + 2 &* sourceStride)
    var d = word(source + 3 &* sourceStride)
    var e = word(source + 4 &* sourceStride)
    var f = word(source + 5 &* sourceStride)
    var g = word(source + 6 &* sourceStride)
    var h = word(source + 7 &* sourceStride)
    exchange(&a, &e, 32, 0x0000_0000_ffff_ffff)
    exchange(&b, &f, 32, 0x0000_0000_ffff_ffff)
    exchange(&c, &g, 32, 0x0000_0000_ffff_ffff)
    exchange(&d, &h, 32, 0x0000_0000_ffff_ffff)
    transpose4(&a, &b, &c, &d)
    transpose4(&e, &f, &g, &h)
    store(a, target)
    store(b, target + targetStride)
    store(c, target + 2 &* targetStride)
    store(d, target + 3 &* targetStride)
    store(e, target + 4 &* targetStride)
    store(f, target + 5 &* targetStride)
    store(g, target + 6 &* targetStride)
    store(h, target + 7 &* targetStride)
  }

  /// Transposes two matrices of four rows and four bytes: one in the lower halves of the words, one in the upper.
  @inline(__always)
  private static func transpose4(_ a: inout UInt64, _ b: inout UInt64, _ c: inout UInt64, _ d: inout UInt64) {
    exchange(&a, &c, 16, 0x0000_ffff_0000_ffff)
    exchange(&b, &d, 16, 0x0000_ffff_0000_ffff)
    exchange(&a, &b, 8, 0x00ff_00ff_00ff_00ff)
    exchange(&c, &d, 8, 0x00ff_00ff_00ff_00ff)
  }

  /// Exchanges the bits of `a` that lie `shift` above the mask for those of `b` under the mask.
  @inline(__always)
  private static func exchange(_ a: inout UInt64, _ b: inout UInt64, _ shift: UInt64, _ mask: UInt64) {
    let difference = ((a &>> shift) ^ b) & mask
    b ^= difference
    a ^= difference &<< shift
  }

  @inline(__always)
  private static func word(_ at: UnsafeRawPointer) -> UInt64 {
    UInt64(littleEndian: at.loadUnaligned(as: UInt64.self))
  }

  @inline(__always)
  private static func store(_ value: UInt64, _ at: UnsafeMutableRawPointer) {
    at.storeBytes(of: value.littleEndian, as: UInt64.self)
  }
}

internal import ByteBuffers

/// Encodes byte arrays in DELTA_BYTE_ARRAY: what each value shares with the one before it is left out.
///
///     lengths of prefixes | lengths of suffixes | suffixes
enum DeltaByteArrayEncoder {
  /// Appends the values section of a page.
  ///
  /// - Parameters:
  ///   - plain: values in PLAIN form.
  ///   - byteCount: bytes of them all.
  ///   - count: number of values.
  ///   - width: nil for BYTE_ARRAY, whose values stand behind their 32-bit lengths; else that of FIXED_LEN_BYTE_ARRAY.
  ///   - out: where the section goes.
  static func encode(
    plain: UnsafeRawPointer,
    byteCount: Int,
    count: Int,
    width: Int?,
    into out: inout ByteWriter
  ) {
    let parts = BufferPool.shared.take(count * 8)
    withExtendedLifetime(parts) {
      let prefixes = parts.base.assumingMemoryBound(to: UInt32.self)
      let suffixes = prefixes + count
      let size = measure(plain, count, width, prefixes, suffixes)
      DeltaBinaryPackedEncoder.encode(prefixes, count: count, width: 4, into: &out)
      DeltaBinaryPackedEncoder.encode(suffixes, count: count, width: 4, into: &out)
      var target = out.reserve(size + PlainEncoder.slack)
      var at = plain
      for index in 0..<count {
        let prefix = Int(UInt32(littleEndian: prefixes[index]))
        let suffix = Int(UInt32(littleEndian: suffixes[index]))
        at += (width == nil ? 4 : 0) &+ prefix
        DeltaLengthByteArrayEncoder.appendPart(at, suffix, to: target, end: plain + byteCount)
        at += suffix
        target += suffix
      }
      out.advance(size)
    }
  }

  /// Stores the lengths of all parts, least significant byte first, and returns the bytes of all suffixes.
  private static func measure(
    _ plain: UnsafeRawPointer,
    _ count: Int,
    _ width: Int?,
    _ prefixes: UnsafeMutablePointer<UInt32>,
    _ suffixes: UnsafeMutablePointer<UInt32>
  ) -> Int {
    var total = 0
    var at = plain
    var previous = plain
    var previousLength = 0
    for index in 0..<count {
      let length = width ?? Int(UInt32(littleEndian: at.loadUnaligned(as: UInt32.self)))
      let value = width == nil ? at + 4 : at
      let prefix = sharedBytes(previous, value, min(previousLength, length))
      prefixes[index] = UInt32(truncatingIfNeeded: prefix).littleEndian
      suffixes[index] = UInt32(truncatingIfNeeded: length &- prefix).littleEndian
      total &+= length &- prefix
      previous = value
      previousLength = length
      at = value + length
    }
    return total
  }

  /// How many of the first `most` bytes are equal.
  @inline(__always)
  private static func sharedBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ most: Int) -> Int {
    var at = 0
    while at &+ 8 <= most {
      let difference =
        left.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        ^ right.loadUnaligned(fromByteOffset: at, as: UInt64.self)
      if difference != 0 { return at &+ difference.littleEndian.trailingZeroBitCount &>> 3 }
      at &+= 8
    }
    while at < most, left.load(fromByteOffset: at, as: UInt8.self) == right.load(fromByteOffset: at, as: UInt8.self) {
      at &+= 1
    }
    return at
  }
}

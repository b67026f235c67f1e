internal import ByteBuffers

/// Encodes byte arrays in DELTA_LENGTH_BYTE_ARRAY: all lengths as deltas, then all bytes.
enum DeltaLengthByteArrayEncoder {
  /// Appends the values section of a page.
  ///
  /// - Parameters:
  ///   - plain: values in PLAIN form, each behind its 32-bit length.
  ///   - byteCount: bytes of them all.
  ///   - count: number of values.
  ///   - out: where the section goes.
  static func encode(plain: UnsafeRawPointer, byteCount: Int, count: Int, into out: inout ByteWriter) {
    let lengths = BufferPool.shared.take(count * 4)
    withExtendedLifetime(lengths) {
      var at = plain
      for index in 0..<count {
        let length = at.loadUnaligned(as: UInt32.self)
        lengths.base.storeBytes(of: length, toByteOffset: index &* 4, as: UInt32.self)
        at += 4 &+ Int(UInt32(littleEndian: length))
      }
      DeltaBinaryPackedEncoder.encode(lengths.base, count: count, width: 4, into: &out)
    }
    let size = byteCount - 4 * count
    var target = out.reserve(size + PlainEncoder.slack)
    var at = plain
    let end = plain + byteCount
    for _ in 0..<count {
      let length = Int(UInt32(littleEndian: at.loadUnaligned(as: UInt32.self)))
      appendPart(at + 4, length, to: target, end: end)
      at += 4 &+ length
      target += length
    }
    out.advance(size)
  }

  /// Copies bytes, few of them as eight where so many can be loaded; the target has room for them.
  @inline(__always)
  static func appendPart(
    _ source: UnsafeRawPointer,
    _ length: Int,
    to target: UnsafeMutableRawPointer,
    end: UnsafeRawPointer
  ) {
    if length <= 8, end - source >= 8 {
      target.storeBytes(of: source.loadUnaligned(as: UInt64.self), as: UInt64.self)
    } else {
      target.copyMemory(from: source, byteCount: length)
    }
  }
}

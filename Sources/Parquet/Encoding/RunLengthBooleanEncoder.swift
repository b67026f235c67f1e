internal import ByteBuffers

/// Encodes booleans as runs: a 32-bit length, then the RLE / bit-packed hybrid with one bit a value.
enum RunLengthBooleanEncoder {
  /// Bytes of equal bits from which on a run of copies is smaller than packed bits and the header behind it.
  private static let leastRunBytes = 8

  /// Appends the values section of a page.
  ///
  /// - Parameters:
  ///   - bits: the values.
  ///   - out: where the section goes.
  static func encode(bits: borrowing BitAppender, into out: inout ByteWriter) {
    let start = out.count
    out.append(integer: UInt32(0))
    let ones = bits.ones
    if ones == 0 || ones == bits.count {
      if bits.count > 0 { HybridEncoder.appendBits(bits, ones: ones, into: &out) }
    } else {
      appendRuns(bits.base, count: bits.count, into: &out)
    }
    let length = UInt32(truncatingIfNeeded: out.count - start - 4)
    (out.base + start).storeBytes(of: length.littleEndian, as: UInt32.self)
  }

  /// Appends long runs of equal bytes as copies, and all else packed.
  private static func appendRuns(_ bits: UnsafeRawPointer, count: Int, into out: inout ByteWriter) {
    let whole = count / 8
    var packedFrom = 0
    var at = 0
    while at < whole {
      let byte = bits.load(fromByteOffset: at, as: UInt8.self)
      var end = at + 1
      if byte == 0 || byte == 0xff {
        while end < whole, bits.load(fromByteOffset: end, as: UInt8.self) == byte { end += 1 }
      }
      if end - at >= leastRunBytes {
        let rest = count - end * 8
        // What is left of the last byte belongs to the run if it is equal too.
        let tail = rest < 8 && ValidityWords.ones(bits, end * 8, rest) == (byte == 0 ? 0 : rest) ? rest : 0
        appendPacked(bits + packedFrom, byteCount: at - packedFrom, into: &out)
        HybridEncoder.appendCopies(of: UInt64(byte & 1), count: (end - at) * 8 + tail, width: 1, into: &out)
        packedFrom = tail > 0 ? end + 1 : end
      }
      at = end
    }
    appendPacked(bits + packedFrom, byteCount: (count + 7) / 8 - packedFrom, into: &out)
  }

  private static func appendPacked(_ bytes: UnsafeRawPointer, byteCount: Int, into out: inout ByteWriter) {
    guard byteCount > 0 else { return }
    out.append(varint: UInt64(byteCount) << 1 | 1)
    out.append(UnsafeRawBufferPointer(start: bytes, count: byteCount))
  }
}

internal import ByteBuffers

/// Encodes integers in DELTA_BINARY_PACKED: blocks of 128 values in four miniblocks.
///
/// The layout is drawn at ``DeltaSequence``. Deltas wrap at the type's size, so that those of 32-bit integers never
/// need more than 32 bits.
enum DeltaBinaryPackedEncoder {
  private static let blockValues = 128
  private static let miniblocks = 4
  private static let miniblockValues = blockValues / miniblocks

  /// Appends the values section of a page.
  ///
  /// - Parameters:
  ///   - values: integers in PLAIN form, at any address.
  ///   - count: number of values.
  ///   - width: 4 or 8.
  ///   - out: where the section goes.
  static func encode(_ values: UnsafeRawPointer, count: Int, width: Int, into out: inout ByteWriter) {
    if width == 4 {
      encode(values, count, UInt32.self, Int32.self, into: &out)
    } else {
      encode(values, count, UInt64.self, Int64.self, into: &out)
    }
  }

  @inline(__always)
  private static func encode<T: DeltaInteger, S: SignedInteger & FixedWidthInteger>(
    _ values: UnsafeRawPointer,
    _ count: Int,
    _ type: T.Type,
    _ signed: S.Type,
    into out: inout ByteWriter
  ) {
    let size = MemoryLayout<T>.size
    out.append(varint: UInt64(blockValues))
    out.append(varint: UInt64(miniblocks))
    out.append(varint: UInt64(count))
    guard count > 0 else {
      out.append(zigzag: 0)
      return
    }
    var last = T(littleEndian: values.loadUnaligned(as: T.self))
    out.append(zigzag: Int64(S(truncatingIfNeeded: last)))
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: blockValues) { scratch in
      guard let deltas = scratch.baseAddress else { return }
      var at = 1
      while at < count {
        let part = min(blockValues, count &- at)
        var least = S.max
        for index in 0..<part {
          let value = T(littleEndian: values.loadUnaligned(fromByteOffset: (at &+ index) &* size, as: T.self))
          let delta = value &- last
          deltas[index] = UInt64(truncatingIfNeeded: delta)
          least = min(least, S(truncatingIfNeeded: delta))
          last = value
        }
        let floor = T(truncatingIfNeeded: least)
        for index in 0..<part {
          deltas[index] = UInt64(truncatingIfNeeded: T(truncatingIfNeeded: deltas[index]) &- floor)
        }
        for index in part..<blockValues { deltas[index] = 0 }
        appendBlock(deltas, part, least: Int64(least), into: &out)
        at &+= part
      }
    }
  }

  /// Appends a block of `count` deltas above `least`; those behind are 0.
  private static func appendBlock(
    _ deltas: UnsafePointer<UInt64>,
    _ count: Int,
    least: Int64,
    into out: inout ByteWriter
  ) {
    out.append(zigzag: least)
    let widths = out.count
    // Miniblocks behind the last value have a width of 0 and no data.
    out.append(integer: UInt32(0))
    var first = 0
    while first < count {
      var bits: UInt64 = 0
      for index in first..<(first &+ miniblockValues) { bits |= deltas[index] }
      let width = UInt64.bitWidth - bits.leadingZeroBitCount
      (out.base + widths + first / miniblockValues).storeBytes(of: UInt8(width), as: UInt8.self)
      pack(deltas + first, width: width, into: &out)
      first &+= miniblockValues
    }
  }

  /// Appends a miniblock, least significant bit first.
  private static func pack(_ deltas: UnsafePointer<UInt64>, width: Int, into out: inout ByteWriter) {
    guard width > 0 else { return }
    let size = miniblockValues / 8 * width
    // The last store may lie half behind the miniblock.
    var place = out.reserve(size + 8)
    var pending: UInt64 = 0
    var bits = 0
    for index in 0..<miniblockValues {
      let delta = deltas[index]
      pending |= delta &<< UInt64(bits)
      bits &+= width
      if bits >= 64 {
        place.storeBytes(of: pending.littleEndian, as: UInt64.self)
        place += 8
        bits &-= 64
        pending = bits == 0 ? 0 : delta &>> UInt64(width &- bits)
      }
    }
    if bits > 0 { place.storeBytes(of: pending.littleEndian, as: UInt64.self) }
    out.advance(size)
  }
}

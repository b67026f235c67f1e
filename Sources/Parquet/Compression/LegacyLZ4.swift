internal import ByteBuffers
internal import CLZ4

/// The deprecated codec LZ4: Hadoop's framing by intention, but bare blocks and LZ4 frames were written under its name.
///
///     u32 big-endian, uncompressed size of an outer block  \
///       u32 big-endian, size of an LZ4 block  \             | repeated to the end
///       LZ4 block                             / repeated   /
enum LegacyLZ4 {
  /// Takes the first of the three forms that gives exactly as many bytes as `target` has.
  static func decompress(
    _ source: UnsafeRawBufferPointer,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ParquetError) -> Int {
    if hadoop(source, into: target) == target.count { return target.count }
    if LZ4Raw.block(source, into: target) == target.count { return target.count }
    if frames(source, into: target) == target.count { return target.count }
    throw .corrupt(
      "An LZ4 page cannot be decompressed: it has \(target.count) bytes neither in Hadoop's framing nor as a bare block"
        + " nor as an LZ4 frame."
    )
  }

  private static func hadoop(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
    var (read, written) = (0, 0)
    while read < source.count {
      guard let outer = number(source, at: &read), outer <= target.count - written else { return nil }
      // Nothing at all is stored either as nothing or as a block of nothing.
      if outer == 0, read == source.count { break }
      let end = written + outer
      repeat {
        guard let size = number(source, at: &read), size <= source.count - read else { return nil }
        let block = UnsafeRawBufferPointer(rebasing: source[read..<read + size])
        let place = UnsafeMutableRawBufferPointer(rebasing: target[written..<end])
        guard let count = LZ4Raw.block(block, into: place) else { return nil }
        read += size
        written += count
      } while written < end
    }
    return written
  }

  private static func number(_ source: UnsafeRawBufferPointer, at position: inout Int) -> Int? {
    guard source.count - position >= 4 else { return nil }
    let number = source.loadUnaligned(fromByteOffset: position, as: UInt32.self)
    position += 4
    return Int(UInt32(bigEndian: number))
  }

  private static func frames(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
    guard let start = source.baseAddress, let place = target.baseAddress else { return nil }
    var created: OpaquePointer?
    let status = LZ4F_createDecompressionContext(&created, UInt32(LZ4F_VERSION))
    guard LZ4F_isError(status) == 0, let context = created else { return nil }
    defer { LZ4F_freeDecompressionContext(context) }
    var (read, written) = (0, 0)
    while true {
      var (taken, made) = (source.count - read, target.count - written)
      let wanted = LZ4F_decompress(context, place + written, &made, start + read, &taken, nil)
      guard LZ4F_isError(wanted) == 0, taken + made > 0 else { return nil }
      read += taken
      written += made
      // Nothing more is wanted at the end of a frame; another may follow.
      if read == source.count { return wanted == 0 ? written : nil }
    }
  }

  /// Appends one outer block that holds one block.
  static func compress(_ source: UnsafeRawBufferPointer, into output: inout ByteWriter) throws(ParquetError) {
    let start = output.count
    output.append(integer: UInt32(clamping: source.count).bigEndian)
    output.append(integer: UInt32(0))
    let size = try LZ4Raw.compress(source, into: &output)
    (output.base + start + 4).storeBytes(of: UInt32(clamping: size).bigEndian, as: UInt32.self)
  }
}

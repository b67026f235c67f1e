internal import ByteBuffers

/// Turns the values of a complete page from PLAIN into another encoding.
enum PageTranscoder {
  /// Appends the values section.
  ///
  /// - Parameters:
  ///   - encoding: fits the type of `leaf`; booleans have their own way.
  ///   - leaf: the column.
  ///   - plain: values in PLAIN form.
  ///   - byteCount: bytes of them all.
  ///   - count: number of values.
  ///   - out: where the section goes.
  static func encode(
    _ encoding: ValueEncoding,
    _ leaf: LeafColumn,
    plain: UnsafeRawPointer,
    byteCount: Int,
    count: Int,
    into out: inout ByteWriter
  ) {
    let width: Int? =
      switch leaf.type {
      case .int32, .float: 4
      case .int64, .double: 8
      case .fixedLengthByteArray: leaf.length
      default: nil
      }
    switch encoding {
    case .plain, .runLength: out.append(UnsafeRawBufferPointer(start: plain, count: byteCount))
    case .deltaBinaryPacked: DeltaBinaryPackedEncoder.encode(plain, count: count, width: width ?? 4, into: &out)
    case .deltaLengthByteArray:
      DeltaLengthByteArrayEncoder.encode(plain: plain, byteCount: byteCount, count: count, into: &out)
    case .deltaByteArray:
      DeltaByteArrayEncoder.encode(plain: plain, byteCount: byteCount, count: count, width: width, into: &out)
    case .byteStreamSplit: ByteStreamSplitEncoder.encode(plain, count: count, width: width ?? 1, into: &out)
    }
  }
}

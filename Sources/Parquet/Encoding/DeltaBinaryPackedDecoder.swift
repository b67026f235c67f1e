internal import ByteBuffers

/// DELTA_BINARY_PACKED integers.
final class DeltaBinaryPackedDecoder: ValueDecoder {
  private let bytes: Bytes
  private let width: Int
  private var values: DeltaSequence

  /// - Parameters:
  ///   - bytes: the values section.
  ///   - width: 4 or 8.
  ///   - most: values that the page can have.
  init(_ bytes: Bytes, width: Int, most: Int) throws(ParquetError) {
    self.bytes = bytes
    self.width = width
    values = try DeltaSequence(UnsafeRawBufferPointer(start: bytes.base, count: bytes.count), most: most)
  }

  override func decode(_ count: Int, into builder: ColumnBuilder) throws(ParquetError) {
    if width == 4 {
      try values.decode(into: builder.nextSlot.assumingMemoryBound(to: UInt32.self), count: count)
    } else {
      try values.decode(into: builder.nextSlot.assumingMemoryBound(to: UInt64.self), count: count)
    }
  }

  override func skip(_ count: Int) throws(ParquetError) {
    try values.skip(count)
  }
}

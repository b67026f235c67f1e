internal import ByteBuffers

/// BYTE_STREAM_SPLIT: the first bytes of all values, then their second bytes, and so on.
final class ByteStreamSplitDecoder: ValueDecoder {
  private let bytes: Bytes
  private let width: Int
  private let count: Int
  private var at = 0

  init(_ bytes: Bytes, width: Int) throws(ParquetError) {
    guard width > 0, bytes.count % width == 0 else {
      throw .corrupt("\(bytes.count) bytes are not \(width) streams of one length.")
    }
    self.bytes = bytes
    self.width = width
    count = bytes.count / width
  }

  override func decode(_ count: Int, into builder: ColumnBuilder) throws(ParquetError) {
    let first = at
    try skip(count)
    ByteStreams.join(bytes.base + first, stride: self.count, width: width, into: builder.nextSlot, count: count)
  }

  override func skip(_ count: Int) throws(ParquetError) {
    guard count <= self.count - at else { throw ValueDecoder.tooFew(count) }
    at += count
  }
}

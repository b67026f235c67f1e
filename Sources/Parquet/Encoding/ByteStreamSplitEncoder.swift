internal import ByteBuffers

/// Encodes values in BYTE_STREAM_SPLIT: the first bytes of all values, then their second bytes, and so on.
enum ByteStreamSplitEncoder {
  /// Appends the values section of a page.
  ///
  /// - Parameters:
  ///   - values: values in PLAIN form.
  ///   - count: number of values.
  ///   - width: bytes of a value.
  ///   - out: where the section goes.
  static func encode(_ values: UnsafeRawPointer, count: Int, width: Int, into out: inout ByteWriter) {
    let size = count * width
    ByteStreams.split(values, width: width, count: count, into: out.reserve(size), stride: count)
    out.advance(size)
  }
}

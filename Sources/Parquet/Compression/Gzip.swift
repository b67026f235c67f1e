internal import ByteBuffers
internal import CZlib

/// GZIP: members of RFC 1952, one or more.
///
/// Some writers leave zlib's own framing instead, which is read too.
///
/// A context is made for every page. To compress it takes 0.1 ms, beside 15 ms for a page of 100 kB; to decompress it
/// takes too little to be measured.
enum Gzip {
  /// 15 bits of window; 32 is for "gzip or zlib, as the header says", 16 for gzip.
  private static let anyFraming: Int32 = 15 + 32
  private static let gzipFraming: Int32 = 15 + 16
  /// The memory that zlib takes by default.
  private static let memoryLevel: Int32 = 8

  static func decompress(
    _ source: UnsafeRawBufferPointer,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ParquetError) -> Int {
    var stream = stream(from: source, into: target)
    // zlib remembers where the stream lies, so that all calls have to be given the same address.
    return try withUnsafeMutablePointer(to: &stream) { stream throws(ParquetError) -> Int in
      guard CZlib_inflateInit2(stream, anyFraming) == Z_OK else { throw Decompressor.noMemory(.gzip) }
      defer { inflateEnd(stream) }
      while true {
        guard inflate(stream, Z_FINISH) == Z_STREAM_END else { throw failure(stream.pointee) }
        // Each member takes some bytes, so that this ends.
        guard stream.pointee.avail_in > 0 else { break }
        inflateReset(stream)
      }
      return target.count - Int(stream.pointee.avail_out)
    }
  }

  private static func failure(_ stream: z_stream) -> ParquetError {
    let reason =
      if let message = stream.msg {
        String(cString: message)
      } else if stream.avail_in == 0 {
        "it ends in the middle"
      } else {
        "it holds more bytes than its header states"
      }
    return .corrupt("A GZIP page cannot be decompressed: \(reason).")
  }

  static func compress(
    _ source: UnsafeRawBufferPointer,
    level: Int,
    into output: inout ByteWriter
  ) throws(ParquetError) {
    guard UInt32(exactly: source.count) != nil else { throw Compressor.tooLarge(.gzip, source.count) }
    var stream = stream(from: source, into: UnsafeMutableRawBufferPointer(start: nil, count: 0))
    let size = try withUnsafeMutablePointer(to: &stream) { stream throws(ParquetError) -> Int in
      guard CZlib_deflateInit2(stream, Int32(clamping: level), gzipFraming, memoryLevel) == Z_OK else {
        throw Compressor.noMemory(.gzip)
      }
      defer { deflateEnd(stream) }
      let capacity = UInt32(clamping: deflateBound(stream, UInt(source.count)))
      stream.pointee.next_out = output.reserve(Int(capacity)).assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = capacity
      guard deflate(stream, Z_FINISH) == Z_STREAM_END else { throw Compressor.tooLarge(.gzip, source.count) }
      return Int(capacity - stream.pointee.avail_out)
    }
    output.advance(size)
  }

  /// Neither buffer has more bytes than 32 bits count.
  private static func stream(
    from source: UnsafeRawBufferPointer,
    into target: UnsafeMutableRawBufferPointer
  ) -> z_stream {
    var stream = z_stream()
    // zlib only reads what it declares as mutable here.
    stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.avail_in = UInt32(clamping: source.count)
    stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.avail_out = UInt32(clamping: target.count)
    return stream
  }
}

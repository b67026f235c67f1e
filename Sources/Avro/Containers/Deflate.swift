internal import ByteBuffers
internal import CZlib

/// DEFLATE as blocks of object container files have it: the plain format of RFC 1951, no header and no checksum.
enum Deflate {
  /// 15 bits of window; negative is for "no header".
  private static let plainFraming: Int32 = -15
  /// The memory that zlib takes by default.
  private static let memoryLevel: Int32 = 8
  /// Room that is made for output at once.
  private static let step = 256 << 10

  /// Decompresses a block.
  ///
  /// Bytes behind the stream are passed over: Python's writers cut a part of the checksum only of what zlib gives them.
  static func decompress(_ source: Bytes, limit: Int) throws(AvroError) -> Bytes {
    var stream = stream(from: source)
    var output = ByteWriter(capacity: min(max(4 * source.count, 1024), step))
    // zlib remembers where the stream lies, so that all calls have to be given the same address.
    let isOver = try withUnsafeMutablePointer(to: &stream) { stream throws(AvroError) -> Bool in
      guard CZlib_inflateInit2(stream, plainFraming) == Z_OK else { throw noMemory() }
      defer { inflateEnd(stream) }
      while true {
        // One byte more than is allowed tells that there is more.
        let left = limit - output.count
        let wanted = max(output.capacity - output.count, step)
        let room = left < wanted ? left + 1 : wanted
        stream.pointee.next_out = output.reserve(room).assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(clamping: room)
        let status = inflate(stream, Z_NO_FLUSH)
        output.advance(room - Int(stream.pointee.avail_out))
        if output.count > limit { return true }
        if status == Z_STREAM_END { return false }
        guard status == Z_OK, stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0 else {
          throw failure(stream.pointee)
        }
      }
    }
    guard !isOver else {
      throw AvroError(
        .limitExceeded,
        "A block has more than \(limit) bytes when it is decompressed (decompressedBytes)."
      )
    }
    return output.take()
  }

  /// Compresses a block.
  static func compress(_ source: Bytes, level: Int) throws(AvroError) -> Bytes {
    guard UInt32(exactly: source.count) != nil else {
      throw AvroError(.invalidArgument, "A block of \(source.count) bytes is too large to be compressed.")
    }
    var output = ByteWriter()
    var stream = stream(from: source)
    try withUnsafeMutablePointer(to: &stream) { stream throws(AvroError) in
      guard CZlib_deflateInit2(stream, Int32(clamping: level), plainFraming, memoryLevel) == Z_OK else {
        throw noMemory()
      }
      defer { deflateEnd(stream) }
      let room = UInt32(clamping: deflateBound(stream, UInt(source.count)))
      stream.pointee.next_out = output.reserve(Int(room)).assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = room
      guard deflate(stream, Z_FINISH) == Z_STREAM_END else { throw noMemory() }
      output.advance(Int(room - stream.pointee.avail_out))
    }
    return output.take()
  }

  private static func stream(from source: Bytes) -> z_stream {
    var stream = z_stream()
    // zlib only reads what it declares as mutable here.
    stream.next_in = UnsafeMutablePointer(mutating: source.base.assumingMemoryBound(to: UInt8.self))
    stream.avail_in = UInt32(clamping: source.count)
    return stream
  }

  private static func failure(_ stream: z_stream) -> AvroError {
    let reason = stream.msg.map { String(cString: $0) } ?? "it ends in the middle"
    return .corrupt("A block cannot be decompressed: \(reason).")
  }

  private static func noMemory() -> AvroError {
    AvroError(.limitExceeded, "There is no memory to compress or decompress a block.")
  }
}

internal import ByteBuffers
internal import CBrotli

/// Brotli streams of RFC 7932; the extension of large windows stays off, so that a window has 16 MiB at most.
enum Brotli {
  static func decompress(
    _ source: UnsafeRawBufferPointer,
    into target: UnsafeMutableRawBufferPointer
  ) throws(ParquetError) -> Int {
    guard let decoder = BrotliDecoderCreateInstance(nil, nil, nil) else { throw Decompressor.noMemory(.brotli) }
    defer { BrotliDecoderDestroyInstance(decoder) }
    var (bytesIn, bytesOut) = (source.count, target.count)
    var next = source.baseAddress?.assumingMemoryBound(to: UInt8.self)
    var place = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let result = BrotliDecoderDecompressStream(decoder, &bytesIn, &next, &bytesOut, &place, nil)
    guard result == BROTLI_DECODER_RESULT_SUCCESS, bytesIn == 0 else {
      throw .corrupt("A BROTLI page cannot be decompressed: \(reason(result, decoder)).")
    }
    return target.count - bytesOut
  }

  private static func reason(_ result: BrotliDecoderResult, _ decoder: OpaquePointer) -> String {
    switch result {
    case BROTLI_DECODER_RESULT_SUCCESS: "bytes follow its end"
    case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT: "it ends in the middle"
    case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT: "it holds more bytes than its header states"
    default: String(cString: BrotliDecoderErrorString(BrotliDecoderGetErrorCode(decoder)))
    }
  }

  static func compress(
    _ source: UnsafeRawBufferPointer,
    level: Int,
    into output: inout ByteWriter
  ) throws(ParquetError) {
    var size = BrotliEncoderMaxCompressedSize(source.count)
    // It is 0 where the sum overflows.
    guard size > 0 else { throw Compressor.tooLarge(.brotli, source.count) }
    let target = output.reserve(size)
    let isDone = BrotliEncoderCompress(
      Int32(clamping: level),
      BROTLI_DEFAULT_WINDOW,
      BROTLI_MODE_GENERIC,
      source.count,
      source.baseAddress?.assumingMemoryBound(to: UInt8.self),
      &size,
      target.assumingMemoryBound(to: UInt8.self)
    )
    guard isDone != 0 else { throw Compressor.noMemory(.brotli) }
    output.advance(size)
  }
}

internal import ByteBuffers
internal import CSnappy
internal import CZstd
internal import Synchronization

/// Decompresses page bodies into pooled buffers.
enum Decompressor {
  /// Decompresses `input`, which must yield exactly `size` bytes.
  static func decompress(_ input: Bytes, codec: CompressionCodec, size: Int) throws(ParquetError) -> Bytes {
    switch codec {
    case .uncompressed:
      guard input.count == size else {
        throw .corrupt("An uncompressed page has \(input.count) bytes and states \(size).")
      }
      return input
    case .zstd: return try zstd(input, size)
    case .snappy: return try snappy(input, size)
    default:
      throw ParquetError(
        .unsupported,
        "Compression \(codec) cannot be read; none, snappy and zstd can. Rewrite the file with one of these."
      )
    }
  }

  private static func zstd(_ input: Bytes, _ size: Int) throws(ParquetError) -> Bytes {
    let block = BufferPool.shared.take(size)
    let written = ZstdContexts.shared.withDecompression { context in
      ZSTD_decompressDCtx(context, block.base, size, input.base, input.count)
    }
    guard let written else { throw ParquetError(.storage, "There is no memory for a zstd context.") }
    guard ZSTD_isError(written) == 0 else {
      throw .corrupt("A zstd page cannot be decompressed: \(String(cString: ZSTD_getErrorName(written))).")
    }
    return try exact(block, written, size)
  }

  private static func snappy(_ input: Bytes, _ size: Int) throws(ParquetError) -> Bytes {
    let start = input.base.assumingMemoryBound(to: CChar.self)
    var length = 0
    guard snappy_uncompressed_length(start, input.count, &length) == SNAPPY_OK, length == size else {
      throw .corrupt("A snappy page does not hold the \(size) bytes that its header states.")
    }
    let block = BufferPool.shared.take(size)
    guard snappy_uncompress(start, input.count, block.base.assumingMemoryBound(to: CChar.self), &length) == SNAPPY_OK
    else {
      throw .corrupt("A snappy page cannot be decompressed.")
    }
    return try exact(block, length, size)
  }

  private static func exact(_ block: AlignedBuffer, _ written: Int, _ size: Int) throws(ParquetError) -> Bytes {
    guard written == size else {
      throw .corrupt("A page decompresses to \(written) bytes and states \(size).")
    }
    return Bytes(block, count: size)
  }
}

/// Decompression contexts that are kept, since making one costs more than a small page.
final class ZstdContexts: Sendable {
  static let shared = ZstdContexts()

  private static let kept = 16

  private struct Context: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  private let free = Mutex<[Context]>([])

  /// Calls `body` with a context that nobody else uses; nil when there is no memory for one.
  func withDecompression<R>(_ body: (OpaquePointer) -> R) -> R? {
    guard let context = free.withLock({ $0.popLast() }) ?? ZSTD_createDCtx().map(Context.init) else { return nil }
    let result = body(context.pointer)
    let keep = free.withLock { list -> Bool in
      guard list.count < ZstdContexts.kept else { return false }
      list.append(context)
      return true
    }
    if !keep { ZSTD_freeDCtx(context.pointer) }
    return result
  }
}

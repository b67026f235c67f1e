internal import CKernels

/// Kernels of BYTE_STREAM_SPLIT: byte k of value i lies at `k * stride + i`.
///
///     stream 0   first bytes of all values
///     stream 1   second bytes of all values
///     …
///
/// Sixteen values at a time are a matrix of bytes that is transposed in registers. The caller has checked that the values
/// are there and that the target has room.
enum ByteStreams {
  /// Values that are transposed in registers.
  private static let block = 16
  /// Values of a tile for widths without a kernel of their own: source and target of a tile stay in the cache.
  private static let tile = 128

  /// Puts `count` values together; `source` is the first value's byte in stream 0.
  static func join(
    _ source: UnsafeRawPointer,
    stride: Int,
    width: Int,
    into target: UnsafeMutableRawPointer,
    count: Int
  ) {
    let blocks = count / block
    switch width {
    case 2: for at in 0..<blocks { backfill_join_2(source + at &* 16, stride, target + at &* 32) }
    case 4: for at in 0..<blocks { backfill_join_4(source + at &* 16, stride, target + at &* 64) }
    case 8: for at in 0..<blocks { backfill_join_8(source + at &* 16, stride, target + at &* 128) }
    case 16: for at in 0..<blocks { backfill_join_16(source + at &* 16, stride, target + at &* 256) }
    default:
      joinBytes(source, stride, width, target, 0..<count)
      return
    }
    joinBytes(source, stride, width, target, blocks &* block..<count)
  }

  /// Takes `count` values apart; `target` is the first value's byte in stream 0.
  static func split(
    _ source: UnsafeRawPointer,
    width: Int,
    count: Int,
    into target: UnsafeMutableRawPointer,
    stride: Int
  ) {
    let blocks = count / block
    switch width {
    case 2: for at in 0..<blocks { backfill_split_2(source + at &* 32, target + at &* 16, stride) }
    case 4: for at in 0..<blocks { backfill_split_4(source + at &* 64, target + at &* 16, stride) }
    case 8: for at in 0..<blocks { backfill_split_8(source + at &* 128, target + at &* 16, stride) }
    case 16: for at in 0..<blocks { backfill_split_16(source + at &* 256, target + at &* 16, stride) }
    default:
      splitBytes(source, width, target, stride, 0..<count)
      return
    }
    splitBytes(source, width, target, stride, blocks &* block..<count)
  }

  /// Any width, byte by byte.
  private static func joinBytes(
    _ source: UnsafeRawPointer,
    _ stride: Int,
    _ width: Int,
    _ target: UnsafeMutableRawPointer,
    _ range: Range<Int>
  ) {
    var first = range.lowerBound
    while first < range.upperBound {
      let end = min(first &+ tile, range.upperBound)
      for byte in 0..<width {
        let stream = source + byte &* stride
        var to = target + first &* width + byte
        for index in first..<end {
          to.storeBytes(of: stream.load(fromByteOffset: index, as: UInt8.self), as: UInt8.self)
          to += width
        }
      }
      first = end
    }
  }

  /// Any width, byte by byte.
  private static func splitBytes(
    _ source: UnsafeRawPointer,
    _ width: Int,
    _ target: UnsafeMutableRawPointer,
    _ stride: Int,
    _ range: Range<Int>
  ) {
    var first = range.lowerBound
    while first < range.upperBound {
      let end = min(first &+ tile, range.upperBound)
      for byte in 0..<width {
        let stream = target + byte &* stride
        var from = source + first &* width + byte
        for index in first..<end {
          stream.storeBytes(of: from.load(as: UInt8.self), toByteOffset: index, as: UInt8.self)
          from += width
        }
      }
      first = end
    }
  }
}

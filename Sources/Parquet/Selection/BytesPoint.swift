internal import ByteBuffers
internal import Glibc

/// A place among byte strings: one of them, or the gap right before or behind it.
///
/// With the gaps every comparison is an interval with both ends included.
struct BytesPoint: Comparable, Sendable {
  let bytes: Bytes
  /// -1 before the byte string, 0 at it, 1 behind it.
  var side: Int = 0

  static func == (left: BytesPoint, right: BytesPoint) -> Bool {
    left.side == right.side && left.bytes == right.bytes
  }

  static func < (left: BytesPoint, right: BytesPoint) -> Bool {
    let order = compareBytes(left.bytes.base, left.bytes.count, right.bytes.base, right.bytes.count)
    return order < 0 || order == 0 && left.side < right.side
  }
}

/// Compares byte strings: negative, zero or positive.
@inline(__always)
func compareBytes(_ left: UnsafeRawPointer, _ leftCount: Int, _ right: UnsafeRawPointer, _ rightCount: Int) -> Int {
  let order = memcmp(left, right, min(leftCount, rightCount))
  return order != 0 ? Int(order) : leftCount &- rightCount
}

internal import ByteBuffers
internal import Glibc

/// DELTA_LENGTH_BYTE_ARRAY: the lengths of all values as deltas, then the bytes of all values.
final class DeltaLengthByteArrayDecoder: ValueDecoder {
  private static let batch = 1024

  private let bytes: Bytes
  private let valueLimit: Int
  private var lengths: DeltaSequence
  /// Where the bytes of the next value begin.
  private var at: Int

  init(_ bytes: Bytes, most: Int, valueLimit: Int) throws(ParquetError) {
    self.bytes = bytes
    self.valueLimit = min(valueLimit, Int(Int32.max))
    lengths = try DeltaSequence(UnsafeRawBufferPointer(start: bytes.base, count: bytes.count), most: most)
    at = try lengths.findEnd() - bytes.base
  }

  override func decode(_ count: Int, into builder: ColumnBuilder) throws(ParquetError) {
    // The lengths go where the ends of the values will be.
    let ends = UnsafeMutableRawPointer(builder.offsets + builder.count + 1).assumingMemoryBound(to: UInt32.self)
    try lengths.decode(into: ends, count: count)
    let start = UInt32(truncatingIfNeeded: builder.dataCount)
    let total = try check(sumLengths(ends, count: count, from: start))
    let target = try builder.reserveData(total)
    memcpy(target, bytes.base + at, total)
    at += total
    builder.advanceData(total)
  }

  override func skip(_ count: Int) throws(ParquetError) {
    let scratch = BufferPool.shared.take(DeltaLengthByteArrayDecoder.batch * 4)
    let ends = scratch.base.assumingMemoryBound(to: UInt32.self)
    var rest = count
    while rest > 0 {
      let take = min(rest, DeltaLengthByteArrayDecoder.batch)
      at += try withExtendedLifetime(scratch) { () throws(ParquetError) in
        try lengths.decode(into: ends, count: take)
        return try check(sumLengths(ends, count: take, from: 0))
      }
      rest -= take
    }
  }

  /// The bytes of some values, if they are there.
  private func check(_ sum: (total: Int, longest: UInt32)) throws(ParquetError) -> Int {
    // A negative length is a long one without its sign.
    guard sum.longest <= UInt32(valueLimit), sum.total <= bytes.count - at else {
      throw .corrupt("A value's length is negative, runs past its page, or past the limit of one value.")
    }
    return sum.total
  }
}

/// Turns lengths into ends, which wrap when the lengths are wrong, and returns the sum and the longest.
private func sumLengths(
  _ lengths: UnsafeMutablePointer<UInt32>,
  count: Int,
  from start: UInt32
) -> (total: Int, longest: UInt32) {
  var total = 0
  var longest: UInt32 = 0
  var end = start
  for index in 0..<count {
    let length = lengths[index]
    longest = max(longest, length)
    total &+= Int(length)
    end &+= length
    lengths[index] = end
  }
  return (total, longest)
}

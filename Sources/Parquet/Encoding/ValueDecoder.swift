internal import ByteBuffers
internal import Glibc

/// Decodes the values section of one page, without its nulls.
///
/// One object a page; the calls are per batch, never per value. Decoders hold the page's bytes.
class ValueDecoder {
  /// Appends `count` values to a builder of the decoder's layout, densely; the builder has room for the slots.
  func decode(_ count: Int, into builder: ColumnBuilder) throws(ParquetError) {
    throw ParquetError(.unsupported, "This encoding cannot be decoded.")
  }

  /// Steps over `count` values.
  func skip(_ count: Int) throws(ParquetError) {
    throw ParquetError(.unsupported, "Values of this encoding cannot be stepped over.")
  }

  /// The next `count` values as they lie in the page, where they may stay there: a column can then do without a copy.
  func run(_ count: Int) throws(ParquetError) -> Bytes? { nil }

  static func tooFew(_ wanted: Int) -> ParquetError {
    .corrupt("The page has fewer values than it states; \(wanted) more were expected.")
  }
}

/// PLAIN values of a fixed width: a copy.
final class PlainFixedDecoder: ValueDecoder {
  private let bytes: Bytes
  private let width: Int
  private var at = 0

  init(_ bytes: Bytes, width: Int) {
    self.bytes = bytes
    self.width = width
  }

  override func decode(_ count: Int, into builder: ColumnBuilder) throws(ParquetError) {
    guard count <= (bytes.count - at) / width else { throw ValueDecoder.tooFew(count) }
    memcpy(builder.nextSlot, bytes.base + at, count * width)
    at += count * width
  }

  override func run(_ count: Int) throws(ParquetError) -> Bytes? {
    guard count <= (bytes.count - at) / width else { throw ValueDecoder.tooFew(count) }
    // Numbers have to lie where they may be loaded from, and few bytes should not keep a whole page in memory.
    let isAligned = UInt(bitPattern: bytes.base + at) % (width % 16 == 0 ? 16 : 8) == 0
    guard isAligned, count * width >= bytes.count / PlainFixedDecoder.smallestShare else { return nil }
    defer { at += count * width }
    return bytes[at..<at + count * width]
  }

  /// The smallest part of a page, one of so many, that stays where it is.
  private static let smallestShare = 16

  override func skip(_ count: Int) throws(ParquetError) {
    guard count <= (bytes.count - at) / width else { throw ValueDecoder.tooFew(count) }
    at += count * width
  }
}

/// PLAIN booleans: one bit a value, least significant bit first; delivered as one byte a value.
final class PlainBooleanDecoder: ValueDecoder {
  private let bytes: Bytes
  private var bit = 0

  init(_ bytes: Bytes) {
    self.bytes = bytes
  }

  override func decode(_ count: Int, into builder: ColumnBuilder) throws(ParquetError) {
    guard count <= bytes.count * 8 - bit else { throw ValueDecoder.tooFew(count) }
    let target = builder.nextSlot.assumingMemoryBound(to: UInt8.self)
    _ = unpackLevels(bytes.base, firstValue: bit, width: 1, into: target, count: count)
    bit += count
  }

  override func skip(_ count: Int) throws(ParquetError) {
    guard count <= bytes.count * 8 - bit else { throw ValueDecoder.tooFew(count) }
    bit += count
  }
}

/// Run-length booleans: a 32-bit length, then hybrid runs of one bit.
final class RunLengthBooleanDecoder: ValueDecoder {
  private let bytes: Bytes
  private var runs: HybridDecoder

  init(_ bytes: Bytes) throws(ParquetError) {
    self.bytes = bytes
    // A page of nulls alone may have no values section at all.
    let block = bytes.count > 0 ? try levelBlock(bytes, from: 0) : 0..<0
    runs = try HybridDecoder(UnsafeRawBufferPointer(start: bytes.base + block.lowerBound, count: block.count), width: 1)
  }

  override func decode(_ count: Int, into builder: ColumnBuilder) throws(ParquetError) {
    try runs.decodeLevels(into: builder.nextSlot.assumingMemoryBound(to: UInt8.self), count: count, maximum: 1)
  }

  override func skip(_ count: Int) throws(ParquetError) {
    try runs.skip(count)
  }
}

/// PLAIN byte arrays: a 32-bit length before each value.
final class PlainBytesDecoder: ValueDecoder {
  private let bytes: Bytes
  private let valueLimit: Int
  private var at = 0

  init(_ bytes: Bytes, valueLimit: Int) {
    self.bytes = bytes
    self.valueLimit = valueLimit
  }

  override func decode(_ count: Int, into builder: ColumnBuilder) throws(ParquetError) {
    guard count <= (bytes.count - at) / 4 else { throw ValueDecoder.tooFew(count) }
    // The values' bytes cannot be more than what is left of the page; they are measured where there is no room for that.
    let most = bytes.count - at - 4 * count
    let room = builder.hasRoom(forData: most) ? most : try measure(count)
    let target = try builder.reserveData(room)
    let offsets = builder.offsets + builder.count
    let end = copyPlainBytes(
      bytes.base + at,
      end: bytes.base + bytes.count,
      into: target,
      room: room,
      offsets: offsets,
      count: count,
      valueLimit: valueLimit
    )
    guard let end else { throw refusal(count) }
    at = end - bytes.base
    builder.advanceData(Int(offsets[count] - offsets[0]))
  }

  override func skip(_ count: Int) throws(ParquetError) {
    at += try measure(count) + 4 * count
  }
}

extension PlainBytesDecoder {
  /// Bytes of the next values, without their lengths.
  private func measure(_ count: Int) throws(ParquetError) -> Int {
    var position = at
    for _ in 0..<count {
      guard bytes.count - position >= 4 else { throw ValueDecoder.tooFew(count) }
      let length = Int((bytes.base + position).loadUnaligned(as: UInt32.self))
      guard length <= bytes.count - position - 4 else { throw PlainBytesDecoder.tooLong() }
      position += 4 + length
    }
    return position - at - 4 * count
  }

  private static func tooLong() -> ParquetError {
    .corrupt("A value's length runs past its page.")
  }

  /// Why values could not be copied: one is longer than the limit, or than what is left of the page.
  private func refusal(_ count: Int) -> ParquetError {
    var position = at
    for _ in 0..<count where bytes.count - position >= 4 {
      let length = Int((bytes.base + position).loadUnaligned(as: UInt32.self))
      guard length <= bytes.count - position - 4 else { break }
      guard length <= valueLimit else {
        return ParquetError(
          .limitExceeded,
          "A value has \(length) bytes, more than the limit valueBytes of \(valueLimit)."
        )
      }
      position += 4 + length
    }
    return PlainBytesDecoder.tooLong()
  }
}

/// The range of a block that begins with its 32-bit length, at `start`.
func levelBlock(_ bytes: Bytes, from start: Int) throws(ParquetError) -> Range<Int> {
  guard bytes.count - start >= 4 else { throw .corrupt("A block of levels is cut off.") }
  let length = Int((bytes.base + start).loadUnaligned(as: UInt32.self))
  guard length <= bytes.count - start - 4 else {
    throw .corrupt("A block of levels has \(length) bytes; \(bytes.count - start - 4) are left in the page.")
  }
  return (start + 4)..<(start + 4 + length)
}

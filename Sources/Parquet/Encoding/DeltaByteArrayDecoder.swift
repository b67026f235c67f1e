internal import ByteBuffers
internal import Glibc

/// DELTA_BYTE_ARRAY: how many bytes each value shares with the one before it, and the rest of each value.
///
///     lengths of prefixes | lengths of suffixes | suffixes
///
/// Both sequences of lengths are DELTA_BINARY_PACKED. Values of FIXED_LEN_BYTE_ARRAY must have the type's length.
/// A page of n bytes can stand for n * n / 4, so that output is counted against the builder's limit before it is made.
final class DeltaByteArrayDecoder: ValueDecoder {
  private static let batch = 1024

  private let bytes: Bytes
  /// Length of every value of FIXED_LEN_BYTE_ARRAY; nil for BYTE_ARRAY.
  private let width: Int?
  private let valueLimit: Int
  private var prefixes: DeltaSequence
  private var suffixes: DeltaSequence
  /// Where the next suffix begins.
  private var at: Int
  /// The value before the next one: the builder that it went to may be finished.
  private var previous = BufferPool.shared.take(4096)
  private var previousCount = 0

  init(_ bytes: Bytes, width: Int?, most: Int, valueLimit: Int) throws(ParquetError) {
    self.bytes = bytes
    self.width = width
    self.valueLimit = min(valueLimit, Int(Int32.max))
    let end = bytes.base + bytes.count
    prefixes = try DeltaSequence(UnsafeRawBufferPointer(start: bytes.base, count: bytes.count), most: most)
    let middle = try prefixes.findEnd()
    suffixes = try DeltaSequence(UnsafeRawBufferPointer(start: middle, count: end - middle), most: most)
    guard prefixes.left == suffixes.left else {
      throw .corrupt("The page has \(prefixes.left) lengths of prefixes and \(suffixes.left) of suffixes.")
    }
    at = try suffixes.findEnd() - bytes.base
  }

  override func decode(_ count: Int, into builder: ColumnBuilder) throws(ParquetError) {
    guard count > 0 else { return }
    let scratch = PartLengths(DeltaByteArrayDecoder.batch)
    var end = UnsafeRawPointer(previous.base)
    var done = 0
    while done < count {
      let take = min(count - done, DeltaByteArrayDecoder.batch)
      let before = previousCount
      let sum = try nextParts(scratch, take)
      let target = try room(for: sum.total, behind: done, builder)
      joinParts(
        scratch,
        count: take,
        previous: done == 0 ? UnsafeRawPointer(previous.base) : UnsafeRawPointer(target) - before,
        suffixes: bytes.base + at,
        into: target,
        offsets: width == nil ? builder.offsets + builder.count + done : nil
      )
      if width == nil { builder.advanceData(sum.total) }
      at += sum.suffixes
      end = UnsafeRawPointer(target) + sum.total
      done += take
    }
    makeRoom(previousCount, keeping: 0)
    memcpy(previous.base, end - previousCount, previousCount)
  }

  override func skip(_ count: Int) throws(ParquetError) {
    let scratch = PartLengths(DeltaByteArrayDecoder.batch)
    var rest = count
    while rest > 0 {
      let take = min(rest, DeltaByteArrayDecoder.batch)
      let before = previousCount
      let sum = try nextParts(scratch, take)
      makeRoom(sum.longest, keeping: before)
      for index in 0..<take {
        let suffix = Int(scratch.suffixes[index])
        memcpy(previous.base + Int(scratch.prefixes[index]), bytes.base + at, suffix)
        at += suffix
      }
      rest -= take
    }
  }

  private func room(
    for total: Int,
    behind done: Int,
    _ builder: ColumnBuilder
  ) throws(ParquetError) -> UnsafeMutableRawPointer {
    if let width { return builder.nextSlot + done * width }
    return try builder.reserveData(total)
  }

  /// Decodes and checks the lengths of the next values, of which the last becomes the previous one.
  private func nextParts(_ scratch: PartLengths, _ count: Int) throws(ParquetError) -> PartSums {
    try prefixes.decode(into: scratch.prefixes, count: count)
    try suffixes.decode(into: scratch.suffixes, count: count)
    let sum = sumParts(scratch, count: count, previous: previousCount, width: width, limit: valueLimit)
    guard let sum else {
      throw .corrupt(
        "A value's prefix is longer than the value before it, or the value is longer than its limit"
          + (width.map { " or has not the \($0) bytes of its type." } ?? ".")
      )
    }
    guard sum.suffixes <= bytes.count - at else { throw .corrupt("The suffixes of values run past their page.") }
    previousCount = sum.last
    return sum
  }

  /// Makes room for a previous value; it is never longer than all suffixes of the page.
  private func makeRoom(_ length: Int, keeping kept: Int) {
    guard length > previous.capacity else { return }
    let larger = BufferPool.shared.take(max(length, 2 * previous.capacity))
    memcpy(larger.base, previous.base, kept)
    previous = larger
  }
}

/// Lengths of the two parts of some values.
private final class PartLengths {
  private let block: AlignedBuffer
  let prefixes: UnsafeMutablePointer<UInt32>
  let suffixes: UnsafeMutablePointer<UInt32>

  init(_ capacity: Int) {
    block = BufferPool.shared.take(2 * capacity * 4)
    prefixes = block.base.assumingMemoryBound(to: UInt32.self)
    suffixes = prefixes + capacity
  }
}

/// What some values take.
private struct PartSums {
  var total = 0
  var suffixes = 0
  var longest = 0
  var last: Int
}

/// Adds up lengths; nil when a prefix is longer than the value before it or a value has a length that is not allowed.
private func sumParts(_ parts: PartLengths, count: Int, previous: Int, width: Int?, limit: Int) -> PartSums? {
  // Between these bounds lies every length that is allowed.
  let least = width ?? 0
  let most = width ?? limit
  let (prefixLengths, suffixLengths) = (parts.prefixes, parts.suffixes)
  var sum = PartSums(last: previous)
  for index in 0..<count {
    let prefix = Int(prefixLengths[index])
    let suffix = Int(suffixLengths[index])
    let length = prefix &+ suffix
    guard prefix <= sum.last, length >= least, length <= most else { return nil }
    sum.total &+= length
    sum.suffixes &+= suffix
    sum.longest = max(sum.longest, length)
    sum.last = length
  }
  return sum
}

/// Puts values together; `previous` ends before the target or where it begins.
private func joinParts(
  _ parts: PartLengths,
  count: Int,
  previous: UnsafeRawPointer,
  suffixes: UnsafeRawPointer,
  into target: UnsafeMutableRawPointer,
  offsets: UnsafeMutablePointer<Int32>?
) {
  let (prefixLengths, suffixLengths) = (parts.prefixes, parts.suffixes)
  var previous = previous
  var from = suffixes
  var to = target
  var offset = offsets?[0] ?? 0
  for index in 0..<count {
    let prefix = Int(prefixLengths[index])
    let suffix = Int(suffixLengths[index])
    copySpared(previous, to, prefix)
    copySpared(from, to + prefix, suffix)
    previous = UnsafeRawPointer(to)
    from += suffix
    to += prefix &+ suffix
    if let offsets {
      offset &+= Int32(truncatingIfNeeded: prefix &+ suffix)
      offsets[index + 1] = offset
    }
  }
}

/// Copies bytes, few of them as 16: source and target both have spare bytes behind them.
@inline(__always)
private func copySpared(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ count: Int) {
  if count <= 16 {
    target.storeBytes(of: source.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
  } else {
    memcpy(target, source, count)
  }
}

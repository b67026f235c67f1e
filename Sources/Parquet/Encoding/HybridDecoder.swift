internal import ByteBuffers

/// Decodes the RLE / bit-packed hybrid: levels, dictionary indices, run-length booleans.
///
///     run        varint h; h & 1 == 0: h >> 1 copies of one value in ceil(width / 8) bytes
///                          h & 1 == 1: (h >> 1) groups of 8 values, `width` bytes a group, least significant bit first
///
/// The caller keeps the bytes alive; up to `AlignedBuffer.spareBytes` behind them may be loaded.
/// Source: Parquet specification, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid".
struct HybridDecoder {
  private var at: UnsafeRawPointer
  private let end: UnsafeRawPointer
  private let width: Int

  /// Values left in the current run.
  private var left = 0
  /// The value of an RLE run.
  private var value: UInt32 = 0
  /// Start of a bit-packed run; nil in an RLE run.
  private var packed: UnsafeRawPointer?
  /// Values of the bit-packed run that were taken.
  private var taken = 0

  init(_ bytes: UnsafeRawBufferPointer, width: Int) throws(ParquetError) {
    guard (0...32).contains(width) else { throw .corrupt("Bit width \(width) is above 32.") }
    let start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 8)
    guard let start else { throw .corrupt("No bytes to decode.") }
    at = start
    end = start + bytes.count
    self.width = width
  }

  /// Begins the next run that is not empty.
  private mutating func nextRun() throws(ParquetError) {
    while left == 0 {
      let header = try varint()
      if header & 1 == 0 {
        let size = (width + 7) >> 3
        guard end - at >= size else { throw .corrupt("A run of levels or indices is cut off.") }
        var bits: UInt32 = 0
        for index in 0..<size { bits |= UInt32(at.load(fromByteOffset: index, as: UInt8.self)) << UInt32(index * 8) }
        at += size
        guard width == 32 || bits >> UInt32(width) == 0 else {
          throw .corrupt("A run repeats \(bits), which has more than \(width) bits.")
        }
        value = bits
        packed = nil
        left = Int(clamping: header >> 1)
      } else {
        try beginPacked(groups: header >> 1)
      }
    }
  }

  private mutating func beginPacked(groups: UInt64) throws(ParquetError) {
    let available = end - at
    packed = at
    taken = 0
    if width == 0 {
      left = Int(clamping: groups.multipliedReportingOverflow(by: 8).partialValue)
      return
    }
    // Some writers cut the last group short: only whole values that are there count.
    let whole = groups <= UInt64(available / width)
    left = whole ? Int(groups) * 8 : available * 8 / width
    at = whole ? at + Int(groups) * width : end
    if left == 0, groups > 0 { throw .corrupt("A bit-packed run is cut off.") }
  }

  private mutating func varint() throws(ParquetError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while at < end {
      let byte = at.load(as: UInt8.self)
      at += 1
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return result }
      shift += 7
      if shift > 35 { throw .corrupt("A run header is too long.") }
    }
    throw .corrupt("There are fewer levels or indices than the page states.")
  }

  /// Decodes `count` values.
  mutating func decode(into target: UnsafeMutablePointer<UInt32>, count: Int) throws(ParquetError) {
    var done = 0
    while done < count {
      if left == 0 { try nextRun() }
      let take = min(left, count - done)
      if let packed {
        unpackBits(packed, firstValue: taken, width: width, into: target + done, count: take)
        taken += take
      } else {
        (target + done).update(repeating: value, count: take)
      }
      left -= take
      done += take
    }
  }

  /// Decodes `count` values of at most 8 bits and checks that none is above `maximum`.
  mutating func decodeLevels(
    into target: UnsafeMutablePointer<UInt8>,
    count: Int,
    maximum: UInt8
  ) throws(ParquetError) {
    var done = 0
    while done < count {
      if left == 0 { try nextRun() }
      let take = min(left, count - done)
      if let packed {
        let highest = unpackLevels(packed, firstValue: taken, width: width, into: target + done, count: take)
        guard highest <= maximum else {
          throw .corrupt("Level \(highest) is above the column's maximum of \(maximum).")
        }
        taken += take
      } else {
        guard value <= UInt32(maximum) else {
          throw .corrupt("Level \(value) is above the column's maximum of \(maximum).")
        }
        (target + done).update(repeating: UInt8(truncatingIfNeeded: value), count: take)
      }
      left -= take
      done += take
    }
  }

  /// Decodes `count` one-bit values as bits behind `bitOffset`; returns how many are 1.
  ///
  /// Target bits must be 0, and so must those of 8 bytes behind them.
  mutating func decodeBits(
    into target: UnsafeMutableRawPointer,
    bitOffset: Int,
    count: Int
  ) throws(ParquetError) -> Int {
    var done = 0
    while done < count {
      if left == 0, width == 1 {
        done += unpackBitRuns(&at, end: end, to: target, targetBit: bitOffset + done, count: count - done)
        if done == count { break }
      }
      if left == 0 { try nextRun() }
      let take = min(left, count - done)
      if let packed {
        _ = copyBits(packed, sourceBit: taken, to: target, targetBit: bitOffset + done, count: take)
        taken += take
      } else if value & 1 == 1 {
        setBits(target, from: bitOffset + done, count: take)
      }
      left -= take
      done += take
    }
    return ValidityWords.ones(target, bitOffset, count)
  }

  /// Whether the next `count` values are RLE runs of `expected`; if so they are stepped over, else none is.
  mutating func skipRuns(of expected: UInt32, count: Int) throws(ParquetError) -> Bool {
    var ahead = self
    var rest = count
    while rest > 0 {
      if ahead.left == 0 { try ahead.nextRun() }
      guard ahead.packed == nil, ahead.value == expected else { return false }
      let take = min(ahead.left, rest)
      ahead.left -= take
      rest -= take
    }
    self = ahead
    return true
  }

  /// Steps over `count` values.
  mutating func skip(_ count: Int) throws(ParquetError) {
    var rest = count
    while rest > 0 {
      if left == 0 { try nextRun() }
      let take = min(left, rest)
      if packed != nil { taken += take }
      left -= take
      rest -= take
    }
  }

  /// Steps over `count` values of at most 8 bits and returns how many are `level`.
  mutating func skipCounting(_ count: Int, of level: UInt8) throws(ParquetError) -> Int {
    var rest = count
    var equal = 0
    while rest > 0 {
      if left == 0 { try nextRun() }
      let take = min(left, rest)
      if let packed {
        equal += countLevels(packed, firstValue: taken, width: width, equalTo: level, count: take)
        taken += take
      } else if value == UInt32(level) {
        equal += take
      }
      left -= take
      rest -= take
    }
    return equal
  }
}

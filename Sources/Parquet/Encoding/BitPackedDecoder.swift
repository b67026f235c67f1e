internal import ByteBuffers

/// Decodes levels in the deprecated encoding BIT_PACKED: no runs and no length, most significant bit first.
///
///     bit     7 6 5 4 3 2 1 0 | 7 6 5 4 3 …
///     level   0 0 0 1 1 1 2 2 | 2 3 3 3 4 …     three bits each
///
/// The caller keeps the bytes alive; up to `AlignedBuffer.spareBytes` behind them may be loaded.
/// Source: Parquet specification, Encodings.md, "Bit-packed (Deprecated)".
struct BitPackedDecoder {
  private let source: UnsafeRawPointer
  private let width: Int
  private let count: Int
  private var at = 0

  /// Bytes that so many levels take; `width` is at most 8.
  static func byteCount(_ count: Int, width: Int) -> Int {
    let whole = count / 8 * width
    return whole + (count % 8 * width + 7) / 8
  }

  /// - Parameters:
  ///   - source: as many bytes as ``byteCount(_:width:)`` says.
  ///   - count: number of levels.
  ///   - width: 1 to 8.
  init(_ source: UnsafeRawPointer, count: Int, width: Int) {
    self.source = source
    self.count = count
    self.width = width
  }

  /// Takes `count` levels and returns the position of the first.
  private mutating func advance(_ count: Int) throws(ParquetError) -> Int {
    guard count <= self.count - at else { throw .corrupt("There are fewer levels than the page states.") }
    defer { at += count }
    return at
  }

  /// Decodes `count` levels and checks that none is above `maximum`.
  mutating func decodeLevels(
    into target: UnsafeMutablePointer<UInt8>,
    count: Int,
    maximum: UInt8
  ) throws(ParquetError) {
    let first = try advance(count)
    var highest: UInt8 = 0
    for index in 0..<count {
      let level = bitPackedLevel(source, first &+ index, width)
      target[index] = level
      highest = max(highest, level)
    }
    guard highest <= maximum else {
      throw .corrupt("Level \(highest) is above the column's maximum of \(maximum).")
    }
  }

  /// Decodes `count` one-bit levels as bits behind `bitOffset`; returns how many are 1.
  ///
  /// Target bits must be 0.
  mutating func decodeBits(
    into target: UnsafeMutableRawPointer,
    bitOffset: Int,
    count: Int
  ) throws(ParquetError) -> Int {
    let first = try advance(count)
    var ones = 0
    for index in 0..<count {
      let level = bitPackedLevel(source, first &+ index, 1)
      let bit = bitOffset &+ index
      let place = target + bit &>> 3
      place.storeBytes(of: place.load(as: UInt8.self) | level &<< UInt8(bit & 7), as: UInt8.self)
      ones &+= Int(level)
    }
    return ones
  }

  /// Steps over `count` levels and returns how many are `level`.
  mutating func skipCounting(_ count: Int, of level: UInt8) throws(ParquetError) -> Int {
    let first = try advance(count)
    var equal = 0
    for index in 0..<count { equal &+= bitPackedLevel(source, first &+ index, width) == level ? 1 : 0 }
    return equal
  }
}

/// One level of at most 8 bits, which lie within two bytes.
@inline(__always)
private func bitPackedLevel(_ source: UnsafeRawPointer, _ index: Int, _ width: Int) -> UInt8 {
  let bit = index &* width
  let word = UInt16(bigEndian: source.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt16.self))
  return UInt8(truncatingIfNeeded: (word &<< UInt16(bit & 7)) &>> UInt16(16 &- width))
}

internal import ByteBuffers

/// Takes the least and the greatest value of a column chunk from runs of PLAIN values.
///
/// A value may be seen any number of times, so a dictionary's entries stand for all values that use them.
struct BoundsCollector {
  let order: BoundsOrder

  // One pair is in use, by `order`. Nothing was seen while the least is above the greatest.
  private var signed: (least: Int64, greatest: Int64) = (.max, .min)
  private var unsigned: (least: UInt64, greatest: UInt64) = (.max, .min)
  private var floating: (least: Double, greatest: Double) = (.infinity, -.infinity)
  private var bytes: (least: [UInt8], greatest: [UInt8])?

  init(order: BoundsOrder) {
    self.order = order
  }

  mutating func removeAll() {
    self = BoundsCollector(order: order)
  }

  mutating func addBooleans(hasFalse: Bool, hasTrue: Bool) {
    guard order == .boolean else { return }
    if hasFalse { signed = (0, max(signed.greatest, 0)) }
    if hasTrue { signed = (min(signed.least, 1), 1) }
  }

  /// Takes `count` values that lie in `byteCount` bytes of PLAIN encoding.
  mutating func add(plain values: UnsafeRawPointer, byteCount: Int, count: Int) {
    guard count > 0 else { return }
    switch order {
    case .none, .boolean: break
    case .int32:
      let found = extremes(values, count, (Int32.max, Int32.min))
      signed = (min(signed.least, Int64(found.least)), max(signed.greatest, Int64(found.greatest)))
    case .int64: signed = extremes(values, count, signed)
    case .uint32:
      let found = extremes(values, count, (UInt32.max, UInt32.min))
      unsigned = (min(unsigned.least, UInt64(found.least)), max(unsigned.greatest, UInt64(found.greatest)))
    case .uint64: unsigned = extremes(values, count, unsigned)
    case .float:
      let found = extremes(values, count, (Float.infinity, -Float.infinity))
      floating = (min(floating.least, Double(found.least)), max(floating.greatest, Double(found.greatest)))
    case .double: floating = extremes(values, count, floating)
    case .fixedBytes(let width): addBytes(values, byteCount, width: width)
    case .byteArray: addBytes(values, byteCount, width: nil)
    }
  }

  private mutating func addBytes(_ values: UnsafeRawPointer, _ byteCount: Int, width: Int?) {
    let known = bytes ?? ([], [])
    let hadBounds = bytes != nil
    let found = known.least.withUnsafeBytes { least in
      known.greatest.withUnsafeBytes { greatest in
        let (low, high) = byteExtremes(values, byteCount, width: width, known: hadBounds ? (least, greatest) : nil)
        // Copies are made only of what is new: once a run of values, not once a value.
        let newLeast = hadBounds && low.baseAddress == least.baseAddress ? nil : Array(low)
        let newGreatest = hadBounds && high.baseAddress == greatest.baseAddress ? nil : Array(high)
        return (newLeast, newGreatest)
      }
    }
    bytes = (found.0 ?? known.least, found.1 ?? known.greatest)
  }

  /// Fills in the bounds of `statistics`, as far as there are any.
  func finish(into statistics: inout Statistics) {
    switch order {
    case .none: return
    case .boolean: set(&statistics, signed) { [UInt8($0)] }
    case .int32: set(&statistics, signed) { littleEndian(Int32(truncatingIfNeeded: $0)) }
    case .int64: set(&statistics, signed) { littleEndian($0) }
    case .uint32: set(&statistics, unsigned) { littleEndian(UInt32(truncatingIfNeeded: $0)) }
    case .uint64: set(&statistics, unsigned) { littleEndian($0) }
    case .float: set(&statistics, zeroesWidened) { littleEndian(Float($0).bitPattern) }
    case .double: set(&statistics, zeroesWidened) { littleEndian($0.bitPattern) }
    case .fixedBytes, .byteArray:
      guard let bytes else { return }
      let isText = order == .byteArray(isText: true)
      let low = BoundTruncation.lower(bytes.least, isText: isText)
      statistics.minValue = Bytes(low.bytes)
      statistics.isMinValueExact = low.isExact
      guard let high = BoundTruncation.upper(bytes.greatest, isText: isText) else { return }
      statistics.maxValue = Bytes(high.bytes)
      statistics.isMaxValueExact = high.isExact
    }
  }

  /// Both zeros are equal, and either may be in the data: the bounds take in both.
  private var zeroesWidened: (least: Double, greatest: Double) {
    (floating.least == 0 ? -0.0 : floating.least, floating.greatest == 0 ? 0.0 : floating.greatest)
  }

  private func set<T: Comparable>(
    _ statistics: inout Statistics,
    _ bounds: (least: T, greatest: T),
    _ encode: (T) -> [UInt8]
  ) {
    guard bounds.least <= bounds.greatest else { return }
    statistics.minValue = Bytes(encode(bounds.least))
    statistics.maxValue = Bytes(encode(bounds.greatest))
    statistics.isMinValueExact = true
    statistics.isMaxValueExact = true
  }
}

private func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// The extremes of `known` and `count` values; a NaN compares with nothing and so is left out.
@inline(__always)
private func extremes<T: Comparable & BitwiseCopyable>(
  _ values: UnsafeRawPointer,
  _ count: Int,
  _ known: (least: T, greatest: T)
) -> (least: T, greatest: T) {
  // Four lanes, since each comparison waits for the one before it.
  var (first, second, third, fourth) = (known, known, known, known)
  var index = 0
  while index &+ 4 <= count {
    widen(&first, values, index)
    widen(&second, values, index &+ 1)
    widen(&third, values, index &+ 2)
    widen(&fourth, values, index &+ 3)
    index &+= 4
  }
  while index < count {
    widen(&first, values, index)
    index &+= 1
  }
  return (
    min(min(first.least, second.least), min(third.least, fourth.least)),
    max(max(first.greatest, second.greatest), max(third.greatest, fourth.greatest))
  )
}

@inline(__always)
private func widen<T: Comparable & BitwiseCopyable>(
  _ bounds: inout (least: T, greatest: T),
  _ values: UnsafeRawPointer,
  _ index: Int
) {
  let value = values.loadUnaligned(fromByteOffset: index &* MemoryLayout<T>.stride, as: T.self)
  bounds.least = value < bounds.least ? value : bounds.least
  bounds.greatest = value > bounds.greatest ? value : bounds.greatest
}

/// The first eight bytes as a number that compares as they do, zeros behind a shorter value; eight bytes can be loaded.
@inline(__always)
private func leadingBytes(_ value: UnsafeRawPointer, _ length: Int) -> UInt64 {
  let word = UInt64(bigEndian: value.loadUnaligned(as: UInt64.self))
  return length >= 8 ? word : word & ~(UInt64.max >> UInt64(8 &* length))
}

/// The same for bytes behind which nothing may be loaded.
private func leadingBytes(of value: UnsafeRawBufferPointer) -> UInt64 {
  value.prefix(8).enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64(56 - 8 * $1.offset) }
}

/// The extremes of `known` and of byte strings in PLAIN encoding; `width` is nil where each stands behind its length.
///
/// Most values lie between the bounds so far, which the leading eight bytes show without a look at the rest.
private func byteExtremes(
  _ values: UnsafeRawPointer,
  _ byteCount: Int,
  width: Int?,
  known: (UnsafeRawBufferPointer, UnsafeRawBufferPointer)?
) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer) {
  var at = 0
  var bounds = known
  var leading = known.map { (least: leadingBytes(of: $0.0), greatest: leadingBytes(of: $0.1)) } ?? (0, .max)
  while at < byteCount {
    let length: Int
    if let width {
      length = width
    } else {
      length = Int(UInt32(littleEndian: values.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
      at &+= PlainEncoder.lengthBytes
    }
    let value = UnsafeRawBufferPointer(start: values + at, count: length)
    let head = leadingBytes(values + at, length)
    at &+= length
    guard let (least, greatest) = bounds else {
      bounds = (value, value)
      leading = (head, head)
      continue
    }
    if head <= leading.least, ByteOrder.precedes(value, least) {
      bounds = (value, greatest)
      leading.least = head
    } else if head >= leading.greatest, ByteOrder.precedes(greatest, value) {
      bounds = (least, value)
      leading.greatest = head
    }
  }
  return bounds ?? (UnsafeRawBufferPointer(start: nil, count: 0), UnsafeRawBufferPointer(start: nil, count: 0))
}

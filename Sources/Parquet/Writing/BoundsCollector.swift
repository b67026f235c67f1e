internal import ByteBuffers
internal import CKernels

/// Takes the least and the greatest value of a page, or of a column chunk, from runs of PLAIN values.
///
/// A value may be seen any number of times, so a dictionary's entries stand for all values that use them.
struct BoundsCollector {
  let order: BoundsOrder

  // One pair is in use, by `order`. Nothing was seen while the least is above the greatest.
  private var signed: (least: Int64, greatest: Int64) = (.max, .min)
  private var unsigned: (least: UInt64, greatest: UInt64) = (.max, .min)
  private var floating: (least: Double, greatest: Double) = (.infinity, -.infinity)
  private var bytes: (least: [UInt8], greatest: [UInt8])?
  /// NaN values among those seen.
  private(set) var nanCount = 0

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
      addFloats(values, count)
    case .double:
      let hasNaN = backfill_extremes_double(values, count, &floating.least, &floating.greatest) != 0
      if hasNaN { nanCount += nans(values, count, Double.self) }
    case .float16: addHalves(values, count)
    case .fixedBytes(let width): addBytes(values, byteCount, width: width)
    case .byteArray: addBytes(values, byteCount, width: nil)
    case .decimal(let width): addBytes(values, byteCount, width: width)
    }
  }

  /// Takes what another collector of the same order has seen.
  mutating func add(_ other: BoundsCollector) {
    nanCount += other.nanCount
    signed = (min(signed.least, other.signed.least), max(signed.greatest, other.signed.greatest))
    unsigned = (min(unsigned.least, other.unsigned.least), max(unsigned.greatest, other.unsigned.greatest))
    floating = (min(floating.least, other.floating.least), max(floating.greatest, other.floating.greatest))
    guard let found = other.bytes else { return }
    guard let known = bytes else {
      bytes = found
      return
    }
    bytes = (
      precedes(found.least, known.least) ? found.least : known.least,
      precedes(known.greatest, found.greatest) ? found.greatest : known.greatest
    )
  }

  /// Counts the NaN values anew, of all values: those seen were one of each kind.
  mutating func recountNaN(plain values: UnsafeRawPointer, count: Int) {
    switch order {
    case .float: nanCount = nans(values, count, Float.self)
    case .double: nanCount = nans(values, count, Double.self)
    case .float16:
      nanCount = 0
      for index in 0..<count where HalfOrder.isNaN(half(values, index)) { nanCount += 1 }
    default: break
    }
  }

  private func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.withUnsafeBytes { left in right.withUnsafeBytes { right in order.precedes(left, right) } }
  }

  private mutating func addFloats(_ values: UnsafeRawPointer, _ count: Int) {
    var (least, greatest) = (Float.infinity, -Float.infinity)
    let hasNaN = backfill_extremes_float(values, count, &least, &greatest) != 0
    if hasNaN { nanCount += nans(values, count, Float.self) }
    floating = (min(floating.least, Double(least)), max(floating.greatest, Double(greatest)))
  }

  private mutating func addHalves(_ values: UnsafeRawPointer, _ count: Int) {
    for index in 0..<count {
      let bits = half(values, index)
      if HalfOrder.isNaN(bits) {
        nanCount += 1
      } else {
        let key = Int64(HalfOrder.key(bits))
        signed = (min(signed.least, key), max(signed.greatest, key))
      }
    }
  }

  private var isDecimal: Bool { if case .decimal = order { true } else { false } }

  private mutating func addBytes(_ values: UnsafeRawPointer, _ byteCount: Int, width: Int?) {
    let known = bytes ?? ([], [])
    let hadBounds = bytes != nil
    let found = known.least.withUnsafeBytes { least in
      known.greatest.withUnsafeBytes { greatest in
        let known = hadBounds ? (least, greatest) : nil
        let (low, high) =
          isDecimal
          ? decimalExtremes(values, byteCount, width: width, known: known)
          : byteExtremes(values, byteCount, width: width, known: known)
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
    if order.hasNaN { statistics.nanCount = Int64(nanCount) }
    switch order {
    case .none: return
    case .boolean: set(&statistics, signed) { [UInt8($0)] }
    case .int32: set(&statistics, signed) { littleEndian(Int32(truncatingIfNeeded: $0)) }
    case .int64: set(&statistics, signed) { littleEndian($0) }
    case .uint32: set(&statistics, unsigned) { littleEndian(UInt32(truncatingIfNeeded: $0)) }
    case .uint64: set(&statistics, unsigned) { littleEndian($0) }
    case .float: set(&statistics, zeroesWidened) { littleEndian(Float($0).bitPattern) }
    case .double: set(&statistics, zeroesWidened) { littleEndian($0.bitPattern) }
    case .float16: set(&statistics, halfZeroesWidened) { littleEndian(HalfOrder.bits(Int16(truncatingIfNeeded: $0))) }
    case .decimal:
      // A part of a number is no bound of it: a long one is left out.
      guard let bytes, max(bytes.least.count, bytes.greatest.count) <= BoundTruncation.limit else { return }
      statistics.minValue = Bytes(bytes.least)
      statistics.maxValue = Bytes(bytes.greatest)
      statistics.isMinValueExact = true
      statistics.isMaxValueExact = true
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

  private var halfZeroesWidened: (least: Int64, greatest: Int64) {
    let negative = Int64(HalfOrder.negativeZero)
    return (signed.least == 0 ? negative : signed.least, signed.greatest == negative ? 0 : signed.greatest)
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

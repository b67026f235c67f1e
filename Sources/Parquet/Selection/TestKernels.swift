internal import ByteBuffers

/// Marks the whole numbers that are in a set.
///
/// The set is cut to the numbers of the type first, so that the loop compares in the type itself.
func markIntegers<T: FixedWidthInteger & BitwiseCopyable>(
  _ values: UnsafePointer<T>,
  _ count: Int,
  _ set: IntervalSet<Int128>,
  into flags: UnsafeMutablePointer<UInt8>
) {
  let (least, greatest) = (Int128(T.min), Int128(T.max))
  var intervals: [(lower: T, upper: T)] = []
  for interval in set.intervals where interval.meets(least, greatest) {
    let lower = max(interval.lower ?? least, least)
    let upper = min(interval.upper ?? greatest, greatest)
    if lower <= upper { intervals.append((T(truncatingIfNeeded: lower), T(truncatingIfNeeded: upper))) }
  }
  guard let first = intervals.first else { return flags.initialize(repeating: 0, count: count) }
  if intervals.count == 1 {
    for row in 0..<count { flags[row] = values[row] >= first.lower && values[row] <= first.upper ? 1 : 0 }
    return
  }
  intervals.withUnsafeBufferPointer { intervals in
    for row in 0..<count { flags[row] = isMember(values[row], intervals) }
  }
}

/// Marks the numbers that are in a set whose intervals have two ends; NaN is in none.
func markReals<T: BinaryFloatingPoint & BitwiseCopyable>(
  _ values: UnsafePointer<T>,
  _ count: Int,
  _ set: IntervalSet<Double>,
  into flags: UnsafeMutablePointer<UInt8>
) {
  let intervals = set.intervals.map { (lower: $0.lower ?? -.infinity, upper: $0.upper ?? .infinity) }
  guard let first = intervals.first else { return flags.initialize(repeating: 0, count: count) }
  if intervals.count == 1 {
    for row in 0..<count {
      let value = Double(values[row])
      flags[row] = value >= first.lower && value <= first.upper ? 1 : 0
    }
    return
  }
  intervals.withUnsafeBufferPointer { intervals in
    for row in 0..<count {
      let value = Double(values[row])
      flags[row] = value == value ? isMember(value, intervals) : 0
    }
  }
}

/// Whether a value is in one of some intervals, which ascend.
@inline(__always)
private func isMember<T: Comparable>(_ value: T, _ intervals: UnsafeBufferPointer<(lower: T, upper: T)>) -> UInt8 {
  var low = 0
  var high = intervals.count
  while low < high {
    let middle = (low &+ high) &>> 1
    if intervals[middle].upper < value { low = middle &+ 1 } else { high = middle }
  }
  return low < intervals.count && intervals[low].lower <= value ? 1 : 0
}

/// Marks the byte strings that are in a set.
struct BytesKernel {
  /// An end of an interval, as it lies in memory; the set holds the memory.
  private struct End {
    let base: UnsafeRawPointer
    let count: Int
    let side: Int

    init(_ point: BytesPoint) {
      base = point.bytes.base
      count = point.bytes.count
      side = point.side
    }

    /// How a value compares with this end: negative, zero or positive.
    @inline(__always)
    func order(of value: UnsafeRawPointer, _ length: Int) -> Int {
      let order = compareBytes(value, length, base, count)
      return order != 0 ? order : -side
    }
  }

  private let set: IntervalSet<BytesPoint>
  private let intervals: [(lower: End?, upper: End?)]

  init(_ set: IntervalSet<BytesPoint>) {
    self.set = set
    intervals = set.intervals.map { ($0.lower.map(End.init), $0.upper.map(End.init)) }
  }

  /// Marks values of one width.
  func evaluate(_ values: UnsafeRawPointer, width: Int, _ count: Int, into flags: UnsafeMutablePointer<UInt8>) {
    withExtendedLifetime(set) {
      for row in 0..<count { flags[row] = contains(values + row &* width, width) }
    }
  }

  /// Marks values that lie between offsets.
  func evaluate(
    _ data: UnsafeRawPointer,
    offsets: UnsafePointer<Int32>,
    _ count: Int,
    into flags: UnsafeMutablePointer<UInt8>
  ) {
    withExtendedLifetime(set) {
      for row in 0..<count {
        let start = Int(offsets[row])
        flags[row] = contains(data + start, Int(offsets[row &+ 1]) &- start)
      }
    }
  }

  @inline(__always)
  private func contains(_ value: UnsafeRawPointer, _ length: Int) -> UInt8 {
    var low = 0
    var high = intervals.count
    while low < high {
      let middle = (low &+ high) &>> 1
      if let upper = intervals[middle].upper, upper.order(of: value, length) > 0 {
        low = middle &+ 1
      } else {
        high = middle
      }
    }
    guard low < intervals.count else { return 0 }
    guard let lower = intervals[low].lower else { return 1 }
    return lower.order(of: value, length) >= 0 ? 1 : 0
  }
}

/// What deltas are summed in: `UInt32` or `UInt64`, so that sums wrap as the format says.
typealias DeltaInteger = FixedWidthInteger & UnsignedInteger & BitwiseCopyable

/// Unpacks deltas of one miniblock and sums them up: each value is the one before it, plus `least`, plus what is packed.
///
/// `width` is at most 64. The caller has checked that the deltas are there; 16 bytes behind them may be loaded.
///
/// - Returns: the last value.
func sumDeltas<T: DeltaInteger>(
  _ source: UnsafeRawPointer,
  firstDelta: Int,
  width: Int,
  least: T,
  after last: T,
  into target: UnsafeMutablePointer<T>,
  count: Int
) -> T {
  guard width > 0 else { return sumEqualDeltas(least, after: last, into: target, count: count) }
  // Groups of eight begin at whole bytes, where the shifts of a width are constants.
  let head = min(count, -firstDelta & 7)
  let groups = (count &- head) &>> 3
  let tail = (count &- head) & 7
  var sum = sumSingleDeltas(source, firstDelta, width, least, last, target, head)
  let grouped = source + ((firstDelta &+ head) &>> 3) &* width
  sum = sumGroupedDeltas(grouped, width, least, sum, target + head, groups)
  return sumSingleDeltas(grouped + groups &* width, 0, width, least, sum, target + head + groups &* 8, tail)
}

/// An arithmetic sequence: nothing is packed.
private func sumEqualDeltas<T: DeltaInteger>(
  _ delta: T,
  after last: T,
  into target: UnsafeMutablePointer<T>,
  count: Int
) -> T {
  var sum = last
  for index in 0..<count {
    sum &+= delta
    target[index] = sum
  }
  return sum
}

/// Any width, any position, delta by delta.
private func sumSingleDeltas<T: DeltaInteger>(
  _ source: UnsafeRawPointer,
  _ firstDelta: Int,
  _ width: Int,
  _ least: T,
  _ last: T,
  _ target: UnsafeMutablePointer<T>,
  _ count: Int
) -> T {
  let mask = UInt64.max &>> UInt64(64 &- width)
  var sum = last
  var bit = firstDelta &* width
  for index in 0..<count {
    let place = source + (bit &>> 3)
    let shift = UInt64(bit & 7)
    // The second load is moved in two steps: a shift by 64 would be one by 0.
    let low = UInt64(littleEndian: place.loadUnaligned(as: UInt64.self)) &>> shift
    let high = (UInt64(place.load(fromByteOffset: 8, as: UInt8.self)) &<< 1) &<< (63 &- shift)
    sum = sum &+ least &+ T(truncatingIfNeeded: (low | high) & mask)
    target[index] = sum
    bit &+= width
  }
  return sum
}

/// Whole groups of eight, with a kernel of its own for each width that is common.
private func sumGroupedDeltas<T: DeltaInteger>(
  _ source: UnsafeRawPointer,
  _ width: Int,
  _ least: T,
  _ last: T,
  _ target: UnsafeMutablePointer<T>,
  _ groups: Int
) -> T {
  switch width {
  case 1: DeltaUnpacker<1>.sum(source, least, last, target, groups)
  case 2: DeltaUnpacker<2>.sum(source, least, last, target, groups)
  case 3: DeltaUnpacker<3>.sum(source, least, last, target, groups)
  case 4: DeltaUnpacker<4>.sum(source, least, last, target, groups)
  case 5: DeltaUnpacker<5>.sum(source, least, last, target, groups)
  case 6: DeltaUnpacker<6>.sum(source, least, last, target, groups)
  case 7: DeltaUnpacker<7>.sum(source, least, last, target, groups)
  case 8: DeltaUnpacker<8>.sum(source, least, last, target, groups)
  case 9: DeltaUnpacker<9>.sum(source, least, last, target, groups)
  case 10: DeltaUnpacker<10>.sum(source, least, last, target, groups)
  case 11: DeltaUnpacker<11>.sum(source, least, last, target, groups)
  case 12: DeltaUnpacker<12>.sum(source, least, last, target, groups)
  case 13: DeltaUnpacker<13>.sum(source, least, last, target, groups)
  case 14: DeltaUnpacker<14>.sum(source, least, last, target, groups)
  case 15: DeltaUnpacker<15>.sum(source, least, last, target, groups)
  case 16: DeltaUnpacker<16>.sum(source, least, last, target, groups)
  case 17: DeltaUnpacker<17>.sum(source, least, last, target, groups)
  case 18: DeltaUnpacker<18>.sum(source, least, last, target, groups)
  case 19: DeltaUnpacker<19>.sum(source, least, last, target, groups)
  case 20: DeltaUnpacker<20>.sum(source, least, last, target, groups)
  case 21: DeltaUnpacker<21>.sum(source, least, last, target, groups)
  case 22: DeltaUnpacker<22>.sum(source, least, last, target, groups)
  case 23: DeltaUnpacker<23>.sum(source, least, last, target, groups)
  case 24: DeltaUnpacker<24>.sum(source, least, last, target, groups)
  case 25: DeltaUnpacker<25>.sum(source, least, last, target, groups)
  case 26: DeltaUnpacker<26>.sum(source, least, last, target, groups)
  case 27: DeltaUnpacker<27>.sum(source, least, last, target, groups)
  case 28: DeltaUnpacker<28>.sum(source, least, last, target, groups)
  case 29: DeltaUnpacker<29>.sum(source, least, last, target, groups)
  case 30: DeltaUnpacker<30>.sum(source, least, last, target, groups)
  case 31: DeltaUnpacker<31>.sum(source, least, last, target, groups)
  case 32: DeltaUnpacker<32>.sum(source, least, last, target, groups)
  case 40: DeltaUnpacker<40>.sum(source, least, last, target, groups)
  case 48: DeltaUnpacker<48>.sum(source, least, last, target, groups)
  case 56: DeltaUnpacker<56>.sum(source, least, last, target, groups)
  default: sumSingleDeltas(source, 0, width, least, last, target, groups &* 8)
  }
}

/// Sums groups of eight deltas of a width that the compiler knows; at most 57, so that one load holds a delta.
private struct DeltaUnpacker<let width: Int> {
  @inline(__always)
  static func sum<T: DeltaInteger>(
    _ source: UnsafeRawPointer,
    _ least: T,
    _ last: T,
    _ target: UnsafeMutablePointer<T>,
    _ groups: Int
  ) -> T {
    var sum = last
    var at = source
    var to = target
    for _ in 0..<groups {
      add(at, 0, least, &sum, to)
      add(at, 1, least, &sum, to)
      add(at, 2, least, &sum, to)
      add(at, 3, least, &sum, to)
      add(at, 4, least, &sum, to)
      add(at, 5, least, &sum, to)
      add(at, 6, least, &sum, to)
      add(at, 7, least, &sum, to)
      at += width
      to += 8
    }
    return sum
  }

  @inline(__always)
  private static func add<T: DeltaInteger>(
    _ group: UnsafeRawPointer,
    _ lane: Int,
    _ least: T,
    _ sum: inout T,
    _ target: UnsafeMutablePointer<T>
  ) {
    let bit = lane &* width
    let word = UInt64(littleEndian: group.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
    let packed = (word &>> UInt64(bit & 7)) & (UInt64.max &>> UInt64(64 &- width))
    sum = sum &+ (least &+ T(truncatingIfNeeded: packed))
    target[lane] = sum
  }
}

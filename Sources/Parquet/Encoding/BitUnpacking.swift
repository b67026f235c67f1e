internal import Glibc

/// Unpacks values of a fixed bit width, least significant bit first.
///
///     bit     0 1 2 3 4 5 6 7 | 0 1 2 3 4 …
///     value   0 0 0 1 1 1 2 2 | 2 3 3 3 4 …     three bits each
///
/// `width` is at most 32, so a value lies within one 64-bit load; the caller has checked that the values are there and
/// that 8 bytes behind them may be loaded.
func unpackBits(
  _ source: UnsafeRawPointer,
  firstValue: Int,
  width: Int,
  into target: UnsafeMutablePointer<UInt32>,
  count: Int
) {
  // Groups of eight begin at whole bytes, where the shifts of a width are constants.
  let head = min(count, -firstValue & 7)
  let groups = (count &- head) &>> 3
  let tail = (count &- head) & 7
  unpackSingleBits(source, firstValue, width, target, head)
  let grouped = source + ((firstValue &+ head) &>> 3) &* width
  unpackGroupedBits(grouped, width, target + head, groups)
  unpackSingleBits(grouped + groups &* width, 0, width, target + head + groups &* 8, tail)
}

/// Any width, any position, value by value.
private func unpackSingleBits(
  _ source: UnsafeRawPointer,
  _ firstValue: Int,
  _ width: Int,
  _ target: UnsafeMutablePointer<UInt32>,
  _ count: Int
) {
  let mask: UInt64 = (1 &<< UInt64(width)) &- 1
  var bit = firstValue &* width
  for index in 0..<count {
    let word = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
    target[index] = UInt32(truncatingIfNeeded: (word &>> UInt64(bit & 7)) & mask)
    bit &+= width
  }
}

/// Whole groups of eight, with a kernel of its own for each width.
private func unpackGroupedBits(
  _ source: UnsafeRawPointer,
  _ width: Int,
  _ target: UnsafeMutablePointer<UInt32>,
  _ groups: Int
) {
  switch width {
  case 0: target.update(repeating: 0, count: groups &* 8)
  case 1: BitUnpacker<1>.unpack(source, target, groups)
  case 2: BitUnpacker<2>.unpack(source, target, groups)
  case 3: BitUnpacker<3>.unpack(source, target, groups)
  case 4: BitUnpacker<4>.unpack(source, target, groups)
  case 5: BitUnpacker<5>.unpack(source, target, groups)
  case 6: BitUnpacker<6>.unpack(source, target, groups)
  case 7: BitUnpacker<7>.unpack(source, target, groups)
  case 8: widen(source, as: UInt8.self, target, groups)
  case 9: BitUnpacker<9>.unpack(source, target, groups)
  case 10: BitUnpacker<10>.unpack(source, target, groups)
  case 11: BitUnpacker<11>.unpack(source, target, groups)
  case 12: BitUnpacker<12>.unpack(source, target, groups)
  case 13: BitUnpacker<13>.unpack(source, target, groups)
  case 14: BitUnpacker<14>.unpack(source, target, groups)
  case 15: BitUnpacker<15>.unpack(source, target, groups)
  case 16: widen(source, as: UInt16.self, target, groups)
  case 17: BitUnpacker<17>.unpack(source, target, groups)
  case 18: BitUnpacker<18>.unpack(source, target, groups)
  case 19: BitUnpacker<19>.unpack(source, target, groups)
  case 20: BitUnpacker<20>.unpack(source, target, groups)
  case 21: BitUnpacker<21>.unpack(source, target, groups)
  case 22: BitUnpacker<22>.unpack(source, target, groups)
  case 23: BitUnpacker<23>.unpack(source, target, groups)
  case 24: BitUnpacker<24>.unpack(source, target, groups)
  case 25: BitUnpacker<25>.unpack(source, target, groups)
  case 26: BitUnpacker<26>.unpack(source, target, groups)
  case 27: BitUnpacker<27>.unpack(source, target, groups)
  case 28: BitUnpacker<28>.unpack(source, target, groups)
  case 29: BitUnpacker<29>.unpack(source, target, groups)
  case 30: BitUnpacker<30>.unpack(source, target, groups)
  case 31: BitUnpacker<31>.unpack(source, target, groups)
  case 32: memcpy(target, source, groups &* 32)
  default: unpackSingleBits(source, 0, width, target, groups &* 8)
  }
}

@inline(__always)
private func widen<T: FixedWidthInteger & BitwiseCopyable>(
  _ source: UnsafeRawPointer,
  as type: T.Type,
  _ target: UnsafeMutablePointer<UInt32>,
  _ groups: Int
) {
  for index in 0..<groups &* 8 {
    let value = source.loadUnaligned(fromByteOffset: index &* MemoryLayout<T>.size, as: T.self)
    target[index] = UInt32(truncatingIfNeeded: T(littleEndian: value))
  }
}

/// Unpacks groups of eight values of a width that the compiler knows, 1 to 32.
private struct BitUnpacker<let width: Int> {
  @inline(__always)
  static func unpack(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<UInt32>, _ groups: Int) {
    var at = source
    var to = target
    for _ in 0..<groups {
      value(at, 0, to)
      value(at, 1, to)
      value(at, 2, to)
      value(at, 3, to)
      value(at, 4, to)
      value(at, 5, to)
      value(at, 6, to)
      value(at, 7, to)
      at += width
      to += 8
    }
  }

  @inline(__always)
  private static func value(_ group: UnsafeRawPointer, _ lane: Int, _ target: UnsafeMutablePointer<UInt32>) {
    let bit = lane &* width
    let word = UInt64(littleEndian: group.loadUnaligned(fromByteOffset: bit &>> 3, as: UInt64.self))
    target[lane] = UInt32(truncatingIfNeeded: (word &>> UInt64(bit & 7)) & ((1 &<< UInt64(width)) &- 1))
  }
}

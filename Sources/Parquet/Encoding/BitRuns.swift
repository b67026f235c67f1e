/// Unpacks runs of one-bit values as bits behind `targetBit`, as long as whole ones are there, and returns how many
/// bits they have: at most `count`.
///
///     run        header of 1 or 2 bytes; h & 1 == 0: h >> 1 copies of one value in a byte
///                                        h & 1 == 1: (h >> 1) bytes of 8 values each
///
/// Pages with scattered nulls have a run for every few values, of both kinds and any length. The two kinds take the
/// same way here, so that there is no branch to guess wrong. Runs that are cut off, longer or wrong are left to the
/// caller.
///
/// 8 bytes behind the bits may be stored, with zeros, and 8 behind the end of the runs loaded.
func unpackBitRuns(
  _ at: inout UnsafeRawPointer,
  end: UnsafeRawPointer,
  to target: UnsafeMutableRawPointer,
  targetBit: Int,
  count: Int
) -> Int {
  var bits = BitRunTarget(target, targetBit)
  var done = 0
  while done < count, at < end {
    var header = UInt64(at.load(as: UInt8.self))
    var run = at + 1
    if header > 0x7f {
      let second = UInt64(run.load(as: UInt8.self))
      guard second < 0x80 else { break }
      header = header & 0x7f | second &<< 7
      run += 1
    }
    let isPacked = header & 1
    let values = Int(truncatingIfNeeded: (header &>> 1) &<< (3 &* isPacked))
    let size = isPacked == 1 ? values &>> 3 : 1
    var word = UInt64(littleEndian: run.loadUnaligned(as: UInt64.self))
    let isWrong = isPacked == 0 && word & 0xfe != 0
    guard values <= count &- done, size <= end - run, !isWrong else { break }
    at = run + size
    done &+= values
    word = isPacked == 1 ? word : 0 &- (word & 1)
    var left = values
    while left > BitRunTarget.step {
      bits.append(word, BitRunTarget.step)
      left &-= BitRunTarget.step
      run += BitRunTarget.step / 8
      if isPacked == 1 { word = UInt64(littleEndian: run.loadUnaligned(as: UInt64.self)) }
    }
    bits.append(word, left)
  }
  return done
}

/// Where bits are appended, any number up to ``step`` at a time.
private struct BitRunTarget {
  /// Most bits that are appended at a time: whole bytes that fit a word behind seven other bits.
  static let step = 56

  private var place: UnsafeMutableRawPointer
  /// The bits of the byte at `place` that were appended, and how many.
  private var word: UInt64
  private var used: UInt64

  @inline(__always)
  init(_ target: UnsafeMutableRawPointer, _ bit: Int) {
    place = target + bit &>> 3
    used = UInt64(bit & 7)
    word = UInt64(place.load(as: UInt8.self)) & ((1 &<< used) &- 1)
  }

  /// Appends the low `count` bits.
  @inline(__always)
  mutating func append(_ bits: UInt64, _ count: Int) {
    word |= (bits & ((1 &<< UInt64(count)) &- 1)) &<< used
    place.storeBytes(of: word.littleEndian, as: UInt64.self)
    used &+= UInt64(count)
    place += Int(truncatingIfNeeded: used &>> 3)
    word &>>= used & 0x38
    used &= 7
  }
}

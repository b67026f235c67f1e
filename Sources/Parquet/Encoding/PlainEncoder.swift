/// Lays out values in PLAIN encoding: the present values of some slots, one after the other.
///
///     fixed width   bytes of the value
///     BYTE_ARRAY    u32 length, bytes
///
/// Kernels over raw memory: the caller has checked the slots and made room, ``slack`` bytes more than is written.
enum PlainEncoder {
  /// Bytes behind the result that a kernel may overwrite.
  static let slack = 64

  /// Bytes of a BYTE_ARRAY value's length.
  static let lengthBytes = 4

  /// Reads an offset of a variable-width or list column.
  @inline(__always)
  static func offset(_ offsets: UnsafeRawPointer, _ index: Int) -> Int {
    Int(Int32(littleEndian: offsets.loadUnaligned(fromByteOffset: index &* 4, as: Int32.self)))
  }

  /// Copies the slots whose bit is set, close together.
  ///
  /// - Parameters:
  ///   - source: slot 0.
  ///   - width: bytes of a slot.
  ///   - bits: validity of slot 0 on.
  ///   - at: first slot.
  ///   - count: number of slots.
  ///   - target: room for `count` slots and ``slack``.
  /// - Returns: number of values copied.
  static func compact(
    _ source: UnsafeRawPointer,
    width: Int,
    bits: UnsafeRawPointer,
    at: Int,
    count: Int,
    into target: UnsafeMutableRawPointer
  ) -> Int {
    switch width {
    case 1: compactWords(source, UInt8.self, bits, at, count, target)
    case 4: compactWords(source, UInt32.self, bits, at, count, target)
    case 8: compactWords(source, UInt64.self, bits, at, count, target)
    default: compactRuns(source, width, bits, at, count, target)
    }
  }

  @inline(__always)
  private static func compactWords<T: FixedWidthInteger & BitwiseCopyable>(
    _ source: UnsafeRawPointer,
    _ type: T.Type,
    _ bits: UnsafeRawPointer,
    _ at: Int,
    _ count: Int,
    _ target: UnsafeMutableRawPointer
  ) -> Int {
    let width = MemoryLayout<T>.size
    var place = target
    var done = 0
    while done < count {
      let part = min(ValidityWords.step, count &- done)
      var word = ValidityWords.word(bits, at &+ done, part)
      let start = source + (at &+ done) &* width
      if word.nonzeroBitCount == part {
        place.copyMemory(from: start, byteCount: part &* width)
        place += part &* width
      } else if word != 0 {
        // Every slot is stored, and the place moves on only behind a value: no branch to mispredict.
        for slot in 0..<part {
          place.storeBytes(of: start.loadUnaligned(fromByteOffset: slot &* width, as: T.self), as: T.self)
          place += Int(truncatingIfNeeded: word & 1) &* width
          word &>>= 1
        }
      }
      done &+= part
    }
    return (place - target) / width
  }

  private static func compactRuns(
    _ source: UnsafeRawPointer,
    _ width: Int,
    _ bits: UnsafeRawPointer,
    _ at: Int,
    _ count: Int,
    _ target: UnsafeMutableRawPointer
  ) -> Int {
    var values = 0
    var done = 0
    while done < count {
      let part = min(ValidityWords.step, count &- done)
      var word = ValidityWords.word(bits, at &+ done, part)
      while word != 0 {
        let first = word.trailingZeroBitCount
        let run = (~(word &>> UInt64(first))).trailingZeroBitCount
        (target + values &* width).copyMemory(
          from: source + (at &+ done &+ first) &* width,
          byteCount: run &* width
        )
        values &+= run
        word &= ~(((1 &<< UInt64(run)) &- 1) &<< UInt64(first))
      }
      done &+= part
    }
    return values
  }

  /// How many slots of a variable-width column it takes to reach `limit` bytes.
  ///
  /// A slot weighs its length and the four bytes of the length; a null weighs four bytes, whatever lies under it.
  ///
  /// - Returns: the slots up to and with the one that reaches the limit, or all; and what they weigh.
  static func slots(
    offsets: UnsafeRawPointer,
    bits: UnsafeRawPointer?,
    at: Int,
    count: Int,
    reaching limit: Int
  ) -> (count: Int, weight: Int) {
    guard let bits else {
      let start = offset(offsets, at)
      func weight(_ slots: Int) -> Int { slots &* lengthBytes &+ offset(offsets, at &+ slots) &- start }
      guard weight(count) > limit else { return (count, weight(count)) }
      // The weight grows with every slot, so the place is found by halving.
      var below = 0
      var reaching = count
      while reaching &- below > 1 {
        let middle = (below &+ reaching) / 2
        if weight(middle) >= limit { reaching = middle } else { below = middle }
      }
      return (reaching, weight(reaching))
    }
    var weight = 0
    for index in 0..<count {
      let slot = at &+ index
      weight &+= lengthBytes
      if ValidityWords.isSet(bits, slot) { weight &+= offset(offsets, slot &+ 1) &- offset(offsets, slot) }
      if weight >= limit { return (index &+ 1, weight) }
    }
    return (count, weight)
  }

  /// Copies the slots of a variable-width column, each behind its length; nulls are left out.
  ///
  /// - Parameter target: room for the lengths, the bytes and ``slack``.
  /// - Returns: bytes written.
  static func byteArrays(
    offsets: UnsafeRawPointer,
    data: UnsafeRawPointer,
    bits: UnsafeRawPointer?,
    at: Int,
    count: Int,
    into target: UnsafeMutableRawPointer
  ) -> Int {
    var place = target
    var start = offset(offsets, at)
    for slot in at..<(at &+ count) {
      let end = offset(offsets, slot &+ 1)
      defer { start = end }
      if let bits, !ValidityWords.isSet(bits, slot) { continue }
      place = appendByteArray(data + start, end &- start, to: place)
    }
    return place - target
  }

  /// Stores one length and value; up to 32 bytes go in copies of 16, which both sides have room for.
  @inline(__always)
  static func appendByteArray(
    _ source: UnsafeRawPointer,
    _ length: Int,
    to place: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    place.storeBytes(of: UInt32(truncatingIfNeeded: length).littleEndian, as: UInt32.self)
    let body = place + lengthBytes
    if length <= 32 {
      body.storeBytes(of: source.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
      let second = source.loadUnaligned(fromByteOffset: 16, as: SIMD16<UInt8>.self)
      body.storeBytes(of: second, toByteOffset: 16, as: SIMD16<UInt8>.self)
    } else {
      body.copyMemory(from: source, byteCount: length)
    }
    return body + length
  }
}

internal import ByteBuffers

/// Which slots hold a value, gathered slot by slot.
struct NullBits {
  private var bits: [UInt8] = []
  private(set) var count = 0
  private var nullCount = 0

  mutating func append(_ isValid: Bool) {
    if count & 7 == 0 { bits.append(0) }
    if isValid { bits[count >> 3] |= 1 << UInt8(count & 7) } else { nullCount += 1 }
    count += 1
  }

  /// Forgets the slots from a position on.
  mutating func truncate(to wanted: Int) {
    while count > wanted {
      count -= 1
      let bit: UInt8 = 1 << UInt8(count & 7)
      if bits[count >> 3] & bit == 0 { nullCount -= 1 }
      bits[count >> 3] &= ~bit
      if count & 7 == 0 { bits.removeLast() }
    }
  }

  /// The bits so far; the next slot is the first one again.
  mutating func take() -> Validity? {
    defer { self = NullBits() }
    return nullCount == 0 ? nil : Validity(bits: Bytes(bits), nullCount: nullCount)
  }
}

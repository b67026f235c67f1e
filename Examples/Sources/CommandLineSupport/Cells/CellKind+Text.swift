extension CellKind {
  /// The text of a value that is neither a number nor bytes, with its type before it.
  func canonicalText(_ slot: UnsafeRawBufferPointer) throws -> String {
    switch self {
    case .decimal(let scale, let isBytes):
      "dec:\(trimmedDecimal(decimalText(slot, scale: scale, isBytes: isBytes)))"
    case .date: "date:\(integer(slot))"
    case .time(let unit): "time:\(Int128(integer(slot)) * Int128(unit))"
    case .timestamp(let unit, _): "ts:\(Int128(integer(slot)) * Int128(unit))"
    case .int96: try "ts:\(int96Nanoseconds(slot))"
    case .interval: "interval:\(word(slot, 0)):\(word(slot, 1)):\(UInt64(word(slot, 2)) * 1_000_000)"
    default: ""
    }
  }

  /// The text of a value that is neither a number nor bytes, for people.
  func displayText(_ slot: UnsafeRawBufferPointer) throws -> String {
    switch self {
    case .decimal(let scale, let isBytes): decimalText(slot, scale: scale, isBytes: isBytes)
    case .date: dateText(Int128(integer(slot)))
    case .time(let unit): timeText(Int128(integer(slot)) * Int128(unit))
    case .timestamp(let unit, let isUTC):
      timestampText(Int128(integer(slot)) * Int128(unit)) + (isUTC ? "Z" : "")
    case .int96: try timestampText(int96Nanoseconds(slot))
    case .interval: "\(word(slot, 0)) months \(word(slot, 1)) days \(word(slot, 2)) ms"
    case .uuid: uuidText(slot)
    default: ""
    }
  }
}

/// The little-endian integer of a slot of up to 8 bytes.
func unsigned(_ slot: UnsafeRawBufferPointer) -> UInt64 {
  var value: UInt64 = 0
  for (index, byte) in slot.prefix(8).enumerated() { value |= UInt64(byte) << UInt64(8 * index) }
  return value
}

func integer(_ slot: UnsafeRawBufferPointer) -> Int64 {
  let value = unsigned(slot)
  return slot.count == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
}

/// The little-endian 32-bit word at a position.
private func word(_ slot: UnsafeRawBufferPointer, _ index: Int) -> UInt32 {
  UInt32(truncatingIfNeeded: unsigned(UnsafeRawBufferPointer(rebasing: slot.dropFirst(4 * index).prefix(4))))
}

/// Nanoseconds since 1970; the legacy timestamp counts Julian days, of which 2,440,588 is 1970-01-01.
///
/// Its writers counted microseconds since the Julian epoch in 64 bits, and let dates near the year 294,000 wrap once:
/// these come back when the microseconds wrap in the same way. Days that no such writer can have left are an error.
private func int96Nanoseconds(_ slot: UnsafeRawBufferPointer) throws -> Int128 {
  let microsecondsOfDay: Int128 = 86_400_000_000
  let julianDay = Int128(Int32(bitPattern: word(slot, 2)))
  let nanoseconds = Int128(Int64(bitPattern: unsigned(slot)))
  guard abs(julianDay) <= Int128(Int64.max) / microsecondsOfDay + 1 else {
    throw ProgramFailure(
      .usage,
      code: "corrupt",
      "An INT96 timestamp lies on Julian day \(julianDay), which microseconds in 64 bits cannot reach."
    )
  }
  let exact = (julianDay - 2_440_588) * microsecondsOfDay * 1000 + nanoseconds
  let belowMicrosecond = ((exact % 1000) + 1000) % 1000
  return Int128(Int64(truncatingIfNeeded: (exact - belowMicrosecond) / 1000)) * 1000 + belowMicrosecond
}

/// Half precision as a double: not every platform has the type.
func widen(half bits: UInt16) -> Double {
  let sign: Double = bits >> 15 == 1 ? -1 : 1
  let exponent = Int(bits >> 10 & 31)
  let fraction = Double(bits & 1023)
  switch exponent {
  case 0: return sign * fraction * 0x1p-24
  case 31: return fraction == 0 ? sign * .infinity : .nan
  default: return sign * (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
  }
}

public import Backfill

/// Writes the cells of one column.
public struct CellRenderer: Sendable {
  private let kind: CellKind
  private let form: CellForm

  /// Creates a renderer.
  ///
  /// - Parameters:
  ///   - kind: what the slots mean; for a list, those of its elements.
  ///   - form: how they are written.
  public init(_ kind: CellKind, _ form: CellForm) {
    self.kind = kind
    self.form = form
  }

  /// Appends one cell; a list is an array, a null is `null`.
  ///
  /// - Parameters:
  ///   - column: where the cell is.
  ///   - row: its slot.
  ///   - out: what it is appended to.
  public func append(_ column: Column, row: Int, to out: inout [UInt8]) {
    append(column, row, to: &out, isQuoted: form != .text)
  }

  private func append(_ column: Column, _ row: Int, to out: inout [UInt8], isQuoted: Bool) {
    guard column.isValid(row) else {
      out.append(text: "null")
      return
    }
    guard case .list(_, let elements) = column.storage else {
      let value = column.bytes(at: row)
      value.withUnsafeBytes { append($0, to: &out, isQuoted: isQuoted) }
      return
    }
    out.append(UInt8(ascii: "["))
    for (index, slot) in column.elementRange(at: row).enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      append(elements, slot, to: &out, isQuoted: true)
    }
    out.append(UInt8(ascii: "]"))
  }

  /// Appends the value that lies in the bytes of one slot.
  private func append(_ slot: UnsafeRawBufferPointer, to out: inout [UInt8], isQuoted: Bool) {
    switch kind {
    case .boolean:
      out.append(text: slot.first == 0 ? "false" : "true")
    case .signed:
      out.append(text: integer(slot).description)
    case .unsigned:
      out.append(text: unsigned(slot).description)
    case .float16:
      // Half precision is widened: not every platform has the type.
      append(double: widen(half: UInt16(truncatingIfNeeded: unsigned(slot))), nil, to: &out, isQuoted)
    case .float:
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: unsigned(slot)))
      append(double: Double(value), form == .canonical ? nil : value, to: &out, isQuoted)
    case .double:
      append(double: Double(bitPattern: unsigned(slot)), nil, to: &out, isQuoted)
    case .bytes:
      append(bytes: slot, to: &out, isQuoted)
    case .uuid where form == .canonical:
      append(bytes: slot, to: &out, isQuoted)
    default:
      append(text: form == .canonical ? canonicalText(slot) : displayText(slot), to: &out, isQuoted)
    }
  }

  private func append(text: String, to out: inout [UInt8], _ isQuoted: Bool) {
    isQuoted ? out.append(jsonString: text) : out.append(text: text)
  }

  private func append(double value: Double, _ single: Float?, to out: inout [UInt8], _ isQuoted: Bool) {
    if let single, value.isFinite, !(value == 0 && value.sign == .minus) {
      out.append(text: single.description)
    } else if isQuoted {
      out.append(json: value)
    } else {
      out.append(text: value.isNaN ? "NaN" : value.description)
    }
  }

  private func append(bytes: UnsafeRawBufferPointer, to out: inout [UInt8], _ isQuoted: Bool) {
    if form == .canonical, bytes.count > 256 {
      append(text: canonicalDigest(bytes), to: &out, isQuoted)
    } else if String(validating: bytes, as: UTF8.self) != nil {
      isQuoted ? out.append(jsonString: bytes) : out.append(contentsOf: bytes)
    } else {
      if isQuoted { out.append(UInt8(ascii: "\"")) }
      out.append(hex: bytes)
      if isQuoted { out.append(UInt8(ascii: "\"")) }
    }
  }

  private func canonicalText(_ slot: UnsafeRawBufferPointer) -> String {
    switch kind {
    case .decimal(let scale, let isBytes):
      "dec:\(trimmedDecimal(decimalText(slot, scale: scale, isBytes: isBytes)))"
    case .date: "date:\(integer(slot))"
    case .time(let unit): "time:\(Int128(integer(slot)) * Int128(unit))"
    case .timestamp(let unit, _): "ts:\(Int128(integer(slot)) * Int128(unit))"
    case .int96: "ts:\(int96Nanoseconds(slot))"
    case .interval: "interval:\(word(slot, 0)):\(word(slot, 1)):\(UInt64(word(slot, 2)) * 1_000_000)"
    default: ""
    }
  }

  private func displayText(_ slot: UnsafeRawBufferPointer) -> String {
    switch kind {
    case .decimal(let scale, let isBytes): decimalText(slot, scale: scale, isBytes: isBytes)
    case .date: dateText(Int128(integer(slot)))
    case .time(let unit): timeText(Int128(integer(slot)) * Int128(unit))
    case .timestamp(let unit, let isUTC):
      timestampText(Int128(integer(slot)) * Int128(unit)) + (isUTC ? "Z" : "")
    case .int96: timestampText(int96Nanoseconds(slot))
    case .interval: "\(word(slot, 0)) months \(word(slot, 1)) days \(word(slot, 2)) ms"
    case .uuid: uuidText(slot)
    default: ""
    }
  }
}

/// The little-endian integer of a slot of up to 8 bytes.
private func unsigned(_ slot: UnsafeRawBufferPointer) -> UInt64 {
  var value: UInt64 = 0
  for (index, byte) in slot.prefix(8).enumerated() { value |= UInt64(byte) << UInt64(8 * index) }
  return value
}

private func integer(_ slot: UnsafeRawBufferPointer) -> Int64 {
  let value = unsigned(slot)
  return slot.count == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
}

/// The little-endian 32-bit word at a position.
private func word(_ slot: UnsafeRawBufferPointer, _ index: Int) -> UInt32 {
  UInt32(truncatingIfNeeded: unsigned(UnsafeRawBufferPointer(rebasing: slot.dropFirst(4 * index).prefix(4))))
}

/// Nanoseconds since 1970; the legacy timestamp counts Julian days, of which 2,440,588 is 1970-01-01.
///
/// Its writers counted microseconds in 64 bits and split them with wrapping arithmetic, so a date as far away as the year
/// 290,000 comes back only when the microseconds wrap in the same way.
private func int96Nanoseconds(_ slot: UnsafeRawBufferPointer) -> Int128 {
  let day = Int128(Int32(bitPattern: word(slot, 2))) - 2_440_588
  let exact = day * 86_400_000_000_000 + Int128(Int64(bitPattern: unsigned(slot)))
  let belowMicrosecond = ((exact % 1000) + 1000) % 1000
  return Int128(Int64(truncatingIfNeeded: (exact - belowMicrosecond) / 1000)) * 1000 + belowMicrosecond
}

private func widen(half bits: UInt16) -> Double {
  let sign: Double = bits >> 15 == 1 ? -1 : 1
  let exponent = Int(bits >> 10 & 31)
  let fraction = Double(bits & 1023)
  switch exponent {
  case 0: return sign * fraction * 0x1p-24
  case 31: return fraction == 0 ? sign * .infinity : .nan
  default: return sign * (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
  }
}

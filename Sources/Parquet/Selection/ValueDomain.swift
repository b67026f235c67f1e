internal import ByteBuffers

/// How the values of a leaf compare: as whole numbers, as floating-point numbers or as bytes.
enum ValueDomain: Equatable {
  /// One byte, 0 or 1.
  case boolean
  /// 4 or 8 bytes, two's complement; also dates, times, timestamps and unscaled decimals.
  case signed(width: Int)
  /// 4 or 8 bytes.
  case unsigned(width: Int)
  /// Unscaled decimals in big-endian two's complement.
  case decimalBytes
  /// Nanoseconds of the day in 8 bytes, then the Julian day in 4.
  case int96
  case half
  case float
  case double
  /// Bytewise, unsigned; a prefix comes before what it begins.
  case bytes

  init(_ leaf: LeafColumn) {
    let logical = leaf.node.logicalType
    let isUnsigned: Bool
    if case .integer(_, false) = logical { isUnsigned = true } else { isUnsigned = false }
    switch (leaf.type, logical) {
    case (.boolean, _): self = .boolean
    case (.int32, _): self = isUnsigned ? .unsigned(width: 4) : .signed(width: 4)
    case (.int64, _): self = isUnsigned ? .unsigned(width: 8) : .signed(width: 8)
    case (.int96, _): self = .int96
    case (.float, _): self = .float
    case (.double, _): self = .double
    case (.byteArray, .decimal), (.fixedLengthByteArray, .decimal): self = .decimalBytes
    case (.fixedLengthByteArray, .float16) where leaf.length == 2: self = .half
    case (.byteArray, _), (.fixedLengthByteArray, _): self = .bytes
    }
  }

  /// A PLAIN value as a whole number; nil when it has another size, or the domain is another.
  func integer(_ value: Bytes) -> Int128? {
    switch (self, value.count) {
    case (.boolean, 1): Int128(value.base.load(as: UInt8.self) & 1)
    case (.signed(4), 4): Int128(value.base.loadUnaligned(as: Int32.self))
    case (.signed(8), 8): Int128(value.base.loadUnaligned(as: Int64.self))
    case (.unsigned(4), 4): Int128(value.base.loadUnaligned(as: UInt32.self))
    case (.unsigned(8), 8): Int128(value.base.loadUnaligned(as: UInt64.self))
    case (.decimalBytes, 1...): bigEndianInteger(value.base, value.count)
    case (.int96, 12): int96Nanoseconds(value.base)
    default: nil
    }
  }

  /// A PLAIN value as a floating-point number; nil when it has another size, or the domain is another.
  func real(_ value: Bytes) -> Double? {
    switch (self, value.count) {
    case (.half, 2): halfValue(value.base.loadUnaligned(as: UInt16.self))
    case (.float, 4): Double(value.base.loadUnaligned(as: Float.self))
    case (.double, 8): value.base.loadUnaligned(as: Double.self)
    default: nil
    }
  }

  /// Whether the domain has NaN.
  var hasNaN: Bool { self == .half || self == .float || self == .double }
}

/// A big-endian number in two's complement; one that does not fit becomes the nearest that does.
func bigEndianInteger(_ base: UnsafeRawPointer, _ count: Int) -> Int128 {
  guard count > 0 else { return 0 }
  let isNegative = base.load(as: Int8.self) < 0
  let filler: UInt8 = isNegative ? 0xff : 0
  let first = max(0, count - 16)
  var fits = true
  for index in 0..<first where base.load(fromByteOffset: index, as: UInt8.self) != filler { fits = false }
  if first > 0, (base.load(fromByteOffset: first, as: Int8.self) < 0) != isNegative { fits = false }
  guard fits else { return isNegative ? .min : .max }
  var result: Int128 = isNegative ? -1 : 0
  for index in first..<count { result = (result &<< 8) | Int128(base.load(fromByteOffset: index, as: UInt8.self)) }
  return result
}

/// An INT96 timestamp as nanoseconds since 1970-01-01.
///
/// Writers of this type count microseconds in 64 bits, and let them wrap.
func int96Nanoseconds(_ base: UnsafeRawPointer) -> Int128 {
  let (microseconds, nanoseconds) = base.loadUnaligned(as: Int64.self).flooredDivision(by: 1000)
  let day = Int64(base.loadUnaligned(fromByteOffset: 8, as: Int32.self)) - 2_440_588
  return Int128(day &* 86_400_000_000 &+ microseconds) * 1000 + Int128(nanoseconds)
}

/// A half-precision number.
///
///     1 bit sign | 5 bits exponent | 10 bits fraction
func halfValue(_ bits: UInt16) -> Double {
  let sign: Double = bits & 0x8000 == 0 ? 1 : -1
  let exponent = Int(bits >> 10) & 31
  let fraction = Double(bits & 0x3ff)
  switch exponent {
  case 31: return fraction == 0 ? sign * .infinity : .nan
  case 0: return sign * Double(sign: .plus, exponent: -24, significand: fraction)
  default: return sign * Double(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
  }
}

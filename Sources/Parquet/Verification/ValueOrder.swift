internal import ByteBuffers
internal import Glibc

/// How the values of a leaf compare, as its bounds have to obey it.
///
/// Source: parquet-format, README.md, "Column orders"; parquet.thrift, `union ColumnOrder`.
enum ValueOrder: Equatable {
  /// There is none, or the file states one that is not known.
  case none
  case boolean
  case int32
  case int64
  case uint32
  case uint64
  /// Half precision, `total` where the two zeros differ.
  case float16(total: Bool)
  case float(total: Bool)
  case double(total: Bool)
  /// Points in time: Julian day, then nanoseconds of the day.
  case int96
  /// Bytewise, unsigned.
  case bytes
  /// Two's complement, most significant byte first, of any length.
  case decimal

  /// The order of a leaf's bounds; `stated` is nil where the file says nothing, which makes bounds worthless.
  init(_ leaf: LeafColumn, stated: ColumnOrder?) {
    let total = stated == .ieee754
    let isUnsigned: Bool
    if case .integer(_, false) = leaf.node.logicalType { isUnsigned = true } else { isUnsigned = false }
    switch (leaf.type, leaf.node.logicalType) {
    case _ where stated == nil || stated == .unknown: self = .none
    case (.int96, _): self = stated == .int96Timestamp ? .int96 : .none
    case (_, .null), (_, .unknown), (_, .interval), (_, .geometry), (_, .geography): self = .none
    case (.boolean, _): self = .boolean
    case (.int32, _): self = isUnsigned ? .uint32 : .int32
    case (.int64, _): self = isUnsigned ? .uint64 : .int64
    case (.float, _): self = .float(total: total)
    case (.double, _): self = .double(total: total)
    case (.fixedLengthByteArray, .float16): self = leaf.length == 2 ? .float16(total: total) : .bytes
    case (.fixedLengthByteArray, .decimal), (.byteArray, .decimal): self = .decimal
    case (.fixedLengthByteArray, _), (.byteArray, _): self = .bytes
    }
  }

  /// The order of the deprecated bounds, which only signed numbers obeyed.
  init(deprecated leaf: LeafColumn) {
    let order = ValueOrder(leaf, stated: .typeDefined)
    switch order {
    case .boolean, .int32, .int64, .float, .double: self = order
    default: self = .none
    }
  }

  /// Bytes of a value; nil where they vary.
  var width: Int? {
    switch self {
    case .boolean: 1
    case .float16: 2
    case .int32, .uint32, .float: 4
    case .int64, .uint64, .double: 8
    case .int96: 12
    case .none, .bytes, .decimal: nil
    }
  }

  /// Whether values are compared as 64-bit keys.
  var hasKeys: Bool { width.map { $0 <= 8 } ?? false }

  /// Whether some values are not numbers, which bounds do not take in.
  var hasNaN: Bool {
    switch self {
    case .float16, .float, .double: true
    default: false
    }
  }

  /// A number that compares as the value does; nil for NaN.
  func key(_ value: UnsafeRawPointer) -> Int64? {
    switch self {
    case .boolean: Int64(value.load(as: UInt8.self))
    case .int32: Int64(value.loadUnaligned(as: Int32.self))
    case .int64: value.loadUnaligned(as: Int64.self)
    case .uint32: Int64(value.loadUnaligned(as: UInt32.self))
    case .uint64: unsignedKey(value)
    case .float16(let total): halfKey(value, total)
    case .float(let total): floatKey(value, total)
    case .double(let total): doubleKey(value, total)
    case .none, .int96, .bytes, .decimal: nil
    }
  }

  /// Whether one value comes before another, for orders without keys.
  func precedes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    switch self {
    case .decimal: signedPrecedes(left, right)
    case .int96: timestampPrecedes(left, right)
    default: ByteOrder.precedes(left, right)
    }
  }

  /// Whether one bound comes before another; false where one of them is NaN.
  func precedes(_ left: Bytes, _ right: Bytes) -> Bool {
    guard hasKeys else { return left.withUnsafeBytes { l in right.withUnsafeBytes { r in precedes(l, r) } } }
    guard let first = key(left.base), let second = key(right.base) else { return false }
    return first < second
  }

  /// Whether bytes can be a bound: of the right width and a number.
  func isUsable(_ bound: Bytes) -> Bool {
    if let width, bound.count != width { return false }
    return !hasKeys || key(bound.base) != nil
  }
}

@inline(__always)
func unsignedKey(_ value: UnsafeRawPointer) -> Int64 {
  Int64(bitPattern: value.loadUnaligned(as: UInt64.self) ^ (1 << 63))
}

@inline(__always)
func halfKey(_ value: UnsafeRawPointer, _ total: Bool) -> Int64? {
  let bits = Int64(value.loadUnaligned(as: UInt16.self))
  let magnitude = bits & 0x7fff
  guard magnitude <= 0x7c00 else { return nil }
  return bits == magnitude ? magnitude : total ? ~magnitude : -magnitude
}

@inline(__always)
func floatKey(_ value: UnsafeRawPointer, _ total: Bool) -> Int64? {
  let bits = Int64(value.loadUnaligned(as: UInt32.self))
  let magnitude = bits & 0x7fff_ffff
  guard magnitude <= 0x7f80_0000 else { return nil }
  return bits == magnitude ? magnitude : total ? ~magnitude : -magnitude
}

@inline(__always)
func doubleKey(_ value: UnsafeRawPointer, _ total: Bool) -> Int64? {
  let bits = value.loadUnaligned(as: Int64.self)
  let magnitude = bits & .max
  guard magnitude <= 0x7ff0_0000_0000_0000 else { return nil }
  return bits == magnitude ? magnitude : total ? ~magnitude : -magnitude
}

/// Compares integers in two's complement, whose leading bytes may only repeat the sign.
private func signedPrecedes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
  let isNegative = (left.first ?? 0) >= 0x80
  guard isNegative == ((right.first ?? 0) >= 0x80) else { return isNegative }
  let padding: UInt8 = isNegative ? 0xff : 0
  let longest = max(left.count, right.count)
  for index in 0..<longest {
    let first = index < longest - left.count ? padding : left[index - (longest - left.count)]
    let second = index < longest - right.count ? padding : right[index - (longest - right.count)]
    if first != second { return first < second }
  }
  return false
}

private func timestampPrecedes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
  guard left.count == 12, right.count == 12 else { return false }
  let days = (
    left.loadUnaligned(fromByteOffset: 8, as: Int32.self), right.loadUnaligned(fromByteOffset: 8, as: Int32.self)
  )
  guard days.0 == days.1 else { return days.0 < days.1 }
  return left.loadUnaligned(as: Int64.self) < right.loadUnaligned(as: Int64.self)
}

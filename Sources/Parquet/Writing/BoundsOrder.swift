internal import ByteBuffers
internal import Glibc

/// How the values of a leaf compare when bounds are taken.
///
/// Source: parquet-format, README.md, "Column orders"; parquet.thrift, `union ColumnOrder`.
enum BoundsOrder: Equatable {
  /// No bounds: the type has no order, or readers disagree on it.
  case none
  case boolean
  case int32
  case uint32
  case int64
  case uint64
  case float16
  case float
  case double
  /// Two's complement, big-endian; `width` is nil for BYTE_ARRAY, whose values may have different lengths.
  case decimal(width: Int?)
  /// Bytewise, unsigned, fixed width.
  case fixedBytes(Int)
  /// Bytewise, unsigned; `isText` when a shortened bound has to stay valid UTF-8.
  case byteArray(isText: Bool)

  /// Wider values get no bounds: they are vectors or digests, whose bounds prune nothing.
  static let widestFixed = 64

  init(_ leaf: LeafColumn) {
    let isUnsigned: Bool
    if case .integer(_, false) = leaf.node.logicalType { isUnsigned = true } else { isUnsigned = false }
    switch (leaf.type, leaf.node.logicalType) {
    case (_, .null), (_, .unknown), (_, .interval), (_, .geometry), (_, .geography), (.int96, _): self = .none
    case (.boolean, _): self = .boolean
    case (.int32, _): self = isUnsigned ? .uint32 : .int32
    case (.int64, _): self = isUnsigned ? .uint64 : .int64
    case (.float, _): self = .float
    case (.double, _): self = .double
    case (.fixedLengthByteArray, .float16): self = leaf.length == 2 ? .float16 : .none
    case (.fixedLengthByteArray, .decimal):
      self = leaf.length <= BoundsOrder.widestFixed ? .decimal(width: leaf.length) : .none
    case (.byteArray, .decimal): self = .decimal(width: nil)
    case (.fixedLengthByteArray, _): self = leaf.length <= BoundsOrder.widestFixed ? .fixedBytes(leaf.length) : .none
    case (.byteArray, .string), (.byteArray, .enumeration), (.byteArray, .json): self = .byteArray(isText: true)
    case (.byteArray, _): self = .byteArray(isText: false)
    }
  }
}

extension BoundsOrder {
  /// Whether values may be NaN, which bounds do not take in.
  var hasNaN: Bool { self == .float16 || self == .float || self == .double }

  /// Whether one value in bytes comes before another; for orders of bytes only.
  func precedes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    if case .decimal = self { return ByteOrder.decimalPrecedes(left, right) }
    return ByteOrder.precedes(left, right)
  }

  /// Whether one bound comes before another; both are PLAIN bytes as this writer wrote them.
  func precedes(_ left: Bytes, _ right: Bytes) -> Bool {
    switch self {
    case .none: false
    case .boolean: left.base.load(as: UInt8.self) < right.base.load(as: UInt8.self)
    case .int32: left.base.loadUnaligned(as: Int32.self) < right.base.loadUnaligned(as: Int32.self)
    case .uint32: left.base.loadUnaligned(as: UInt32.self) < right.base.loadUnaligned(as: UInt32.self)
    case .int64: left.base.loadUnaligned(as: Int64.self) < right.base.loadUnaligned(as: Int64.self)
    case .uint64: left.base.loadUnaligned(as: UInt64.self) < right.base.loadUnaligned(as: UInt64.self)
    case .float: left.base.loadUnaligned(as: Float.self) < right.base.loadUnaligned(as: Float.self)
    case .double: left.base.loadUnaligned(as: Double.self) < right.base.loadUnaligned(as: Double.self)
    case .float16:
      HalfOrder.key(left.base.loadUnaligned(as: UInt16.self)) < HalfOrder.key(right.base.loadUnaligned(as: UInt16.self))
    case .fixedBytes, .byteArray, .decimal:
      left.withUnsafeBytes { left in right.withUnsafeBytes { right in precedes(left, right) } }
    }
  }
}

/// Half-precision floats as integers that compare as they do.
enum HalfOrder {
  static let negativeZero: Int16 = -1

  /// Positive floats compare as their bits do, negative ones the other way round.
  @inline(__always)
  static func key(_ bits: UInt16) -> Int16 {
    let signed = Int16(bitPattern: bits)
    return signed ^ ((signed &>> 15) & 0x7fff)
  }

  static func bits(_ key: Int16) -> UInt16 {
    UInt16(bitPattern: key ^ ((key &>> 15) & 0x7fff))
  }

  @inline(__always)
  static func isNaN(_ bits: UInt16) -> Bool { bits & 0x7fff > 0x7c00 }
}

/// The order of byte strings.
enum ByteOrder {
  /// Compares `count` bytes: negative, zero or positive.
  @inline(__always)
  static func compare(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Int32 {
    memcmp(left, right, count)
  }

  /// Whether one byte string comes before another; a prefix comes before what it begins.
  @inline(__always)
  static func precedes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard let first = left.baseAddress, let second = right.baseAddress else { return left.count < right.count }
    let order = memcmp(first, second, min(left.count, right.count))
    return order < 0 || order == 0 && left.count < right.count
  }

  /// The same for big-endian numbers in two's complement, of any lengths.
  static func decimalPrecedes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    let isNegative = (left.first ?? 0) >= 0x80
    guard isNegative == ((right.first ?? 0) >= 0x80) else { return isNegative }
    // Bytes that only repeat the sign mean nothing; a number that is longer without them is further from zero.
    let fill: UInt8 = isNegative ? 0xff : 0
    let count = min(left.count, right.count)
    if left.dropLast(count).contains(where: { $0 != fill }) { return isNegative }
    if right.dropLast(count).contains(where: { $0 != fill }) { return !isNegative }
    return precedes(
      UnsafeRawBufferPointer(rebasing: left.suffix(count)),
      UnsafeRawBufferPointer(rebasing: right.suffix(count))
    )
  }
}

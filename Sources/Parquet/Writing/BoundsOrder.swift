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
  case float
  case double
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
    // Decimals in bytes compare as signed numbers and half floats as floats, not bytewise: left out.
    case (.fixedLengthByteArray, .decimal), (.byteArray, .decimal), (.fixedLengthByteArray, .float16): self = .none
    case (.fixedLengthByteArray, _): self = leaf.length <= BoundsOrder.widestFixed ? .fixedBytes(leaf.length) : .none
    case (.byteArray, .string), (.byteArray, .enumeration), (.byteArray, .json): self = .byteArray(isText: true)
    case (.byteArray, _): self = .byteArray(isText: false)
    }
  }
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
}

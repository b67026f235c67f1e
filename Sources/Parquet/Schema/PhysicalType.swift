/// How the values of a leaf column are stored.
///
/// Source: parquet.thrift, `enum Type`.
public enum PhysicalType: Int32, Sendable, Hashable, CaseIterable {
  /// One bit a value.
  case boolean = 0
  /// 32 bits, little-endian.
  case int32 = 1
  /// 64 bits, little-endian.
  case int64 = 2
  /// 96 bits: nanoseconds of the day, then the Julian day; deprecated.
  case int96 = 3
  /// IEEE single precision.
  case float = 4
  /// IEEE double precision.
  case double = 5
  /// Any number of bytes.
  case byteArray = 6
  /// A number of bytes that the schema fixes.
  case fixedLengthByteArray = 7

  /// The name in the format's own notation.
  public var name: String {
    switch self {
    case .boolean: "BOOLEAN"
    case .int32: "INT32"
    case .int64: "INT64"
    case .int96: "INT96"
    case .float: "FLOAT"
    case .double: "DOUBLE"
    case .byteArray: "BYTE_ARRAY"
    case .fixedLengthByteArray: "FIXED_LEN_BYTE_ARRAY"
    }
  }
}

/// How often a field occurs in its parent.
public enum Repetition: Int32, Sendable, Hashable {
  /// Exactly once.
  case required = 0
  /// Once or never (null).
  case optional = 1
  /// Any number of times.
  case repeated = 2

  /// The name in the format's own notation.
  public var name: String {
    switch self {
    case .required: "REQUIRED"
    case .optional: "OPTIONAL"
    case .repeated: "REPEATED"
    }
  }
}

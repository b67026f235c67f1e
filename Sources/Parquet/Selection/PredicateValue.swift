/// A value that a column is compared with.
///
/// Which cases fit a column: `boolean` BOOLEAN; `int`, `unsigned` and `double` any number; `decimal` integers and
/// decimals; `date`, `time` and `timestamp` those types in any unit, INT96 included; `string` byte arrays; `bytes`
/// byte arrays and FIXED_LEN_BYTE_ARRAY. Anything else is ``ParquetError/Code/invalidArgument``.
public enum PredicateValue: Sendable, Hashable {
  /// True or false.
  case boolean(Bool)
  /// A whole number.
  case int(Int64)
  /// A whole number that may lie above those of 64 signed bits.
  case unsigned(UInt64)
  /// A floating-point number; its exact value counts, so that 0.1 is not equal to a 0.1 of single precision.
  case double(Double)
  /// `unscaled` divided by 10 to the power of `scale`; a scale is 0 to 38.
  case decimal(unscaled: Int128, scale: Int32)
  /// Days since 1970-01-01.
  case date(days: Int32)
  /// Nanoseconds since midnight.
  case time(nanoseconds: Int64)
  /// Nanoseconds since 1970-01-01, in UTC for columns that are adjusted to it, else local.
  case timestamp(nanoseconds: Int128)
  /// Text.
  case string(String)
  /// Bytes.
  case bytes([UInt8])
}

extension PredicateValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral
{
  /// Takes `true` or `false`.
  public init(booleanLiteral value: Bool) { self = .boolean(value) }

  /// Takes a whole number.
  public init(integerLiteral value: Int64) { self = .int(value) }

  /// Takes a floating-point number.
  public init(floatLiteral value: Double) { self = .double(value) }

  /// Takes text.
  public init(stringLiteral value: String) { self = .string(value) }
}

extension PredicateValue: CustomStringConvertible {
  /// The value in the manner of SQL.
  public var description: String {
    switch self {
    case .boolean(let value): value ? "TRUE" : "FALSE"
    case .int(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .double(let value): "\(value)"
    case .decimal(let unscaled, let scale): "\(unscaled)e-\(scale)"
    case .date(let days): "DATE \(days)"
    case .time(let nanoseconds): "TIME \(nanoseconds)ns"
    case .timestamp(let nanoseconds): "TIMESTAMP \(nanoseconds)ns"
    case .string(let text): "'\(text.replacing("'", with: "''"))'"
    case .bytes(let bytes): "X'\(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())'"
    }
  }

  /// The name of its kind, for messages.
  var kind: String {
    switch self {
    case .boolean: "a boolean"
    case .int, .unsigned: "a whole number"
    case .double: "a floating-point number"
    case .decimal: "a decimal"
    case .date: "a date"
    case .time: "a time of day"
    case .timestamp: "a timestamp"
    case .string: "text"
    case .bytes: "bytes"
    }
  }
}

public import Backfill

/// What the slots of a leaf column mean, as far as showing them goes.
public enum CellKind: Sendable, Hashable {
  /// One byte, 0 or 1.
  case boolean
  /// A signed integer of the slot's width.
  case signed
  /// An unsigned integer of the slot's width.
  case unsigned
  /// IEEE half precision.
  case float16
  /// IEEE single precision.
  case float
  /// IEEE double precision.
  case double
  /// An unscaled integer; byte forms are big-endian two's complement.
  case decimal(scale: Int, isBytes: Bool)
  /// Days since 1970-01-01.
  case date
  /// Time of day, in units of so many nanoseconds.
  case time(nanoseconds: Int64)
  /// Time since 1970-01-01, in units of so many nanoseconds.
  case timestamp(nanoseconds: Int64, isUTC: Bool)
  /// Nanoseconds of the day, then the Julian day.
  case int96
  /// Months, days and milliseconds.
  case interval
  /// 16 bytes.
  case uuid
  /// Bytes that are text when they are valid UTF-8.
  case bytes

  /// Reads a leaf's annotation; one that does not fit the physical type is ignored.
  ///
  /// - Parameter leaf: the leaf.
  public init(_ leaf: LeafColumn) {
    self = CellKind.annotated(leaf) ?? CellKind.plain(leaf.type)
  }

  private static func plain(_ type: PhysicalType) -> CellKind {
    switch type {
    case .boolean: .boolean
    case .int32, .int64: .signed
    case .int96: .int96
    case .float: .float
    case .double: .double
    case .byteArray, .fixedLengthByteArray: .bytes
    }
  }

  private static func annotated(_ leaf: LeafColumn) -> CellKind? {
    switch (leaf.node.logicalType, leaf.type) {
    case (.decimal(let scale, let precision), .int32), (.decimal(let scale, let precision), .int64):
      isDecimal(scale, precision) ? .decimal(scale: Int(scale), isBytes: false) : nil
    case (.decimal(let scale, let precision), .byteArray), (.decimal(let scale, let precision), .fixedLengthByteArray):
      isDecimal(scale, precision) ? .decimal(scale: Int(scale), isBytes: true) : nil
    case (.date, .int32): .date
    case (.time(_, .milliseconds), .int32): .time(nanoseconds: 1_000_000)
    case (.time(_, let unit), .int64): .time(nanoseconds: nanoseconds(unit))
    case (.timestamp(let utc, let unit), .int64): .timestamp(nanoseconds: nanoseconds(unit), isUTC: utc)
    case (.integer(_, false), .int32), (.integer(_, false), .int64): .unsigned
    case (.float16, .fixedLengthByteArray) where leaf.length == 2: .float16
    case (.interval, .fixedLengthByteArray) where leaf.length == 12: .interval
    case (.uuid, .fixedLengthByteArray) where leaf.length == 16: .uuid
    default: nil
    }
  }

  /// Wider than any writer's decimals; a scale as large as a file may claim would print digits without end.
  private static let mostDigits: Int32 = 10_000

  private static func isDecimal(_ scale: Int32, _ precision: Int32) -> Bool {
    (0...mostDigits).contains(precision) && (0...mostDigits).contains(scale)
  }

  private static func nanoseconds(_ unit: LogicalType.TimeUnit) -> Int64 {
    switch unit {
    case .milliseconds: 1_000_000
    case .microseconds: 1000
    case .nanoseconds: 1
    }
  }
}

/// How a cell is written.
public enum CellForm: Sendable, Hashable {
  /// JSON whose strings carry the type, made for comparing programs.
  case canonical
  /// JSON for people and other programs.
  case json
  /// Text without quotes; lists stay JSON.
  case text
}

/// A standard type, which encodes into a column without containers.
protocol ColumnEncodable: Encodable {
  func encode(into column: ColumnEncoder) throws
  /// The field that a value of the type takes where no schema is given.
  static var inferred: InferredField { get }
}

extension ColumnEncodable where Self: FixedWidthInteger {
  func encode(into column: ColumnEncoder) throws { try column.encode(integer: self) }
  static var inferred: InferredField {
    let width = Int8(clamping: bitWidth)
    if bitWidth > 64 { return .leaf(.fixedLengthByteArray, length: 16, .decimal(scale: 0, precision: 38)) }
    let annotation = LogicalType.integer(bitWidth: width, isSigned: isSigned)
    return .leaf(bitWidth == 64 ? .int64 : .int32, isSigned && bitWidth >= 32 ? nil : annotation)
  }
}

extension Int: ColumnEncodable {}
extension Int8: ColumnEncodable {}
extension Int16: ColumnEncodable {}
extension Int32: ColumnEncodable {}
extension Int64: ColumnEncodable {}
extension Int128: ColumnEncodable {}
extension UInt: ColumnEncodable {}
extension UInt8: ColumnEncodable {}
extension UInt16: ColumnEncodable {}
extension UInt32: ColumnEncodable {}
extension UInt64: ColumnEncodable {}
extension UInt128: ColumnEncodable {}

extension Bool: ColumnEncodable {
  func encode(into column: ColumnEncoder) throws { try column.encode(boolean: self) }
  static var inferred: InferredField { .leaf(.boolean) }
}

extension String: ColumnEncodable {
  func encode(into column: ColumnEncoder) throws { try column.encode(text: self) }
  static var inferred: InferredField { .leaf(.byteArray, .string) }
}

extension Double: ColumnEncodable {
  func encode(into column: ColumnEncoder) throws { try column.encode(double: self) }
  static var inferred: InferredField { .leaf(.double) }
}

extension Float: ColumnEncodable {
  func encode(into column: ColumnEncoder) throws { try column.encode(float: self) }
  static var inferred: InferredField { .leaf(.float) }
}

extension ParquetTimestamp: ColumnEncodable {
  func encode(into column: ColumnEncoder) throws { try column.encode(timestamp: self) }
  static var inferred: InferredField { .leaf(.int64, .timestamp(isAdjustedToUTC: true, unit: .microseconds)) }
}

extension ParquetDate: ColumnEncodable {
  func encode(into column: ColumnEncoder) throws { try column.encode(date: self) }
  static var inferred: InferredField { .leaf(.int32, .date) }
}

extension ParquetTime: ColumnEncodable {
  func encode(into column: ColumnEncoder) throws { try column.encode(time: self) }
  static var inferred: InferredField { .leaf(.int64, .time(isAdjustedToUTC: true, unit: .microseconds)) }
}

extension ParquetDecimal: ColumnEncodable {
  func encode(into column: ColumnEncoder) throws { try column.encode(decimal: self) }
  static var inferred: InferredField { .leaf(.fixedLengthByteArray, length: 16, .decimal(scale: 9, precision: 38)) }
}

extension ParquetInterval: ColumnEncodable {
  func encode(into column: ColumnEncoder) throws { try column.encode(interval: self) }
  static var inferred: InferredField { .leaf(.fixedLengthByteArray, length: 12, .interval) }
}

extension ParquetUUID: ColumnEncodable {
  func encode(into column: ColumnEncoder) throws { try column.encode(uuid: self) }
  static var inferred: InferredField { .leaf(.fixedLengthByteArray, length: 16, .uuid) }
}

extension Optional: ColumnEncodable where Wrapped: Encodable {
  func encode(into column: ColumnEncoder) throws {
    if let value = self { try column.encode(value) } else { try column.appendNull() }
  }

  static var inferred: InferredField {
    var field = InferredField(Wrapped.self)
    field.isOptional = true
    return field
  }
}

extension Array: ColumnEncodable where Element: Encodable {
  func encode(into column: ColumnEncoder) throws {
    if case .leaf = column.kind, let bytes = self as? [UInt8] { return try column.encode(bytes: bytes) }
    try column.encode(elements: self)
  }

  static var inferred: InferredField {
    Element.self == UInt8.self ? .leaf(.byteArray) : InferredField(.list(InferredField(Element.self)))
  }
}

extension Dictionary: ColumnEncodable where Key: Encodable, Value: Encodable {
  func encode(into column: ColumnEncoder) throws { try column.encode(entries: self) }

  static var inferred: InferredField {
    InferredField(.map(key: InferredField(Key.self), value: InferredField(Value.self)))
  }
}

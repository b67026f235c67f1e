extension FieldSchema {
  /// The cell that stands for a null where nulls cannot be held: the field's default value, or zero, the empty text,
  /// `{}`, the empty array, the zero vector; nil for types that have none.
  var cellForNull: [UInt8]? {
    if let width = vectorByteCount { return Array(repeating: 0, count: width) }
    switch dataType {
    case .bool: return [defaultInteger != 0 ? 1 : 0]
    case .int8, .int16, .int32: return FieldSchema.littleEndian(Int32(truncatingIfNeeded: defaultInteger))
    case .int64, .timestamptz: return FieldSchema.littleEndian(defaultInteger)
    case .float: return FieldSchema.littleEndian(Int32(bitPattern: Float(defaultNumber).bitPattern))
    case .double: return FieldSchema.littleEndian(Int64(bitPattern: defaultNumber.bitPattern))
    case .varChar, .string, .text: return defaultBytes ?? []
    case .json: return defaultBytes ?? Array("{}".utf8)
    case .array: return FieldSchema.emptyArray(elementType)
    case .sparseFloatVector: return []
    default: return nil
    }
  }

  private var defaultInteger: Int64 {
    switch defaultValue {
    case .bool(let value): value ? 1 : 0
    case .integer(let value): value
    default: 0
    }
  }

  private var defaultNumber: Double {
    switch defaultValue {
    case .double(let value): value
    case .integer(let value): Double(value)
    default: 0
    }
  }

  private var defaultBytes: [UInt8]? {
    if case .bytes(let bytes) = defaultValue { return bytes }
    return nil
  }

  private static func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  /// A ScalarField message whose member is there and has no elements.
  private static func emptyArray(_ element: DataType) -> [UInt8]? {
    ScalarFieldCodec.member(element).map { [UInt8($0 << 3 | 2), 0] }
  }
}

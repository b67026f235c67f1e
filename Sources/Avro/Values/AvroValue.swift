public import ByteBuffers

/// A value of any Avro type.
///
/// Values are made by an ``AvroDecoder`` and written by an ``AvroEncoder``, both of which know the schema. What a program
/// needs of a value is read most easily through ``AvroNode``, whose errors say where in the value they happened.
public enum AvroValue: Hashable, Sendable {
  /// No value.
  case null
  /// A truth value.
  case boolean(Bool)
  /// An integer of 32 bits.
  case int(Int32)
  /// An integer of 64 bits.
  case long(Int64)
  /// A floating point number of 32 bits.
  case float(Float)
  /// A floating point number of 64 bits.
  case double(Double)
  /// Bytes; decoded ones share the memory of what they were decoded of, which stays as long as they do.
  case bytes(Bytes)
  /// Text.
  case string(String)
  /// The fields of a record.
  case record(AvroRecord)
  /// A symbol of an enum.
  case enumeration(String)
  /// The elements of an array.
  case array([AvroValue])
  /// The entries of a map.
  case map(AvroMap)
  /// A value of the branch of a union that has this index.
  indirect case union(Int, AvroValue)
  /// As many bytes as the type says; they share memory like ``bytes(_:)``.
  case fixed(Bytes)

  /// What the value is.
  public var kind: AvroSchema.Kind {
    switch self {
    case .null: .null
    case .boolean: .boolean
    case .int: .int
    case .long: .long
    case .float: .float
    case .double: .double
    case .bytes: .bytes
    case .string: .string
    case .record: .record
    case .enumeration: .enumeration
    case .array: .array
    case .map: .map
    case .union: .union
    case .fixed: .fixed
    }
  }

  /// The value itself, or that of the union's branch.
  public var unwrapped: AvroValue {
    if case .union(_, let value) = self { return value.unwrapped }
    return self
  }
}

public import Parquet

/// How a field's values stand in a StorageV1 file's one Parquet column.
///
/// What is written is the profile that every server since 2.3 reads: text bears the STRING annotation, JSON and Array
/// bear none, small integers bear their width, and everything else is the bare physical type. What is read may differ:
/// newer servers annotate 64-bit integers and store nullable vectors as BYTE_ARRAY.
public struct BinlogColumnType: Sendable, Hashable {
  /// Physical type that is written.
  public let physicalType: PhysicalType
  /// Bytes of a FIXED_LEN_BYTE_ARRAY value, else 0.
  public let length: Int
  /// Annotation that is written.
  public let logicalType: LogicalType?

  /// Name of the column in the files that older servers write.
  public static let columnName = "val"

  /// The column of a field.
  ///
  /// - Parameter field: a field whose type can be stored in one column.
  /// - Throws: ``BackfillError/Code/schemaValidation`` for types that StorageV1 does not have.
  public init(_ field: FieldSchema) throws(BackfillError) {
    if let bytes = field.vectorByteCount {
      self.init(.fixedLengthByteArray, length: bytes)
      return
    }
    switch field.dataType {
    case .bool: self.init(.boolean)
    case .int8: self.init(.int32, logicalType: .integer(bitWidth: 8, isSigned: true))
    case .int16: self.init(.int32, logicalType: .integer(bitWidth: 16, isSigned: true))
    case .int32: self.init(.int32)
    case .int64, .timestamptz: self.init(.int64)
    case .float: self.init(.float)
    case .double: self.init(.double)
    case .string, .varChar, .text: self.init(.byteArray, logicalType: .string)
    case .array, .json, .geometry, .sparseFloatVector: self.init(.byteArray)
    default:
      throw BackfillError(
        .schemaValidation,
        "Fields of type \(field.dataType) cannot be stored in a StorageV1 segment.",
        field: field.name
      )
    }
  }

  private init(_ type: PhysicalType, length: Int = 0, logicalType: LogicalType? = nil) {
    physicalType = type
    self.length = length
    self.logicalType = logicalType
  }

  /// The column as a field of a Parquet schema.
  ///
  /// - Parameters:
  ///   - nullable: whether rows may have no value.
  ///   - name: name of the column.
  /// - Returns: a leaf.
  public func schemaNode(nullable: Bool, name: String = BinlogColumnType.columnName) -> SchemaNode {
    SchemaNode(
      name,
      physicalType,
      length: length,
      repetition: nullable ? .optional : .required,
      logicalType: logicalType
    )
  }

  /// Compares a column of a file with the field it should hold.
  ///
  /// - Parameters:
  ///   - node: the column.
  ///   - field: the field.
  /// - Returns: what is wrong, or nil when the column can be read as the field's values.
  public static func mismatch(_ node: SchemaNode, _ field: FieldSchema) -> String? {
    let wanted: BinlogColumnType
    do {
      wanted = try BinlogColumnType(field)
    } catch {
      return error.message
    }
    guard case .values(let type, let length) = node.content, node.repetition != .repeated else {
      return "The column is nested; \(wanted.notation) was expected for \(field.dataType)."
    }
    if let bytes = field.vectorByteCount {
      if type == .byteArray { return nil }
      guard type == .fixedLengthByteArray else { return wanted.expected(type, length, field) }
      guard length == bytes else {
        let dimension = field.dimension ?? 0
        return "Its vectors have \(length) bytes; \(field.dataType) of dim \(dimension) has \(bytes)."
      }
      return nil
    }
    guard type == wanted.physicalType else { return wanted.expected(type, length, field) }
    if case .integer(_, isSigned: false) = node.logicalType {
      return "The column is an unsigned integer; \(field.dataType) is signed."
    }
    return nil
  }

  private func expected(_ type: PhysicalType, _ length: Int, _ field: FieldSchema) -> String {
    let found = BinlogColumnType(type, length: length).notation
    return "The column is \(found); \(notation) was expected for \(field.dataType)."
  }

  private var notation: String {
    length > 0 ? "\(physicalType.name)(\(length))" : physicalType.name
  }
}

public import ByteBuffers

/// A type of an Avro schema: the whole one, or one inside it.
///
/// A schema is parsed of JSON. Types inside share what was parsed, and a type may hold itself.
public struct AvroSchema: Sendable {
  /// What a type is.
  public enum Kind: String, Sendable {
    /// No value.
    case null
    /// A truth value.
    case boolean
    /// An integer of 32 bits.
    case int
    /// An integer of 64 bits.
    case long
    /// A floating point number of 32 bits.
    case float
    /// A floating point number of 64 bits.
    case double
    /// Bytes.
    case bytes
    /// Text in UTF-8.
    case string
    /// Named fields, each of a type of its own.
    case record
    /// One of several names.
    case enumeration = "enum"
    /// Values of one type.
    case array
    /// Values of one type, each with a text as key.
    case map
    /// A value of one of several types.
    case union
    /// A certain number of bytes.
    case fixed
  }

  let table: SchemaTable
  let index: Int

  init(_ table: SchemaTable, _ index: Int) {
    self.table = table
    self.index = index
  }

  /// Parses a schema.
  ///
  /// - Parameters:
  ///   - json: the schema, as JSON.
  ///   - limits: what it may take.
  /// - Throws: what is wrong with it, and where.
  public init(_ json: String, limits: AvroLimits = AvroLimits()) throws(AvroError) {
    try self.init(utf8: Array(json.utf8), text: json, limits: limits)
  }

  /// Parses a schema out of bytes.
  ///
  /// - Parameters:
  ///   - json: the schema, as JSON in UTF-8.
  ///   - limits: what it may take.
  /// - Throws: what is wrong with it, and where.
  public init(_ json: Bytes, limits: AvroLimits = AvroLimits()) throws(AvroError) {
    let array = json.array
    guard let text = String(validating: array, as: UTF8.self) else {
      throw AvroError(.invalidSchema, "The schema is not UTF-8.")
    }
    try self.init(utf8: array, text: text, limits: limits)
  }

  private init(utf8: [UInt8], text: String, limits: AvroLimits) throws(AvroError) {
    guard utf8.count <= limits.schemaBytes else {
      throw AvroError(
        .limitExceeded,
        "The schema has \(utf8.count) bytes, more than the limit of \(limits.schemaBytes) (schemaBytes)."
      )
    }
    table = try SchemaParser.parse(utf8, text: text, limits: limits)
    index = table.root
  }

  var shape: SchemaShape { table.types[index].shape }

  private func at(_ index: Int) -> AvroSchema { AvroSchema(table, index) }
}

/// What a type consists of.
extension AvroSchema {
  /// A field of a record.
  public struct Field: Sendable {
    /// Its name.
    public let name: String
    /// Names that it had before.
    public let aliases: [String]
    /// The type of its values.
    public let schema: AvroSchema
    /// The value of records that do not have the field, as the schema spells it.
    public let defaultValue: AvroJSON?
    /// What else the schema says of it: `doc`, `order` and what Avro does not know.
    public let attributes: [AvroJSON.Member]
  }

  /// What the type is.
  public var kind: Kind { shape.kind }

  /// The fullname of a record, an enum or a fixed; nil for other types.
  public var name: String? { shape.name?.full }

  /// Fullnames by which the type was known before.
  public var aliases: [String] { shape.name?.aliases ?? [] }

  /// The fields of a record, in order; none for other types.
  public var fields: [Field] {
    guard case .record(let record) = shape else { return [] }
    return record.fields.map(field)
  }

  /// A field of a record by its name; nil when there is none.
  ///
  /// - Parameter name: its name, not an alias.
  /// - Returns: the field.
  public func field(_ name: String) -> Field? {
    guard case .record(let record) = shape, let index = record.index(of: name) else { return nil }
    return field(record.fields[index])
  }

  private func field(_ shape: FieldShape) -> Field {
    Field(
      name: shape.name,
      aliases: shape.aliases,
      schema: at(shape.type),
      defaultValue: shape.defaultValue,
      attributes: shape.attributes
    )
  }

  /// The symbols of an enum, in order; none for other types.
  public var symbols: [String] {
    if case .enumeration(let enumeration) = shape { return enumeration.symbols }
    return []
  }

  /// The symbol of an enum that stands for those a reader does not know.
  public var defaultSymbol: String? {
    if case .enumeration(let enumeration) = shape { return enumeration.defaultSymbol }
    return nil
  }

  /// The number of bytes of a fixed; nil for other types.
  public var size: Int? {
    if case .fixed(let fixed) = shape { return fixed.size }
    return nil
  }

  /// The type of an array's elements or of a map's values; nil for other types.
  public var items: AvroSchema? {
    switch shape {
    case .array(let items), .map(let items): at(items)
    default: nil
    }
  }

  /// The types of a union, in order; none for other types.
  public var branches: [AvroSchema] {
    if case .union(let branches) = shape { return branches.map(at) }
    return []
  }

  /// What the schema says of the type that Avro itself does not know, and `doc` and `logicalType`.
  public var attributes: [AvroJSON.Member] { table.types[index].attributes }

  /// The logical type, known or not; values are those of the type below.
  public var logicalType: String? {
    attributes.first { $0.name == "logicalType" }?.value.string
  }

  /// Whether both are one type of one parsed schema.
  func isSame(as other: AvroSchema) -> Bool { table === other.table && index == other.index }

  /// The type in words, for messages.
  var label: String { shape.name.map { "\(kind.rawValue) \($0.full)" } ?? kind.rawValue }
}

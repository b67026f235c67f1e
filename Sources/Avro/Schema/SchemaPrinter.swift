/// Makes JSON of a type: all of it, or the parsing canonical form of the specification.
///
/// The canonical form has fullnames, no attributes that do not matter to reading, one order of members and no blanks.
struct SchemaPrinter {
  private let table: SchemaTable
  private let isCanonical: Bool
  private let deepest: Int
  private var defined: Set<Int> = []

  static func json(_ schema: AvroSchema, isCanonical: Bool) throws(AvroError) -> AvroJSON {
    var printer = SchemaPrinter(table: schema.table, isCanonical: isCanonical, deepest: AvroLimits().depth)
    return try printer.type(schema.index, depth: 0)
  }

  private init(table: SchemaTable, isCanonical: Bool, deepest: Int) {
    self.table = table
    self.isCanonical = isCanonical
    self.deepest = deepest
  }

  private mutating func type(_ index: Int, depth: Int) throws(AvroError) -> AvroJSON {
    // Out of its surroundings, a type carries the definitions of all that it names, which may be a long chain.
    guard depth < deepest else {
      throw AvroError(.limitExceeded, "The schema is too deep to be written: more than \(deepest) levels.")
    }
    let type = table.types[index]
    if let name = type.shape.name, !defined.insert(index).inserted { return .string(name.full) }
    var members: [AvroJSON.Member] = []
    switch type.shape {
    case .record(let record):
      members = named(record.name, record.isError ? "error" : "record")
      var fields: [AvroJSON] = []
      for shape in record.fields { fields.append(try field(shape, depth: depth + 1)) }
      members.append(.init("fields", .array(fields)))
    case .enumeration(let enumeration):
      members = named(enumeration.name, "enum") + [.init("symbols", .array(enumeration.symbols.map { .string($0) }))]
      if let symbol = enumeration.defaultSymbol, !isCanonical { members.append(.init("default", .string(symbol))) }
    case .fixed(let fixed):
      members = named(fixed.name, "fixed") + [.init("size", .number("\(fixed.size)"))]
    case .array(let items):
      members = [.init("type", .string("array")), .init("items", try self.type(items, depth: depth + 1))]
    case .map(let values):
      members = [.init("type", .string("map")), .init("values", try self.type(values, depth: depth + 1))]
    case .union(let branches):
      var list: [AvroJSON] = []
      for branch in branches { list.append(try self.type(branch, depth: depth + 1)) }
      return .array(list)
    default:
      if isCanonical || type.attributes.isEmpty { return .string(type.shape.kind.rawValue) }
      members = [.init("type", .string(type.shape.kind.rawValue))]
    }
    return .object(isCanonical ? members : members + type.attributes)
  }

  private func named(_ name: SchemaName, _ keyword: String) -> [AvroJSON.Member] {
    if isCanonical { return [.init("name", .string(name.full)), .init("type", .string(keyword))] }
    var members: [AvroJSON.Member] = [.init("type", .string(keyword)), .init("name", .string(name.full))]
    // Else the namespace around it would become its own.
    if !name.full.contains(".") { members.append(.init("namespace", .string(""))) }
    if !name.aliases.isEmpty { members.append(.init("aliases", .array(name.aliases.map { .string($0) }))) }
    return members
  }

  private mutating func field(_ field: FieldShape, depth: Int) throws(AvroError) -> AvroJSON {
    var members: [AvroJSON.Member] = [
      .init("name", .string(field.name)), .init("type", try type(field.type, depth: depth)),
    ]
    if isCanonical { return .object(members) }
    if let value = field.defaultValue { members.append(.init("default", value)) }
    if !field.aliases.isEmpty { members.append(.init("aliases", .array(field.aliases.map { .string($0) }))) }
    return .object(members + field.attributes)
  }
}

extension AvroSchema {
  /// The schema as JSON: as it was given if it is a whole one, else with all definitions that it needs.
  ///
  /// - Throws: when it is too deep.
  public var text: String {
    get throws(AvroError) {
      if index == table.root { return table.text }
      return try SchemaPrinter.json(self, isCanonical: false).description
    }
  }

  /// The parsing canonical form of the specification, which is the same for schemas that read the same.
  ///
  /// - Throws: when the schema is too deep.
  public var canonicalForm: String {
    get throws(AvroError) { try SchemaPrinter.json(self, isCanonical: true).description }
  }

  /// The CRC-64-AVRO fingerprint of the canonical form.
  ///
  /// - Throws: when the schema is too deep.
  public var fingerprint: UInt64 {
    get throws(AvroError) {
      let empty: UInt64 = 0xc15d_213a_a4d7_a795
      var value = empty
      for byte in try canonicalForm.utf8 {
        var row = (value ^ UInt64(byte)) & 0xff
        for _ in 0..<8 { row = (row >> 1) ^ (row & 1 == 1 ? empty : 0) }
        value = (value >> 8) ^ row
      }
      return value
    }
  }
}

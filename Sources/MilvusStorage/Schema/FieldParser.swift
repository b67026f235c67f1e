internal import FoundationEssentials

/// Collects fields from their JSON forms, and every problem on the way.
struct FieldParser {
  private(set) var problems: [String] = []
  private var fields: [(field: FieldSchema, hasID: Bool)] = []

  /// Adds a field of the schema.
  mutating func add(_ entry: JSONValue) {
    guard let field = parse(entry, structName: nil) else { return }
    fields.append(field)
  }

  /// Adds the fields of a struct array, which are stored as columns of their own.
  mutating func addStruct(_ entry: JSONValue) {
    guard let members = JSONMembers(entry), let name = members["name"]?.string else {
      problems.append("An entry of \"struct_array_fields\" is not an object with a name.")
      return
    }
    for inner in members["fields"]?.array ?? [] {
      if let field = parse(inner, structName: name) { fields.append(field) }
    }
  }

  /// The fields, system fields left out; where no field has an id they are numbered as a server does.
  mutating func finish() -> [FieldSchema] {
    if !fields.contains(where: \.hasID) {
      return fields.enumerated().map { index, entry in
        var field = entry.field
        field.id = FieldSchema.firstUserID + Int64(index)
        return field
      }
    }
    var kept: [FieldSchema] = []
    for (field, hasID) in fields {
      // Proto JSON leaves out zero values, so RowID has no id and only its name tells it.
      let isRowID = field.id == FieldSchema.rowID.id && field.name == FieldSchema.rowID.name
      let isTimestamp = field.id == FieldSchema.timestamp.id && field.name == FieldSchema.timestamp.name
      if isRowID || isTimestamp { continue }
      if hasID {
        kept.append(field)
      } else {
        problems.append("Field '\(field.name)' has no id, though others have one.")
      }
    }
    return kept
  }

  private mutating func parse(_ entry: JSONValue, structName: String?) -> (FieldSchema, Bool)? {
    guard let members = JSONMembers(entry) else {
      problems.append("An entry of \"fields\" is not an object.")
      return nil
    }
    let name = members["name"]?.string ?? ""
    let idValue = members["fieldid", "id"]
    if let idValue, idValue.integer == nil { problems.append("Field '\(name)' has an id that is no integer.") }
    let type = dataType(members["datatype", "type", "dtype"], of: name, as: "type") ?? .none
    var field = FieldSchema(id: idValue?.integer ?? 0, name: name, dataType: type)
    if let element = members["elementtype"] {
      field.elementType = dataType(element, of: name, as: "element type") ?? .none
    }
    if members["datatype", "type", "dtype"] == nil { problems.append("Field '\(name)' has no type.") }
    field.isPrimaryKey = members["isprimarykey", "isprimary", "primarykey"]?.bool ?? false
    field.isDynamic = (members["isdynamic"]?.bool ?? false) || name == FieldSchema.dynamicName
    field.isPartitionKey = members["ispartitionkey"]?.bool ?? false
    field.isClusteringKey = members["isclusteringkey"]?.bool ?? false
    field.isFunctionOutput = members["isfunctionoutput"]?.bool ?? false
    field.isNullable = members["nullable", "isnullable"]?.bool ?? false
    field.isElementNullable = members["elementnullable"]?.bool ?? false
    field.isAutoID = members["autoid"]?.bool ?? false
    field.structName = structName
    readParameters(members, into: &field)
    if let value = members["defaultvalue"] { field.defaultValue = defaultValue(value, of: field) }
    return (field, idValue != nil)
  }

  /// Sizes stand in the field itself (plain file), under `params` (pymilvus), or as key-value pairs (servers).
  private mutating func readParameters(_ members: JSONMembers, into field: inout FieldSchema) {
    var found: [String: JSONValue] = [:]
    for pair in members["typeparams"]?.array ?? [] {
      if let pair = JSONMembers(pair), let key = pair["key"]?.string, let value = pair["value"] { found[key] = value }
    }
    let nested = JSONMembers(members["params"])
    func size(_ key: String, _ plain: String) -> JSONValue? { found[key] ?? nested?[plain] ?? members[plain] }
    field.dimension = count(size("dim", "dim"), "dim", of: field.name)
    field.maxLength = count(size("max_length", "maxlength"), "max_length", of: field.name)
    field.maxCapacity = count(size("max_capacity", "maxcapacity"), "max_capacity", of: field.name)
  }

  private mutating func count(_ value: JSONValue?, _ label: String, of name: String) -> Int? {
    guard let value else { return nil }
    guard let number = value.integer.flatMap({ Int(exactly: $0) }) else {
      problems.append("Field '\(name)' has a \(label) that is no integer.")
      return nil
    }
    return number
  }

  private mutating func dataType(_ value: JSONValue?, of name: String, as label: String) -> DataType? {
    guard let value else { return nil }
    if let number = value.integer.flatMap({ Int32(exactly: $0) }) { return DataType(rawValue: number) }
    if let text = value.string, let known = DataType(text) { return known }
    problems.append("Field '\(name)' has the unknown \(label) \(value.string.map { "'\($0)'" } ?? "\(value)").")
    return nil
  }

  /// A proto ValueField, `{"long_data":"7"}`, or the bare value.
  private mutating func defaultValue(_ value: JSONValue, of field: FieldSchema) -> DefaultValue? {
    var content = value
    if let members = JSONMembers(value), field.dataType != .json {
      if let bytes = members["bytesdata"]?.string {
        return Data(base64Encoded: bytes).map { .bytes(Array($0)) } ?? mismatch(field)
      }
      // A message without a member is one whose value is zero or empty, which proto JSON leaves out.
      let known =
        members[
          "booldata",
          "intdata",
          "longdata",
          "floatdata",
          "doubledata",
          "stringdata",
          "timestamptzdata",
          "datedata"
        ]
        ?? members["timedata"]
      guard let known else { return nil }
      content = known
    } else if let bytes = JSONMembers(value)?["bytesdata"]?.string {
      return Data(base64Encoded: bytes).map { .bytes(Array($0)) } ?? mismatch(field)
    }
    return typed(content, for: field) ?? mismatch(field)
  }

  private func typed(_ value: JSONValue, for field: FieldSchema) -> DefaultValue? {
    switch field.dataType {
    case .bool: return value.bool.map { .bool($0) }
    case .int8: return value.integer.flatMap { Int8(exactly: $0) }.map { .integer(Int64($0)) }
    case .int16: return value.integer.flatMap { Int16(exactly: $0) }.map { .integer(Int64($0)) }
    case .int32: return value.integer.flatMap { Int32(exactly: $0) }.map { .integer(Int64($0)) }
    case .int64, .timestamptz, .date, .time: return value.integer.map { .integer($0) }
    case .float: return value.double.map { .double(Double(Float($0))) }
    case .double: return value.double.map { .double($0) }
    default: return value.string.map { .bytes(Array($0.utf8)) }
    }
  }

  private mutating func mismatch(_ field: FieldSchema) -> DefaultValue? {
    problems.append("Field '\(field.name)' has a default value that is no \(field.dataType).")
    return nil
  }
}

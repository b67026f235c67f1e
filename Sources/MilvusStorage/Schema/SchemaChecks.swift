/// What makes a list of fields a schema.
enum SchemaChecks {
  /// Longest vector that is believed, in elements; servers allow 32,768, and 262,144 bits.
  private static let largestDimension = 1 << 20

  /// Every problem of a list of fields.
  static func problems(_ fields: [FieldSchema]) -> [String] {
    var problems: [String] = []
    var ids: [Int64: String] = [:]
    var names: Set<String> = []
    for field in fields {
      problems += fieldProblems(field)
      if let other = ids.updateValue(field.name, forKey: field.id) {
        problems.append("Fields '\(other)' and '\(field.name)' have the same id \(field.id).")
      }
      let qualified = field.structName.map { "\($0)[\(field.name)]" } ?? field.name
      if !names.insert(qualified).inserted { problems.append("Two fields have the name '\(field.name)'.") }
    }
    let keys = fields.filter(\.isPrimaryKey)
    if keys.isEmpty { problems.append("No field is marked as the primary key.") }
    if keys.count > 1 {
      let names = keys.map { "'\($0.name)'" }.joined(separator: ", ")
      problems.append("Fields \(names) are all marked as the primary key; a collection has one.")
    }
    for key in keys where key.dataType != .int64 && key.dataType != .varChar {
      problems.append("The primary key '\(key.name)' has the type \(key.dataType); it must be Int64 or VarChar.")
    }
    return problems
  }

  private static func fieldProblems(_ field: FieldSchema) -> [String] {
    var problems: [String] = []
    let name = "Field '\(field.name)'"
    if field.name.isEmpty { problems.append("The field with id \(field.id) has no name.") }
    if field.id < FieldSchema.firstUserID {
      problems.append("\(name) has the id \(field.id); ids of user fields begin at \(FieldSchema.firstUserID).")
    }
    if !field.dataType.isKnown || field.dataType == .none {
      problems.append("\(name) has the unknown type \(field.dataType).")
    }
    let needsDimension =
      field.dataType.isDenseVector || field.dataType == .arrayOfVector && field.elementType.isDenseVector
    if needsDimension { problems += dimensionProblems(field, name) }
    if field.dataType == .array, !ScalarFieldCodec.elementTypes.contains(field.elementType) {
      problems.append("\(name) is an Array whose element type is \(field.elementType); give an \"element_type\".")
    }
    for (label, value) in [("max_length", field.maxLength), ("max_capacity", field.maxCapacity)] {
      if let value, value <= 0 { problems.append("\(name) has the \(label) \(value); it must be above 0.") }
    }
    return problems
  }

  private static func dimensionProblems(_ field: FieldSchema, _ name: String) -> [String] {
    guard let dimension = field.dimension else { return ["\(name) is a \(field.dataType) without \"dim\"."] }
    guard (1...largestDimension).contains(dimension) else { return ["\(name) has the impossible dim \(dimension)."] }
    guard field.dataType != .binaryVector || dimension % 8 == 0 else {
      return ["\(name) is a BinaryVector of dim \(dimension), which is not a multiple of 8."]
    }
    return []
  }

  /// One error for all problems.
  static func error(_ problems: [String], source: String?) -> BackfillError {
    let message =
      problems.count == 1
      ? "The schema is not valid: \(problems[0])"
      : "The schema has \(problems.count) problems:\n" + problems.map { "- \($0)" }.joined(separator: "\n")
    return BackfillError(.schemaValidation, message, path: source)
  }
}

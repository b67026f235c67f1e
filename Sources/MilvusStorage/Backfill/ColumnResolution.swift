internal import Parquet

/// Which input column is the key and which field each other column fills.
struct ColumnResolution {
  var keyColumn: String
  var keyField: FieldSchema
  var values: [(column: String, field: FieldSchema)]

  /// Name that the key column has when there is no mapping.
  static let defaultKeyColumn = "pk"

  /// Resolves names against the schema, reporting all problems at once.
  init(
    _ configuration: BackfillConfiguration,
    _ schema: CollectionSchema,
    inputColumns: [String],
    inputName: String
  ) throws(BackfillError) {
    var problems = ProblemList()
    let key = ColumnResolution.keyField(configuration, schema, &problems)
    let keyName = key.name
    keyField = key
    var mapping = configuration.columnMapping
    if mapping.isEmpty {
      mapping = ColumnResolution.implied(inputColumns, key: keyName, &problems)
    } else if !mapping.contains(where: { $0.target == keyName }), inputColumns.contains(keyName) {
      // A key column that bears the key's name needs no mapping.
      mapping.append(ColumnMapping(keyName, to: keyName))
    }
    guard let keyPair = mapping.first(where: { $0.target == keyName }) else {
      problems.add(
        configuration.columnMapping.isEmpty
          ? "The input has no key column: it needs one called 'pk' or '\(keyName)'. It has: "
            + "\(inputColumns.joined(separator: ", "))."
          : "The column mapping has no column for the key field '\(keyName)'; add source:\(keyName)."
      )
      try problems.check(.schemaValidation, path: inputName)
      throw BackfillError(.schemaValidation, problems.text)
    }
    keyColumn = keyPair.source
    values = []
    for pair in mapping where pair.target != keyName {
      if !inputColumns.contains(pair.source) {
        problems.add("The column mapping names column '\(pair.source)', which the input lacks.")
      }
      guard let field = ColumnResolution.target(pair.target, schema, &problems) else { continue }
      values.append((pair.source, field))
    }
    if values.isEmpty, problems.isEmpty {
      problems.add("The input has no column besides the key: there is nothing to fill.")
    }
    try problems.check(.schemaValidation, path: inputName)
    values.sort { $0.field.id < $1.field.id }
  }

  private static func keyField(
    _ configuration: BackfillConfiguration,
    _ schema: CollectionSchema,
    _ problems: inout ProblemList
  ) -> FieldSchema {
    let primaryKey = schema.primaryKey
    if let id = configuration.pkFieldToRead, id != primaryKey.id {
      problems.add("pkFieldToRead is \(id); the primary key '\(primaryKey.name)' has id \(primaryKey.id).")
    }
    guard let name = configuration.joinKey, name != primaryKey.name else { return primaryKey }
    guard let field = schema.field(named: name) else {
      problems.add("The join key '\(name)' is no field of the collection; it has: \(names(schema)).")
      return primaryKey
    }
    let allowed: [DataType] = [.int8, .int16, .int32, .int64, .string, .varChar]
    if !allowed.contains(field.dataType) {
      problems.add("The join key '\(name)' is \(field.dataType); a key must be an integer, String or VarChar.")
    }
    return field
  }

  /// Without a mapping every column goes to the field of its name, and `pk` to the key.
  private static func implied(
    _ columns: [String],
    key: String,
    _ problems: inout ProblemList
  ) -> [ColumnMapping] {
    let hasDefault = columns.contains(defaultKeyColumn) && key != defaultKeyColumn
    if hasDefault, columns.contains(key) {
      problems.add("The input has both 'pk' and '\(key)'; name the key column with a column mapping.")
    }
    return columns.map { ColumnMapping($0, to: hasDefault && $0 == defaultKeyColumn ? key : $0) }
  }

  private static func target(
    _ name: String,
    _ schema: CollectionSchema,
    _ problems: inout ProblemList
  ) -> FieldSchema? {
    guard let field = schema.field(named: name) else {
      problems.add("'\(name)' is no field of the collection, which has: \(names(schema)).")
      return nil
    }
    let reason: String?
    if field.isPrimaryKey {
      reason = "the primary key"
    } else if field.isSystem {
      reason = "a system field"
    } else if field.isDynamic {
      reason = "the dynamic field"
    } else if field.isPartitionKey {
      reason = "the partition key"
    } else if field.isFunctionOutput {
      reason = "the output of a function"
    } else {
      reason = nil
    }
    guard let reason else { return field }
    problems.add("'\(name)' is \(reason) and cannot be filled.")
    return nil
  }

  private static func names(_ schema: CollectionSchema) -> String {
    schema.fields.filter { !$0.isSystem }.map(\.name).joined(separator: ", ")
  }
}

/// The fields of a collection, and what is known of the collection itself.
public struct CollectionSchema: Sendable, Hashable {
  /// Name of the collection; empty where the source does not say.
  public var name: String
  /// Fields that users made, and the dynamic field where the source lists it; system fields are left out.
  public var fields: [FieldSchema]
  /// Whether rows may have members that the schema does not name.
  public var enablesDynamicField: Bool
  /// Version of the schema; 0 where the source does not say.
  public var version: Int32
  /// Id of the collection, where the source says.
  public var collectionID: Int64?
  /// Names of partitions by id, where the source says.
  public var partitions: [Int64: String]

  /// Creates a schema and checks it.
  ///
  /// - Parameters:
  ///   - name: name of the collection.
  ///   - fields: fields that users made.
  ///   - enablesDynamicField: whether rows may have members that the schema does not name.
  ///   - version: version of the schema.
  ///   - collectionID: id of the collection.
  ///   - partitions: names of partitions by id.
  /// - Throws: ``BackfillError/Code/schemaValidation`` that lists every problem.
  public init(
    name: String,
    fields: [FieldSchema],
    enablesDynamicField: Bool = false,
    version: Int32 = 0,
    collectionID: Int64? = nil,
    partitions: [Int64: String] = [:]
  ) throws(BackfillError) {
    let problems = SchemaChecks.problems(fields)
    guard problems.isEmpty else { throw SchemaChecks.error(problems, source: nil) }
    self.init(
      unchecked: name,
      fields: fields,
      enablesDynamicField: enablesDynamicField,
      version: version,
      collectionID: collectionID,
      partitions: partitions
    )
  }

  init(
    unchecked name: String,
    fields: [FieldSchema],
    enablesDynamicField: Bool,
    version: Int32,
    collectionID: Int64?,
    partitions: [Int64: String]
  ) {
    self.name = name
    self.fields = fields
    self.enablesDynamicField = enablesDynamicField
    self.version = version
    self.collectionID = collectionID
    self.partitions = partitions
  }

  /// The primary key.
  public var primaryKey: FieldSchema {
    // A checked schema has exactly one; RowID stands in for a schema whose fields were taken away afterwards.
    fields.first { $0.isPrimaryKey } ?? .rowID
  }

  /// The field with a name, system fields included.
  ///
  /// - Parameter name: the field's name.
  /// - Returns: the field, or nil.
  public func field(named name: String) -> FieldSchema? {
    fields.first { $0.name == name } ?? CollectionSchema.systemFields.first { $0.name == name }
  }

  /// The field with an id, system fields included.
  ///
  /// - Parameter id: the field's id.
  /// - Returns: the field, or nil.
  public func field(id: Int64) -> FieldSchema? {
    fields.first { $0.id == id } ?? CollectionSchema.systemFields.first { $0.id == id }
  }

  /// RowID and Timestamp, which every segment stores.
  public static let systemFields: [FieldSchema] = [.rowID, .timestamp]

  /// Id of the partition that a text means: its name, or the id itself.
  ///
  /// - Parameter text: a name or a decimal id.
  /// - Returns: the id, or nil when no partition of the schema has that name and the text is no number.
  public func partitionID(_ text: String) -> Int64? {
    partitions.first { $0.value == text }?.key ?? Int64(text)
  }
}

extension CollectionSchema {
  /// Whether the collection has a dynamic field that the source did not list, as `DescribeCollection` does not.
  public var hasUnlistedDynamicField: Bool {
    enablesDynamicField && !fields.contains { $0.isDynamic }
  }

  /// The schema with the dynamic field that its source did not list, recognised by the field that is left over.
  ///
  /// - Parameter stored: ids of all fields that have folders in some segment.
  /// - Returns: the schema with `$meta`; itself when there is none to add or no field is left over.
  /// - Throws: ``BackfillError/Code/schemaValidation`` when several fields are left over.
  public func adoptingDynamicField(from stored: some Sequence<Int64>) throws(BackfillError) -> CollectionSchema {
    guard hasUnlistedDynamicField else { return self }
    let leftOver = Set(stored).filter { $0 >= FieldSchema.firstUserID && field(id: $0) == nil }.sorted()
    guard let id = leftOver.first else { return self }
    guard leftOver.count == 1 else {
      let ids = leftOver.map(String.init).joined(separator: ", ")
      throw BackfillError(
        .schemaValidation,
        "The segments store fields \(ids), which the schema does not list, and one of them is the dynamic field '$meta'. "
          + "Add the others, or '$meta' itself with its id and \"is_dynamic\": true, to the schema."
      )
    }
    var copy = self
    copy.fields.append(.dynamic(id: id))
    return copy
  }
}

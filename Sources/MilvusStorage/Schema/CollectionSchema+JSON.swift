public import ByteBuffers

extension CollectionSchema {
  /// Parses a schema document; which of the known forms it has is told from its keys.
  ///
  /// | form | told by |
  /// |---|---|
  /// | snapshot metadata, both generations | `collection` with a `schema` inside |
  /// | answer of `DescribeCollection` | `schema` |
  /// | pymilvus' `schema.to_dict()` | `fields` that have no ids: they are numbered from 100 on in their order |
  /// | plain schema file | `fields` that have ids |
  ///
  /// - Parameters:
  ///   - json: the document, at most 64 MiB.
  ///   - source: what to call it in errors, usually its path.
  /// - Throws: ``BackfillError/Code/schemaValidation`` that lists every problem of the schema.
  public init(json: Bytes, source: String) throws(BackfillError) {
    let document = try JSONValue(parsing: json, source: source, code: .schemaValidation)
    self = try CollectionSchema(document, source: source)
  }

  init(_ document: JSONValue, source: String) throws(BackfillError) {
    guard let root = JSONMembers(document) else {
      throw BackfillError(.schemaValidation, "A schema document must be a JSON object.", path: source)
    }
    if let collection = JSONMembers(root["collection"]), let schema = JSONMembers(collection["schema"]) {
      let info = JSONMembers(root["snapshotinfo"])
      self = try CollectionSchema(
        schema,
        collectionID: info?["collectionid"]?.integer,
        partitions: CollectionSchema.partitions(byName: collection["partitions"]),
        source: source
      )
    } else if let schema = JSONMembers(root["schema"]) {
      self = try CollectionSchema(schema, collectionID: root["collectionid"]?.integer, source: source)
      if name.isEmpty { name = root["collectionname"]?.string ?? "" }
    } else if root.has("fields") {
      self = try CollectionSchema(root, collectionID: root["collectionid"]?.integer, source: source)
    } else {
      throw BackfillError(
        .schemaValidation,
        "This is no schema: it has neither \"fields\", nor \"schema\", nor \"collection\". Give a snapshot's metadata, an "
          + "answer of DescribeCollection, pymilvus' schema, or {\"fields\":[{\"id\":100,\"name\":...,\"type\":...}]}.",
        path: source
      )
    }
  }

  private init(
    _ schema: JSONMembers,
    collectionID: Int64?,
    partitions: [Int64: String] = [:],
    source: String
  ) throws(BackfillError) {
    guard let entries = schema["fields"]?.array, !entries.isEmpty else {
      throw BackfillError(.schemaValidation, "The schema lists no fields.", path: source)
    }
    var parser = FieldParser()
    for entry in entries { parser.add(entry) }
    for entry in schema["structarrayfields", "structfields"]?.array ?? [] { parser.addStruct(entry) }
    let fields = parser.finish()
    let problems = parser.problems + SchemaChecks.problems(fields)
    guard problems.isEmpty else { throw SchemaChecks.error(problems, source: source) }
    self.init(
      unchecked: schema["name", "collectionname"]?.string ?? "",
      fields: fields,
      enablesDynamicField: schema["enabledynamicfield"]?.bool ?? false,
      version: schema["version"]?.integer.flatMap { Int32(exactly: $0) } ?? 0,
      collectionID: collectionID,
      partitions: partitions
    )
  }

  /// Parses an answer of `ShowPartitions`: names and ids in two lists of one order.
  ///
  /// - Parameters:
  ///   - json: the document.
  ///   - source: what to call it in errors.
  /// - Returns: names by id.
  /// - Throws: ``BackfillError/Code/schemaValidation`` when the lists are missing or do not fit.
  public static func partitions(json: Bytes, source: String) throws(BackfillError) -> [Int64: String] {
    let document = try JSONValue(parsing: json, source: source, code: .schemaValidation)
    let members = JSONMembers(document)
    guard let names = members?["partitionnames"]?.array, let ids = members?["partitionids"]?.array,
      names.count == ids.count
    else {
      throw BackfillError(
        .schemaValidation,
        "This is no answer of ShowPartitions: \"partition_names\" and \"partitionIDs\" must be lists of one length.",
        path: source
      )
    }
    var partitions: [Int64: String] = [:]
    for (name, id) in zip(names, ids) {
      guard let name = name.string, let id = id.integer else {
        throw BackfillError(.schemaValidation, "A partition's name must be text and its id a number.", path: source)
      }
      partitions[id] = name
    }
    return partitions
  }

  private static func partitions(byName value: JSONValue?) -> [Int64: String] {
    var partitions: [Int64: String] = [:]
    for (name, id) in value?.object ?? [:] {
      if let id = id.integer { partitions[id] = name }
    }
    return partitions
  }
}

/// What is known of the field that values of a type take, where no schema is given.
struct InferredField {
  /// What the field holds.
  indirect enum Kind {
    case leaf(PhysicalType, length: Int, LogicalType?)
    case structure([Member])
    case list(InferredField)
    case map(key: InferredField, value: InferredField)
    /// No value has shown it yet.
    case unknown(any Encodable.Type)
  }

  /// A field of a structure.
  struct Member {
    let name: String
    var field: InferredField
  }

  var kind: Kind
  var isOptional = false

  init(_ kind: Kind) {
    self.kind = kind
  }

  /// What the type alone says.
  init<T: Encodable>(_ type: T.Type) {
    if let standard = type as? any ColumnEncodable.Type {
      self = standard.inferred
    } else if let convertible = type as? any ParquetConvertible.Type {
      self = InferredField.form(of: convertible)
    } else {
      kind = .unknown(type)
    }
  }

  private static func form<C: ParquetConvertible>(of type: C.Type) -> InferredField {
    InferredField(C.ParquetForm.self)
  }

  static func leaf(_ type: PhysicalType, length: Int = 0, _ annotation: LogicalType? = nil) -> InferredField {
    InferredField(.leaf(type, length: length, annotation))
  }

  /// What both say together; nil when they disagree.
  func merged(with other: InferredField) -> InferredField? {
    var result = self
    result.isOptional = isOptional || other.isOptional
    switch (kind, other.kind) {
    case (_, .unknown): break
    case (.unknown, _): result.kind = other.kind
    case (.leaf(let type, let length, let annotation), .leaf(let otherType, let otherLength, let otherAnnotation)):
      guard type == otherType, length == otherLength, annotation == otherAnnotation else { return nil }
    case (.list(let element), .list(let otherElement)):
      guard let merged = element.merged(with: otherElement) else { return nil }
      result.kind = .list(merged)
    case (.map(let key, let value), .map(let otherKey, let otherValue)):
      guard let key = key.merged(with: otherKey), let value = value.merged(with: otherValue) else { return nil }
      result.kind = .map(key: key, value: value)
    case (.structure(let members), .structure(let others)):
      guard let merged = InferredField.merge(members, others) else { return nil }
      result.kind = .structure(merged)
    default: return nil
    }
    return result
  }

  /// Fields that only one of them has are optional.
  private static func merge(_ members: [Member], _ others: [Member]) -> [Member]? {
    var result = members
    var places: [String: Int] = [:]
    for (index, member) in members.enumerated() where places[member.name] == nil { places[member.name] = index }
    var seen: Set<Int> = []
    for other in others {
      if let place = places[other.name] {
        guard let field = result[place].field.merged(with: other.field) else { return nil }
        result[place].field = field
        seen.insert(place)
      } else {
        result.append(other)
        result[result.count - 1].field.isOptional = true
      }
    }
    for index in members.indices where !seen.contains(index) { result[index].field.isOptional = true }
    return result
  }

  /// The schema of rows of the type.
  func schema(of type: Any.Type) throws(ParquetError) -> ParquetSchema {
    guard case .structure(let members) = kind, !members.isEmpty else {
      throw ParquetError(.invalidArgument, "\(type) encodes no keys: rows need fields. Give ParquetEncoder a schema.")
    }
    var fields: [SchemaNode] = []
    for member in members { fields.append(try member.field.node(member.name, path: [member.name])) }
    return ParquetSchema(fields)
  }

  private func node(_ name: String, path: [String]) throws(ParquetError) -> SchemaNode {
    let repetition = isOptional ? Repetition.optional : .required
    switch kind {
    case .leaf(let type, let length, let annotation):
      return SchemaNode(name, type, length: length, repetition: repetition, logicalType: annotation)
    case .list(let element):
      return .list(name, of: try element.node("element", path: path + ["element"]), repetition: repetition)
    case .map(var key, let value):
      key.isOptional = false
      let entry = [try key.node("key", path: path + ["key"]), try value.node("value", path: path + ["value"])]
      let entries = SchemaNode("key_value", group: entry, repetition: .repeated)
      return SchemaNode(name, group: [entries], repetition: repetition, logicalType: .map)
    case .structure(let members):
      guard !members.isEmpty else { throw InferredField.unknown("a structure without fields", path) }
      var children: [SchemaNode] = []
      for member in members { children.append(try member.field.node(member.name, path: path + [member.name])) }
      return SchemaNode(name, group: children, repetition: repetition)
    case .unknown(let type):
      // An enumeration encodes its raw value, unless it says otherwise, which no row does.
      guard var raw = (type as? any RawRepresentable.Type).flatMap({ InferredField.rawValue(of: $0) }) else {
        throw InferredField.unknown("\(type), of which no row has a value", path)
      }
      raw.isOptional = isOptional
      return try raw.node(name, path: path)
    }
  }

  private static func rawValue<R: RawRepresentable>(of type: R.Type) -> InferredField? {
    (R.RawValue.self as? any ColumnEncodable.Type)?.inferred
  }

  private static func unknown(_ what: String, _ path: [String]) -> ParquetError {
    ParquetError(
      .invalidArgument,
      "The schema cannot be inferred: '\(path.joined(separator: "."))' is \(what). Give ParquetEncoder a schema.",
      column: path.joined(separator: ".")
    )
  }
}

/// Records what a value encodes, to infer the fields that it takes.
final class FieldRecorder: Encoder {
  let codingPath: [any CodingKey]
  let run: EncodingRun
  private(set) var field: InferredField?

  var userInfo: [CodingUserInfoKey: Any] { run.userInfo }

  init(_ run: EncodingRun, _ codingPath: [any CodingKey] = []) {
    self.run = run
    self.codingPath = codingPath
  }

  /// The field that a value takes.
  static func field<T: Encodable>(
    of value: T,
    _ run: EncodingRun,
    _ path: [any CodingKey] = []
  ) throws -> InferredField {
    if let standard = value as? any ColumnEncodable { return try standard.recorded(run, path) }
    if value is any ParquetConvertible { return InferredField(T.self) }
    guard path.count < 64 else { throw refusal(value, path, "is nested deeper than 64 levels.") }
    let recorder = FieldRecorder(run, path)
    try value.encode(to: recorder)
    return recorder.field ?? InferredField(.structure([]))
  }

  /// The field that a number of values take.
  static func field<T: Encodable>(
    ofAll values: some Sequence<T>,
    _ run: EncodingRun,
    _ path: [any CodingKey] = []
  ) throws -> InferredField {
    var result = InferredField(T.self)
    for value in values {
      guard let merged = result.merged(with: try field(of: value, run, path)) else {
        throw refusal(value, path, "encodes values of different types in different rows.")
      }
      result = merged
    }
    return result
  }

  private static func refusal(_ value: Any, _ path: [any CodingKey], _ what: String) -> EncodingError {
    let name = path.map(\.stringValue).joined(separator: ".")
    return .invalidValue(
      value,
      EncodingError.Context(
        codingPath: path,
        debugDescription: "The schema cannot be inferred: '\(name)' \(what) Give ParquetEncoder a schema."
      )
    )
  }

  /// Adds what is known now.
  func add(_ added: InferredField) throws {
    guard let merged = field?.merged(with: added) ?? (field == nil ? added : nil) else {
      throw FieldRecorder.refusal(codingPath, codingPath, "encodes values of different types.")
    }
    field = merged
  }

  /// Adds a field of a structure, without making the ones before optional.
  func add(_ added: InferredField, forKey key: any CodingKey) throws {
    let name = run.name(of: key)
    guard case .structure(var members) = field?.kind ?? .structure([]) else {
      throw FieldRecorder.refusal(name, codingPath, "is a structure and something else.")
    }
    if let index = members.firstIndex(where: { $0.name == name }) {
      guard let merged = members[index].field.merged(with: added) else {
        throw FieldRecorder.refusal(name, codingPath + [key], "encodes values of different types.")
      }
      members[index].field = merged
    } else {
      members.append(InferredField.Member(name: name, field: added))
    }
    field = InferredField(.structure(members))
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if field == nil { field = InferredField(.structure([])) }
    return KeyedEncodingContainer(Fields<Key>(recorder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer { Elements(recorder: self) }
  func singleValueContainer() -> any SingleValueEncodingContainer { Single(recorder: self) }
}

extension ColumnEncodable {
  func recorded(_ run: EncodingRun, _ path: [any CodingKey]) throws -> InferredField {
    if let composite = self as? any RecordedByParts { return try composite.recordedParts(run, path) }
    return Self.inferred
  }
}

/// A standard type made of others, whose values say more than the type.
protocol RecordedByParts {
  func recordedParts(_ run: EncodingRun, _ path: [any CodingKey]) throws -> InferredField
}

extension Optional: RecordedByParts where Wrapped: Encodable {
  func recordedParts(_ run: EncodingRun, _ path: [any CodingKey]) throws -> InferredField {
    guard let value = self else { return Self.inferred }
    var field = try FieldRecorder.field(of: value, run, path)
    field.isOptional = true
    return field
  }
}

extension Array: RecordedByParts where Element: Encodable {
  func recordedParts(_ run: EncodingRun, _ path: [any CodingKey]) throws -> InferredField {
    guard case .list(let element) = Self.inferred.kind, element.isOpen else { return Self.inferred }
    return InferredField(.list(try FieldRecorder.field(ofAll: self, run, path + [FieldKey("element")])))
  }
}

extension Dictionary: RecordedByParts where Key: Encodable, Value: Encodable {
  func recordedParts(_ run: EncodingRun, _ path: [any CodingKey]) throws -> InferredField {
    let key = try FieldRecorder.field(ofAll: keys, run, path + [FieldKey("key")])
    let value = try FieldRecorder.field(ofAll: values, run, path + [FieldKey("value")])
    return InferredField(.map(key: key, value: value))
  }
}

extension InferredField {
  /// Whether values can add something.
  fileprivate var isOpen: Bool {
    switch kind {
    case .leaf: false
    case .list(let element): element.isOpen
    case .map(let key, let value): key.isOpen || value.isOpen
    case .structure, .unknown: true
    }
  }
}

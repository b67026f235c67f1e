/// A record: a value for each field of its type.
public struct AvroRecord: Sendable {
  /// The type, which is a record.
  public let schema: AvroSchema
  /// A value for each field, in the order of the type.
  public internal(set) var values: [AvroValue]

  let shape: RecordShape

  init(_ schema: AvroSchema, _ shape: RecordShape, _ values: [AvroValue]) {
    self.schema = schema
    self.shape = shape
    self.values = values
  }

  /// Makes a record of some fields; the others get the defaults of their type.
  ///
  /// - Parameters:
  ///   - schema: a record.
  ///   - fields: values by the names of fields.
  /// - Throws: when the type is no record, has no such field, or has no default for a field that is not given.
  public init(_ schema: AvroSchema, _ fields: [String: AvroValue]) throws(AvroError) {
    guard case .record(let shape) = schema.shape else {
      throw AvroError(.invalidArgument, "A record cannot be made of the type \(schema.label).")
    }
    for name in fields.keys.sorted() where shape.index(of: name) == nil {
      throw AvroRecord.noField(name, shape)
    }
    var values: [AvroValue] = []
    values.reserveCapacity(shape.fields.count)
    var defaults = DefaultValues(schema.table)
    for field in shape.fields {
      if let given = fields[field.name] {
        values.append(given)
      } else {
        values.append(try defaults.value(of: field))
      }
    }
    self.init(schema, shape, values)
  }

  /// The value of a field; nil when the type has none of this name.
  ///
  /// - Parameter name: the field's name.
  public subscript(name: String) -> AvroValue? {
    shape.index(of: name).map { values[$0] }
  }

  /// Replaces the value of a field.
  ///
  /// - Parameters:
  ///   - name: the field's name.
  ///   - value: what it gets.
  /// - Throws: when the type has no such field.
  public mutating func set(_ name: String, _ value: AvroValue) throws(AvroError) {
    guard let index = shape.index(of: name) else { throw AvroRecord.noField(name, shape) }
    values[index] = value
  }

  /// Appends to a field that holds an array.
  ///
  /// - Parameters:
  ///   - elements: what to append.
  ///   - name: the field's name.
  /// - Throws: when the type has no such field, or it holds something else.
  public mutating func append(_ elements: [AvroValue], to name: String) throws(AvroError) {
    guard let index = shape.index(of: name) else { throw AvroRecord.noField(name, shape) }
    guard case .array(var array) = values[index] else {
      throw AvroError(.schemaMismatch, "An array was expected, and there is \(values[index].kind.rawValue).")
        .inside(name)
    }
    // Else the field would share the elements, which would then all be copied.
    values[index] = .null
    array.append(contentsOf: elements)
    values[index] = .array(array)
  }

  private static func noField(_ name: String, _ shape: RecordShape) -> AvroError {
    AvroError(.invalidArgument, "The record \(shape.name.full) has no field '\(name)'.")
  }
}

extension AvroRecord: Hashable {
  /// Compares names and values, not schemas.
  public static func == (left: AvroRecord, right: AvroRecord) -> Bool {
    guard left.values == right.values else { return false }
    if left.shape === right.shape { return true }
    return left.shape.name.full == right.shape.name.full
      && left.shape.fields.map(\.name) == right.shape.fields.map(\.name)
  }

  /// Feeds name and values to a hasher.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(shape.name.full)
    hasher.combine(values)
  }
}

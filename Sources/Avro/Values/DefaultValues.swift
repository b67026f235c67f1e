internal import ByteBuffers

/// Makes values of the defaults that a schema states as JSON.
///
/// A wrong default is refused where it is needed, not where the schema is parsed: many writers never check theirs.
///
///     bytes, fixed   a text whose characters are numbers of bytes: "\u00ff"
///     enum           the symbol
///     record         an object; fields that it lacks have defaults of their own
///     union          a value of the first branch that it fits
struct DefaultValues {
  private let table: SchemaTable
  private let deepest: Int
  /// Values that may still be made: defaults of records may lead to each other.
  private var budget: Int

  init(_ table: SchemaTable, limits: AvroLimits = AvroLimits()) {
    self.table = table
    deepest = limits.depth
    budget = limits.values
  }

  /// The default of a field.
  mutating func value(of field: FieldShape) throws(AvroError) -> AvroValue { try value(of: field, depth: 0) }

  private mutating func value(of field: FieldShape, depth: Int) throws(AvroError) -> AvroValue {
    guard let json = field.defaultValue else {
      throw AvroError(.schemaMismatch, "The field is missing, and the schema states no default for it.")
        .inside(field.name)
    }
    do throws(AvroError) {
      return try value(json, field.type, depth: depth + 1)
    } catch {
      throw error.inside(field.name)
    }
  }

  private mutating func value(_ json: AvroJSON, _ index: Int, depth: Int) throws(AvroError) -> AvroValue {
    budget -= 1
    guard depth < deepest, budget >= 0 else {
      throw AvroError(.limitExceeded, "The default values of the schema lead to too many others.")
    }
    let shape = table.types[index].shape
    switch (shape, json) {
    case (.null, .null): return .null
    case (.boolean, .boolean(let value)): return .boolean(value)
    case (.string, .string(let text)): return .string(text)
    case (.bytes, .string(let text)): if let bytes = DefaultValues.bytes(text) { return .bytes(bytes) }
    case (.fixed(let fixed), .string(let text)):
      if let bytes = DefaultValues.bytes(text), bytes.count == fixed.size { return .fixed(bytes) }
    case (.enumeration(let enumeration), .string(let symbol)):
      if enumeration.index(of: symbol) != nil { return .enumeration(symbol) }
    case (.array(let items), .array(let elements)): return .array(try self.elements(elements, items, depth: depth))
    case (.map(let values), .object(let members)): return .map(try entries(members, values, depth: depth))
    case (.record(let record), .object(let members)):
      return .record(try self.record(record, index, members, depth: depth))
    case (.union(let branches), _): return try branch(json, branches, depth: depth)
    default: if let number = DefaultValues.number(json, shape) { return number }
    }
    throw AvroError(
      .invalidSchema,
      "The default is \(json.kind) that is no value of the type \(AvroSchema(table, index).label)."
    )
  }

  private static func number(_ json: AvroJSON, _ shape: SchemaShape) -> AvroValue? {
    switch shape {
    case .int: json.integer.flatMap { Int32(exactly: $0) }.map { .int($0) }
    case .long: json.integer.map { .long($0) }
    case .float: json.double.map { .float(Float($0)) }
    case .double: json.double.map { .double($0) }
    default: nil
    }
  }

  private static func bytes(_ text: String) -> Bytes? {
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { return nil }
      bytes.append(byte)
    }
    return Bytes(bytes)
  }

  private mutating func elements(_ json: [AvroJSON], _ items: Int, depth: Int) throws(AvroError) -> [AvroValue] {
    var elements: [AvroValue] = []
    for (position, element) in json.enumerated() {
      do throws(AvroError) {
        elements.append(try value(element, items, depth: depth + 1))
      } catch {
        throw error.inside(AvroError.step(position))
      }
    }
    return elements
  }

  private mutating func entries(
    _ members: [AvroJSON.Member],
    _ values: Int,
    depth: Int
  ) throws(AvroError) -> AvroMap {
    var map = AvroMap()
    for member in members {
      do throws(AvroError) {
        map.entries.append(AvroMap.Entry(member.name, try value(member.value, values, depth: depth + 1)))
      } catch {
        throw error.inside(AvroError.step(key: member.name))
      }
    }
    return map
  }

  private mutating func record(
    _ record: RecordShape,
    _ index: Int,
    _ members: [AvroJSON.Member],
    depth: Int
  ) throws(AvroError) -> AvroRecord {
    let given = Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
    var values: [AvroValue] = []
    for field in record.fields {
      guard let json = given[field.name] else {
        values.append(try value(of: field, depth: depth))
        continue
      }
      do throws(AvroError) {
        values.append(try value(json, field.type, depth: depth + 1))
      } catch {
        throw error.inside(field.name)
      }
    }
    return AvroRecord(AvroSchema(table, index), record, values)
  }

  /// The specification wants the first branch until version 1.11, and any since.
  private mutating func branch(_ json: AvroJSON, _ branches: [Int], depth: Int) throws(AvroError) -> AvroValue {
    var failure: AvroError?
    for (position, branch) in branches.enumerated() {
      do throws(AvroError) {
        return .union(position, try value(json, branch, depth: depth + 1))
      } catch {
        if failure == nil { failure = error }
      }
    }
    throw failure ?? AvroError(.invalidSchema, "The default is of a union without branches.")
  }
}

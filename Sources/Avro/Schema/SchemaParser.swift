/// Makes a table of types of a schema's JSON.
///
///     schema    "int" | "Name" | [schema, …] | {"type": …, attributes}
///     {"type"}  a primitive or a name; "record", "error": name, fields; "enum": name, symbols; "fixed": name, size;
///               "array": items; "map": values
///
/// A name may be used behind the place that defines it, and inside of it.
struct SchemaParser {
  private let limits: AvroLimits
  /// Types as far as they are known; a record is nil until its fields are.
  private var types: [SchemaType?]
  private var names: [String: Int] = [:]
  /// The names of named types, by index.
  private var labels: [Int: String] = [:]
  private var fieldCount = 0

  /// JSON levels that one type takes at most: record, fields, field, type.
  private static let levelsOfType = 4
  /// More than this no limit allows, since reading takes stack.
  private static let deepestType = 1000

  static func parse(_ utf8: [UInt8], text: String, limits: AvroLimits) throws(AvroError) -> SchemaTable {
    let json = try JSONParser.parse(utf8, depth: levelsOfType * (min(limits.schemaDepth, deepestType) + 1))
    var parser = SchemaParser(limits)
    let root = try parser.type(json, namespace: "", depth: 0)
    return SchemaTable(parser.types.compactMap { $0 }, text: text, root: root)
  }

  private init(_ limits: AvroLimits) {
    self.limits = limits
    types = SchemaShape.primitives.map { SchemaType(shape: $0, attributes: []) }
  }

  private static func invalid(_ message: String) -> AvroError { AvroError(.invalidSchema, message) }

  private static func primitive(_ name: String) -> Int? {
    guard let kind = AvroSchema.Kind(rawValue: name) else { return nil }
    return SchemaShape.primitives.firstIndex { $0.kind == kind }
  }

  // MARK: - Types

  private mutating func type(_ json: AvroJSON, namespace: String, depth: Int) throws(AvroError) -> Int {
    guard depth <= limits.schemaDepth else {
      throw AvroError(.limitExceeded, "Types are nested deeper than \(limits.schemaDepth) levels (schemaDepth).")
    }
    switch json {
    case .string(let name): return try reference(name, namespace: namespace)
    case .array(let branches): return try union(branches, namespace: namespace, depth: depth)
    case .object(let members): return try object(SchemaObject(members), namespace: namespace, depth: depth)
    default: throw SchemaParser.invalid("A type is \(json.kind), not a name, an object or an array.")
    }
  }

  private func reference(_ name: String, namespace: String) throws(AvroError) -> Int {
    if let primitive = SchemaParser.primitive(name) { return primitive }
    let full = try SchemaObject.full(name, namespace: namespace)
    // A name without a dot may also be one that has no namespace.
    if let known = names[full] ?? names[name] { return known }
    throw SchemaParser.invalid("The type '\(name.prefix(200))' is not defined before it is used.")
  }

  private mutating func object(_ object: SchemaObject, namespace: String, depth: Int) throws(AvroError) -> Int {
    let keyword = try object.text("type")
    switch keyword {
    case "record", "error": return try record(object, keyword: keyword, namespace: namespace, depth: depth)
    case "enum": return try enumeration(object, namespace: namespace)
    case "fixed": return try fixed(object, namespace: namespace)
    case "array":
      let items = try element(object, "items", step: "[]", namespace: namespace, depth: depth)
      return try add(.array(items), object.attributes(without: ["items"]))
    case "map":
      let values = try element(object, "values", step: "{}", namespace: namespace, depth: depth)
      return try add(.map(values), object.attributes(without: ["values"]))
    default:
      let attributes = object.attributes(without: [])
      let target = try reference(keyword, namespace: namespace)
      // A name stands for the type that it names, whose attributes are said where it is defined.
      guard target < SchemaShape.primitives.count, !attributes.isEmpty else { return target }
      return try add(SchemaShape.primitives[target], attributes)
    }
  }

  private mutating func element(
    _ object: SchemaObject,
    _ member: String,
    step: String,
    namespace: String,
    depth: Int
  ) throws(AvroError) -> Int {
    let json = try object.required(member)
    do throws(AvroError) {
      return try type(json, namespace: namespace, depth: depth + 1)
    } catch {
      throw error.inside(step)
    }
  }

  private mutating func union(_ json: [AvroJSON], namespace: String, depth: Int) throws(AvroError) -> Int {
    var branches: [Int] = []
    var seen: Set<String> = []
    for (position, branch) in json.enumerated() {
      do throws(AvroError) {
        let index = try type(branch, namespace: namespace, depth: depth + 1)
        guard case .array = branch else {
          guard seen.insert(label(index)).inserted else {
            throw SchemaParser.invalid("The union has two branches of the type \(label(index)).")
          }
          branches.append(index)
          continue
        }
        throw SchemaParser.invalid("A union is right inside a union.")
      } catch {
        throw error.inside("<\(position)>")
      }
    }
    return try add(.union(branches), [])
  }

  private func label(_ index: Int) -> String {
    labels[index] ?? types[index]?.shape.kind.rawValue ?? ""
  }

  private mutating func add(_ shape: SchemaShape?, _ attributes: [AvroJSON.Member]) throws(AvroError) -> Int {
    try count(types.count + fieldCount)
    types.append(shape.map { SchemaType(shape: $0, attributes: attributes) })
    return types.count - 1
  }

  private func count(_ number: Int) throws(AvroError) {
    guard number < limits.schemaTypes else {
      throw AvroError(.limitExceeded, "The schema has more than \(limits.schemaTypes) types and fields (schemaTypes).")
    }
  }

  // MARK: - Named types

  /// Makes a name known for the type that is added next.
  private mutating func define(_ object: SchemaObject, namespace: String) throws(AvroError) -> SchemaName {
    let name = try object.name(namespace: namespace)
    guard SchemaParser.primitive(name.full) == nil else {
      throw SchemaParser.invalid("The name '\(name.full)' is that of a primitive type.")
    }
    guard names.updateValue(types.count, forKey: name.full) == nil else {
      throw SchemaParser.invalid("The type '\(name.full)' is defined twice.")
    }
    labels[types.count] = name.full
    return name
  }

  private mutating func fixed(_ object: SchemaObject, namespace: String) throws(AvroError) -> Int {
    let name = try define(object, namespace: namespace)
    guard let size = try object.required("size").integer, size >= 0, size <= Int64(Int32.max) else {
      throw SchemaParser.invalid("The size of the fixed '\(name.full)' is not a number from 0 to \(Int32.max).")
    }
    return try add(
      .fixed(FixedShape(name, size: Int(size))),
      object.attributes(without: SchemaObject.naming + ["size"])
    )
  }

  private mutating func enumeration(_ object: SchemaObject, namespace: String) throws(AvroError) -> Int {
    let name = try define(object, namespace: namespace)
    let symbols = try object.texts("symbols") ?? []
    guard object["symbols"] != nil else { throw SchemaParser.invalid("The enum '\(name.full)' has no symbols.") }
    for symbol in symbols { try SchemaObject.check(symbol, "symbol") }
    guard Set(symbols).count == symbols.count else {
      throw SchemaParser.invalid("A symbol of the enum '\(name.full)' occurs twice.")
    }
    try count(types.count + fieldCount + symbols.count)
    fieldCount += symbols.count
    let defaultSymbol = try object["default"] == nil ? nil : object.text("default")
    if let defaultSymbol, !symbols.contains(defaultSymbol) {
      throw SchemaParser.invalid("The default of the enum '\(name.full)' is not one of its symbols.")
    }
    let shape = EnumerationShape(name, symbols: symbols, defaultSymbol: defaultSymbol)
    return try add(.enumeration(shape), object.attributes(without: SchemaObject.naming + ["symbols", "default"]))
  }

  private mutating func record(
    _ object: SchemaObject,
    keyword: String,
    namespace: String,
    depth: Int
  ) throws(AvroError) -> Int {
    let name = try define(object, namespace: namespace)
    let index = try add(nil, [])
    guard let list = try object.required("fields").array else {
      throw SchemaParser.invalid("The fields of the record '\(name.full)' are not an array.")
    }
    var fields: [FieldShape] = []
    var seen: Set<String> = []
    for (position, json) in list.enumerated() {
      let field = try field(json, at: position, namespace: String(SchemaName.namespace(name.full)), depth: depth)
      guard seen.insert(field.name).inserted else {
        throw SchemaParser.invalid("The record '\(name.full)' has two fields '\(field.name)'.")
      }
      fields.append(field)
    }
    let shape = RecordShape(name, isError: keyword == "error", fields: fields)
    types[index] = SchemaType(
      shape: .record(shape),
      attributes: object.attributes(without: SchemaObject.naming + ["fields"])
    )
    return index
  }

  private mutating func field(
    _ json: AvroJSON,
    at position: Int,
    namespace: String,
    depth: Int
  ) throws(AvroError) -> FieldShape {
    try count(types.count + fieldCount)
    fieldCount += 1
    var step = AvroError.step(position)
    do throws(AvroError) {
      guard case .object(let members) = json else {
        throw SchemaParser.invalid("A field is \(json.kind), not an object.")
      }
      let object = SchemaObject(members)
      let name = try object.text("name")
      try SchemaObject.check(name, "name of a field")
      step = name
      return FieldShape(
        name: name,
        aliases: try object.texts("aliases") ?? [],
        type: try type(try object.required("type"), namespace: namespace, depth: depth + 1),
        defaultValue: object["default"],
        attributes: object.attributes(without: ["name", "aliases", "default"])
      )
    } catch {
      throw error.inside(step)
    }
  }
}

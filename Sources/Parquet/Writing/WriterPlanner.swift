/// Checks a schema and properties before anything is written, and plans each leaf; finds every problem, not only the
/// first one.
struct WriterPlanner {
  /// Largest page; with the longest value on top its sizes still fit the 32 bits of a page header.
  static let largestPage = 512 << 20
  /// Longest value, and longest list, in bytes.
  static let longestValue = 1 << 30

  private let schema: ParquetSchema
  private let properties: WriterProperties
  private var wrong: [String] = []
  private var unsupported: [String] = []

  /// Plans every leaf, which is one a field.
  static func plan(
    _ schema: ParquetSchema,
    _ properties: WriterProperties
  ) throws(ParquetError) -> [LeafPlan] {
    var planner = WriterPlanner(schema, properties)
    planner.checkSizes()
    let plans = schema.fields.indices.compactMap { planner.plan(field: $0) }
    planner.wrong += FeatureChecks.memory(properties, plans)
    let problems = planner.wrong + planner.unsupported
    guard problems.isEmpty else {
      throw ParquetError(
        planner.wrong.isEmpty ? .unsupported : .invalidArgument,
        problems.count == 1
          ? problems[0] : "\(problems.count) problems: " + problems.joined(separator: " ")
      )
    }
    return plans
  }

  private init(_ schema: ParquetSchema, _ properties: WriterProperties) {
    self.schema = schema
    self.properties = properties
  }

  private mutating func checkSizes() {
    func atLeastOne(_ name: String, _ value: Int) {
      if value < 1 { wrong.append("\(name) is \(value); it has to be at least 1.") }
    }
    atLeastOne("pageBytes", properties.pageBytes)
    atLeastOne("pageRows", properties.pageRows)
    atLeastOne("rowGroupBytes", properties.rowGroupBytes)
    atLeastOne("rowGroupRows", properties.rowGroupRows)
    if properties.pageBytes > WriterPlanner.largestPage {
      wrong.append("pageBytes is \(properties.pageBytes); the most is \(WriterPlanner.largestPage).")
    }
    if !(0...WriterPlanner.largestPage).contains(properties.dictionaryBytes) {
      wrong.append(
        "dictionaryBytes is \(properties.dictionaryBytes); it has to be 0 to \(WriterPlanner.largestPage)."
      )
    }
    if schema.fields.isEmpty { wrong.append("The schema has no fields; give it at least one.") }
    wrong += FeatureChecks.file(properties, leafCount: schema.leaves.count)
    for field in properties.columns.keys.sorted() where !schema.fields.indices.contains(field) {
      wrong.append("There are properties for field \(field); the schema has \(schema.fields.count) fields.")
    }
  }

  private mutating func plan(field: Int) -> LeafPlan? {
    let node = schema.fields[field]
    checkCompression(node, properties.columns[field] ?? properties.defaults)
    guard let shape = shape(of: node), let leaf = schema.leafRanges[field].first.map({ schema.leaves[$0] }) else {
      unsupported.append(
        "Field '\(node.name)' is nested; flat fields and standard three-level lists of values can be written."
      )
      return nil
    }
    if leaf.type == .fixedLengthByteArray, !(1...WriterPlanner.longestValue).contains(leaf.length) {
      wrong.append(
        "Field '\(node.name)' has a value length of \(leaf.length); it has to be 1 to \(WriterPlanner.longestValue)."
      )
      return nil
    }
    checkAnnotation(leaf)
    wrong += FeatureChecks.leaf(leaf, properties.columns[field] ?? properties.defaults)
    if case .list = shape, let id = node.children.first?.logicalType {
      wrong.append("Field '\(node.name)' has \(id.name) on its repeated group, where nothing may stand.")
    }
    return LeafPlan(leaf, shape, field: field, properties)
  }

  /// Flat, or `name (LIST) { repeated group list { element } }`; nil for everything else.
  private func shape(of node: SchemaNode) -> LeafPlan.Shape? {
    if case .values = node.content { return node.repetition == .repeated ? nil : .flat }
    guard node.logicalType == .list, node.repetition != .repeated, node.children.count == 1,
      let repeated = node.children.first, repeated.repetition == .repeated,
      // These names would make readers take the group itself for the element.
      repeated.name != "array", repeated.name != "\(node.name)_tuple",
      repeated.children.count == 1, let element = repeated.children.first,
      case .values = element.content, element.repetition != .repeated
    else { return nil }
    return .list(listDefinition: node.repetition == .optional ? 1 : 0)
  }

  private mutating func checkCompression(_ node: SchemaNode, _ column: WriterProperties.ColumnProperties) {
    guard Compressor.supports(column.codec) else {
      let codecs = Compressor.codecs.map(\.description).joined(separator: ", ")
      unsupported.append(
        "Field '\(node.name)' is to be compressed with \(column.codec); what can be written: \(codecs)."
      )
      return
    }
    guard let level = column.level else { return }
    guard let levels = Compressor.levels(of: column.codec) else {
      wrong.append("Field '\(node.name)' has the level \(level); \(column.codec) has no levels.")
      return
    }
    if !levels.contains(level) {
      wrong.append(
        "Field '\(node.name)' has the \(column.codec) level \(level);"
          + " levels are \(levels.lowerBound) to \(levels.upperBound)."
      )
    }
  }

  /// An annotation has to fit its physical type, or other readers reject the whole file.
  private mutating func checkAnnotation(_ leaf: LeafColumn) {
    guard let logical = leaf.node.logicalType else { return }
    if case .unknown = logical {
      unsupported.append("Field '\(leaf.dottedPath)' has the annotation \(logical.name), which cannot be written.")
      return
    }
    if !WriterPlanner.fits(logical, leaf) {
      let length = leaf.type == .fixedLengthByteArray ? "(\(leaf.length))" : ""
      wrong.append("Field '\(leaf.dottedPath)' is \(leaf.type.name)\(length), which \(logical.name) cannot annotate.")
    }
  }

  private static func fits(_ logical: LogicalType, _ leaf: LeafColumn) -> Bool {
    let type = leaf.type
    switch logical {
    case .string, .enumeration, .json, .bson, .geometry, .geography: return type == .byteArray
    case .date, .time(_, .milliseconds): return type == .int32
    case .time, .timestamp: return type == .int64
    case .integer(let width, _): return type == (width == 64 ? .int64 : .int32) && [8, 16, 32, 64].contains(width)
    case .uuid: return type == .fixedLengthByteArray && leaf.length == 16
    case .float16: return type == .fixedLengthByteArray && leaf.length == 2
    case .interval: return type == .fixedLengthByteArray && leaf.length == 12
    case .null: return true
    case .map, .list, .variant, .unknown: return false
    case .decimal(let scale, let precision):
      guard precision >= 1, (0...precision).contains(scale) else { return false }
      switch type {
      case .int32: return precision <= 9
      case .int64: return precision <= 18
      case .byteArray: return true
      // One bit is the sign; a bit holds 0.30103 digits.
      case .fixedLengthByteArray: return Double(precision) <= (Double(leaf.length) * 8 - 1) * 0.301_029_995_663_981_2
      default: return false
      }
    }
  }
}

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

  /// Plans every leaf.
  static func plan(
    _ schema: ParquetSchema,
    _ properties: WriterProperties
  ) throws(ParquetError) -> [LeafPlan] {
    var planner = WriterPlanner(schema, properties)
    planner.checkSizes()
    let plans = schema.fields.indices.flatMap { planner.plan(field: $0) }
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
    atLeastOne("threads", properties.threads)
    if properties.pageBytes > WriterPlanner.largestPage {
      wrong.append("pageBytes is \(properties.pageBytes); the most is \(WriterPlanner.largestPage).")
    }
    if !(0...WriterPlanner.largestPage).contains(properties.dictionaryBytes) {
      wrong.append(
        "dictionaryBytes is \(properties.dictionaryBytes); it has to be 0 to \(WriterPlanner.largestPage)."
      )
    }
    wrong += FeatureChecks.file(properties, leafCount: schema.leaves.count)
    for field in properties.columns.keys.sorted() where !schema.fields.indices.contains(field) {
      wrong.append("There are properties for field \(field); the schema has \(schema.fields.count) fields.")
    }
    for leaf in properties.leaves.keys.sorted() where !schema.leaves.indices.contains(leaf) {
      wrong.append("There are properties for leaf \(leaf); the schema has \(schema.leaves.count) leaves.")
    }
  }

  private mutating func plan(field: Int) -> [LeafPlan] {
    checkGroups(schema.fields[field], path: [])
    let paths = ValuePath.all(schema.shapes[field])
    return zip(schema.leaves[schema.leafRanges[field]], paths).compactMap { plan($0, $1, field: field) }
  }

  private mutating func plan(_ leaf: LeafColumn, _ path: ValuePath, field: Int) -> LeafPlan? {
    let plan = LeafPlan(leaf, path, field: field, properties)
    checkCompression(leaf, plan.column)
    guard leaf.maxDefinitionLevel < 255, leaf.maxRepetitionLevel < 255 else {
      unsupported.append("Field '\(leaf.dottedPath)' is nested in 255 levels or more.")
      return nil
    }
    if leaf.type == .fixedLengthByteArray, !(1...WriterPlanner.longestValue).contains(leaf.length) {
      wrong.append(
        "Field '\(leaf.dottedPath)' has a value length of \(leaf.length); it has to be 1 to \(WriterPlanner.longestValue)."
      )
      return nil
    }
    checkAnnotation(leaf)
    wrong += FeatureChecks.leaf(leaf, plan.column)
    return plan
  }

  /// A group has to have leaves, and LIST and MAP only stand where readers look for them.
  private mutating func checkGroups(_ node: SchemaNode, path: [String]) {
    guard case .group(let children) = node.content else { return }
    let path = path + [node.name]
    let name = path.joined(separator: ".")
    if children.isEmpty {
      unsupported.append("Group '\(name)' has no fields, so nothing of it can be stored.")
    }
    switch node.logicalType {
    case .list, .map:
      if children.count != 1 || children[0].repetition != .repeated {
        wrong.append(
          "Group '\(name)' is a \(node.logicalType?.name ?? ""), which has one repeated field and nothing else."
        )
      }
    case nil, .unknown: break
    case .some(let other) where WriterPlanner.fitsValues(other):
      wrong.append("Group '\(name)' has the annotation \(other.name), which belongs to values.")
    default: break
    }
    for child in children { checkGroups(child, path: path) }
  }

  private static func fitsValues(_ logical: LogicalType) -> Bool {
    switch logical {
    case .list, .map, .unknown: false
    default: true
    }
  }

  private mutating func checkCompression(_ leaf: LeafColumn, _ column: WriterProperties.ColumnProperties) {
    guard Compressor.supports(column.codec) else {
      let codecs = Compressor.codecs.map(\.description).joined(separator: ", ")
      unsupported.append(
        "Field '\(leaf.dottedPath)' is to be compressed with \(column.codec); what can be written: \(codecs)."
      )
      return
    }
    guard let level = column.level else { return }
    guard let levels = Compressor.levels(of: column.codec) else {
      wrong.append("Field '\(leaf.dottedPath)' has the level \(level); \(column.codec) has no levels.")
      return
    }
    if !levels.contains(level) {
      wrong.append(
        "Field '\(leaf.dottedPath)' has the \(column.codec) level \(level);"
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

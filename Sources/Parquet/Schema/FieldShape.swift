/// How a top-level field is delivered as a column.
enum FieldShape {
  /// One value, or null, a row.
  case flat(LeafColumn)
  /// A list of values a row. `listDefinition` is the definition level from which on the list is not null;
  /// an entry exists from `listDefinition + 1` on.
  case list(LeafColumn, listDefinition: Int)

  /// Resolves a field by the rules for LIST groups, older forms included (specification, LogicalTypes.md, "Lists").
  init(_ schema: ParquetSchema, field: Int) throws(ParquetError) {
    let node = schema.fields[field]
    let leaves = schema.leafRanges[field]
    guard leaves.count == 1, let leaf = leaves.first.map({ schema.leaves[$0] }) else {
      throw FieldShape.unsupported(node)
    }
    if case .values = node.content {
      self = node.repetition == .repeated ? .list(leaf, listDefinition: 0) : .flat(leaf)
      return
    }
    guard node.logicalType == .list, node.repetition != .repeated, node.children.count == 1,
      let repeated = node.children.first, repeated.repetition == .repeated
    else {
      throw FieldShape.unsupported(node)
    }
    let listDefinition = node.repetition == .optional ? 1 : 0
    switch repeated.content {
    case .values:
      self = .list(leaf, listDefinition: listDefinition)
    case .group(let children):
      // One field that is a leaf is the element itself, unless the names say that the group is the element.
      guard children.count == 1, let element = children.first, case .values = element.content,
        element.repetition != .repeated, repeated.name != "array", repeated.name != "\(node.name)_tuple"
      else {
        throw FieldShape.unsupported(node)
      }
      self = .list(leaf, listDefinition: listDefinition)
    }
  }

  private static func unsupported(_ node: SchemaNode) -> ParquetError {
    ParquetError(
      .unsupported,
      "Field '\(node.name)' is nested; flat fields and lists of values can be read. Leave it out of the projection.",
      column: node.name
    )
  }
}

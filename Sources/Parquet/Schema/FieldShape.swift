/// How a field is delivered as a column: its schema with LIST and MAP groups resolved, older forms included.
///
/// Source: parquet-format, LogicalTypes.md, "Nested Types", with the rules for backward compatibility.
public struct FieldShape: Sendable, Hashable {
  /// What a slot of the column holds.
  public indirect enum Kind: Sendable, Hashable {
    /// A value of a leaf.
    case values(LeafColumn)
    /// One slot of each field.
    case structure([FieldShape])
    /// Any number of elements.
    case list(FieldShape)
    /// Any number of entries, each a structure of a key and a value.
    case map(key: FieldShape, value: FieldShape)
  }

  /// The field's name; that of an element, key or value as the file has it.
  public let name: String
  /// The field or group that the slots belong to, with its annotation.
  public let node: SchemaNode
  /// What a slot holds.
  public let kind: Kind
  /// Whether a slot can be null.
  public let isNullable: Bool
  /// Definition level from which on there is a slot: 0 but within lists.
  public let slotLevel: Int
  /// Definition level from which on the slot is not null.
  public let definitionLevel: Int
  /// Number of lists around the field; entries of a repetition level up to this one begin a slot.
  public let repetitionLevel: Int
  /// Leaves below the field, as a range of ``ParquetSchema/leaves``.
  public let leaves: Range<Int>

  /// The shapes that a slot is made of: fields, the element, or key and value.
  public var children: [FieldShape] {
    switch kind {
    case .values: []
    case .structure(let fields): fields
    case .list(let element): [element]
    case .map(let key, let value): [key, value]
    }
  }
}

/// Resolves the fields of a schema, whose leaves are numbered already.
struct FieldShapeResolver {
  let leaves: [LeafColumn]
  private var nextLeaf = 0

  init(_ leaves: [LeafColumn]) {
    self.leaves = leaves
  }

  /// Levels at the place of a field.
  private struct Place {
    /// Definition level from which on the innermost list around has an entry.
    var slot = 0
    /// Definition level from which on the parent is not null.
    var parent = 0
    var repetition = 0
  }

  mutating func resolve(_ fields: [SchemaNode]) -> [FieldShape] {
    fields.map { resolve($0, Place()) }
  }

  private mutating func resolve(_ node: SchemaNode, _ place: Place) -> FieldShape {
    guard node.repetition == .repeated else { return content(node, place) }
    // A repeated field outside of LIST and MAP groups is a list that is never null, of elements that never are.
    let first = nextLeaf
    let element = content(node, entries(of: place))
    return shape(node, .list(element), place, nullable: false, from: first)
  }

  /// The place of the entries of a list whose parent is at `place`.
  private func entries(of place: Place) -> Place {
    Place(slot: place.parent + 1, parent: place.parent + 1, repetition: place.repetition + 1)
  }

  private func shape(
    _ node: SchemaNode,
    _ kind: FieldShape.Kind,
    _ place: Place,
    nullable: Bool,
    from first: Int
  ) -> FieldShape {
    FieldShape(
      name: node.name,
      node: node,
      kind: kind,
      isNullable: nullable,
      slotLevel: place.slot,
      definitionLevel: place.parent + (nullable ? 1 : 0),
      repetitionLevel: place.repetition,
      leaves: first..<nextLeaf
    )
  }

  /// A field once its own repetition is taken care of: `repeated` counts as an entry that is there.
  private mutating func content(_ node: SchemaNode, _ place: Place) -> FieldShape {
    let first = nextLeaf
    let nullable = node.repetition == .optional
    var inner = place
    inner.parent += nullable ? 1 : 0
    let kind: FieldShape.Kind
    switch node.content {
    case .values:
      kind = .values(leaves[nextLeaf])
      nextLeaf += 1
    case .group(let children):
      if let repeated = children.first, children.count == 1, repeated.repetition == .repeated,
        node.logicalType == .list || node.logicalType == .map
      {
        kind = node.logicalType == .list ? list(node, repeated, inner) : map(repeated, inner)
      } else {
        kind = .structure(children.map { resolve($0, inner) })
      }
    }
    return shape(node, kind, place, nullable: nullable, from: first)
  }

  /// The repeated field is the element itself, unless it is a group that does nothing but hold the element.
  private mutating func list(_ node: SchemaNode, _ repeated: SchemaNode, _ place: Place) -> FieldShape.Kind {
    let inner = entries(of: place)
    let isElement =
      repeated.children.count != 1 || repeated.name == "array" || repeated.name == "\(node.name)_tuple"
      || repeated.children[0].repetition == .repeated
    return .list(isElement ? content(repeated, inner) : resolve(repeated.children[0], inner))
  }

  /// Key and value by position; a map without values is a list of keys.
  private mutating func map(_ repeated: SchemaNode, _ place: Place) -> FieldShape.Kind {
    let inner = entries(of: place)
    switch repeated.children.count {
    case 1: return .list(resolve(repeated.children[0], inner))
    case 2: return .map(key: resolve(repeated.children[0], inner), value: resolve(repeated.children[1], inner))
    default: return .list(content(repeated, inner))
    }
  }
}

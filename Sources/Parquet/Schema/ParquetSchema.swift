/// A leaf of a schema with its levels.
public struct LeafColumn: Sendable, Hashable {
  /// Position among the leaves, which is the position of its chunk in a row group.
  public let index: Int
  /// Names from the top-level field down.
  public let path: [String]
  /// The leaf itself.
  public let node: SchemaNode
  /// Physical type of its values.
  public let type: PhysicalType
  /// Bytes of a FIXED_LEN_BYTE_ARRAY value, else 0.
  public let length: Int
  /// Number of optional and repeated fields on the path.
  public let maxDefinitionLevel: Int
  /// Number of repeated fields on the path.
  public let maxRepetitionLevel: Int

  /// The path, joined by dots, for messages.
  public var dottedPath: String { path.joined(separator: ".") }
}

/// The schema of a file: top-level fields and, in depth-first order, their leaves.
public struct ParquetSchema: Sendable, Hashable {
  /// Top-level fields.
  public let fields: [SchemaNode]
  /// Leaves in the order of their chunks.
  public let leaves: [LeafColumn]
  /// Leaves of each top-level field, as a range of `leaves`.
  public let leafRanges: [Range<Int>]
  /// How each top-level field is delivered as a column.
  public let shapes: [FieldShape]

  /// Creates a schema.
  ///
  /// - Parameter fields: top-level fields.
  public init(_ fields: [SchemaNode]) {
    self.fields = fields
    var leaves: [LeafColumn] = []
    leaves.reserveCapacity(fields.count)
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(fields.count)
    for field in fields {
      let start = leaves.count
      ParquetSchema.collect(field, path: [], definition: 0, repetition: 0, into: &leaves)
      ranges.append(start..<leaves.count)
    }
    self.leaves = leaves
    leafRanges = ranges
    var resolver = FieldShapeResolver(leaves)
    shapes = resolver.resolve(fields)
  }

  private static func collect(
    _ node: SchemaNode,
    path: [String],
    definition: Int,
    repetition: Int,
    into leaves: inout [LeafColumn]
  ) {
    let definition = definition + (node.repetition == .required ? 0 : 1)
    let repetition = repetition + (node.repetition == .repeated ? 1 : 0)
    let path = path.isEmpty ? [node.name] : path + [node.name]
    switch node.content {
    case .values(let type, let length):
      leaves.append(
        LeafColumn(
          index: leaves.count,
          path: path,
          node: node,
          type: type,
          length: length,
          maxDefinitionLevel: definition,
          maxRepetitionLevel: repetition
        )
      )
    case .group(let children):
      for child in children {
        collect(child, path: path, definition: definition, repetition: repetition, into: &leaves)
      }
    }
  }

  /// Position of the top-level field with a name; the first one where names repeat.
  ///
  /// - Parameter name: the field's name.
  /// - Returns: its position, or nil.
  public func fieldIndex(named name: String) -> Int? {
    fields.firstIndex { $0.name == name }
  }

  /// Position of the top-level field with an id.
  ///
  /// - Parameter id: the field's id.
  /// - Returns: its position, or nil.
  public func fieldIndex(id: Int32) -> Int? {
    fields.firstIndex { $0.fieldID == id }
  }
}

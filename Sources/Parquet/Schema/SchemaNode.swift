/// A field of a schema: a leaf with values, or a group of fields.
public struct SchemaNode: Sendable, Hashable {
  /// What a field holds.
  public enum Content: Sendable, Hashable {
    /// Values of a physical type; `length` is the number of bytes of FIXED_LEN_BYTE_ARRAY, else 0.
    case values(PhysicalType, length: Int)
    /// Other fields.
    case group([SchemaNode])
  }

  /// The field's name; names need not be unique.
  public var name: String
  /// How often it occurs in its parent.
  public var repetition: Repetition
  /// Its annotation, if it has one.
  public var logicalType: LogicalType?
  /// The id that another system knows it by.
  public var fieldID: Int32?
  /// What it holds.
  public var content: Content

  /// Creates a leaf.
  ///
  /// - Parameters:
  ///   - name: its name.
  ///   - type: its physical type.
  ///   - length: bytes of a FIXED_LEN_BYTE_ARRAY value.
  ///   - repetition: how often it occurs.
  ///   - logicalType: its annotation.
  ///   - fieldID: the id that another system knows it by.
  public init(
    _ name: String,
    _ type: PhysicalType,
    length: Int = 0,
    repetition: Repetition = .required,
    logicalType: LogicalType? = nil,
    fieldID: Int32? = nil
  ) {
    self.name = name
    self.repetition = repetition
    self.logicalType = logicalType
    self.fieldID = fieldID
    content = .values(type, length: length)
  }

  /// Creates a group.
  ///
  /// - Parameters:
  ///   - name: its name.
  ///   - children: its fields.
  ///   - repetition: how often it occurs.
  ///   - logicalType: its annotation.
  ///   - fieldID: the id that another system knows it by.
  public init(
    _ name: String,
    group children: [SchemaNode],
    repetition: Repetition = .required,
    logicalType: LogicalType? = nil,
    fieldID: Int32? = nil
  ) {
    self.name = name
    self.repetition = repetition
    self.logicalType = logicalType
    self.fieldID = fieldID
    content = .group(children)
  }

  /// Creates a list in the standard three-level form.
  ///
  /// - Parameters:
  ///   - name: its name.
  ///   - element: the element; its name becomes `element`.
  ///   - repetition: `required` or `optional`.
  ///   - fieldID: the id that another system knows it by.
  /// - Returns: the group `name (LIST) { repeated group list { element } }`.
  public static func list(
    _ name: String,
    of element: SchemaNode,
    repetition: Repetition = .required,
    fieldID: Int32? = nil
  ) -> SchemaNode {
    var inner = element
    inner.name = "element"
    let repeated = SchemaNode("list", group: [inner], repetition: .repeated)
    return SchemaNode(name, group: [repeated], repetition: repetition, logicalType: .list, fieldID: fieldID)
  }

  /// The fields of a group; empty for a leaf.
  public var children: [SchemaNode] {
    if case .group(let children) = content { return children }
    return []
  }
}

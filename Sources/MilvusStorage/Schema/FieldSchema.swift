/// One field of a collection.
public struct FieldSchema: Sendable, Hashable {
  /// The id that folders and files carry; 0 and 1 are system fields, user fields begin at 100.
  public var id: Int64
  /// The name that users know.
  public var name: String
  /// What its values are.
  public var dataType: DataType
  /// What the elements of an Array or ArrayOfVector are, else ``DataType/none``.
  public var elementType: DataType
  /// Whether it is the primary key.
  public var isPrimaryKey = false
  /// Whether it is `$meta`, which holds what the schema does not name.
  public var isDynamic = false
  /// Whether rows are distributed over partitions by it.
  public var isPartitionKey = false
  /// Whether compaction clusters rows by it.
  public var isClusteringKey = false
  /// Whether the server computes it.
  public var isFunctionOutput = false
  /// Whether rows may have no value.
  public var isNullable = false
  /// Whether elements of an array may have no value.
  public var isElementNullable = false
  /// Whether the server gives out its values.
  public var isAutoID = false
  /// Elements of a dense vector.
  public var dimension: Int?
  /// The most bytes of a text, or of each text in an array.
  public var maxLength: Int?
  /// The most elements of an array.
  public var maxCapacity: Int?
  /// What rows have that were inserted without a value.
  public var defaultValue: DefaultValue?
  /// Name of the struct array that the field is a part of.
  public var structName: String?

  /// Creates a field.
  ///
  /// - Parameters:
  ///   - id: the id that folders and files carry.
  ///   - name: the name that users know.
  ///   - dataType: what its values are.
  ///   - elementType: what the elements of an array are.
  ///   - isPrimaryKey: whether it is the primary key.
  ///   - isNullable: whether rows may have no value.
  ///   - dimension: elements of a dense vector.
  ///   - maxLength: the most bytes of a text.
  ///   - maxCapacity: the most elements of an array.
  ///   - defaultValue: what rows have that were inserted without a value.
  public init(
    id: Int64,
    name: String,
    dataType: DataType,
    elementType: DataType = .none,
    isPrimaryKey: Bool = false,
    isNullable: Bool = false,
    dimension: Int? = nil,
    maxLength: Int? = nil,
    maxCapacity: Int? = nil,
    defaultValue: DefaultValue? = nil
  ) {
    self.id = id
    self.name = name
    self.dataType = dataType
    self.elementType = elementType
    self.isPrimaryKey = isPrimaryKey
    self.isNullable = isNullable
    self.dimension = dimension
    self.maxLength = maxLength
    self.maxCapacity = maxCapacity
    self.defaultValue = defaultValue
  }

  /// Bytes of a cell of a dense vector, or nil for other types and where the dimension is missing.
  public var vectorByteCount: Int? {
    dimension.flatMap { dataType.vectorByteCount(dimension: $0) }
  }

  /// The smallest id of a field that a user made.
  public static let firstUserID: Int64 = 100
  /// The name of the dynamic field.
  public static let dynamicName = "$meta"
  /// The row's number within the cluster, which every segment stores.
  public static let rowID = FieldSchema(id: 0, name: "RowID", dataType: .int64)
  /// When the row was written, which every segment stores.
  public static let timestamp = FieldSchema(id: 1, name: "Timestamp", dataType: .int64)

  /// The dynamic field with an id.
  ///
  /// - Parameter id: its id.
  /// - Returns: a JSON field named ``dynamicName``.
  public static func dynamic(id: Int64) -> FieldSchema {
    var field = FieldSchema(id: id, name: dynamicName, dataType: .json)
    field.isDynamic = true
    return field
  }

  /// Whether the field is one that every segment has without the schema naming it.
  public var isSystem: Bool { id < FieldSchema.firstUserID }
}

/// The value of rows that were inserted before the field existed, or without it.
public enum DefaultValue: Sendable, Hashable {
  /// For Bool.
  case bool(Bool)
  /// For integers and times.
  case integer(Int64)
  /// For Float and Double.
  case double(Double)
  /// For text, JSON and other variable-length values: the cell's bytes.
  case bytes([UInt8])
}

/// What the bounds of a leaf are ordered by.
///
/// Source: parquet.thrift, `union ColumnOrder`.
public enum ColumnOrder: Sendable, Hashable {
  /// The order that the physical and logical type define.
  case typeDefined
  /// Total order of IEEE 754: NaN and the two zeros have places of their own.
  case ieee754
  /// INT96 as the points in time that it stands for.
  case int96Timestamp
  /// An order that this library does not know: the bounds may not be used.
  case unknown

  init(member id: Int16) {
    switch id {
    case 1: self = .typeDefined
    case 2: self = .ieee754
    case 3: self = .int96Timestamp
    default: self = .unknown
    }
  }
}

/// A condition on the rows of a file, in the three-valued logic of SQL: only rows for which it is true are read.
///
/// Comparing a null is neither true nor false. NaN equals nothing and is neither less nor greater than anything, so
/// that `!=` is true of it. Columns are leaves that are in no list, named by their path; numbers compare exactly,
/// whatever type they are stored in, and text compares byte by byte in UTF-8.
///
///     let recent = RowPredicate.column("year") >= 2024 && RowPredicate.column("address", "country") == "NO"
public indirect enum RowPredicate: Sendable, Hashable {
  /// How a value is compared.
  public enum Comparison: String, Sendable, Hashable, CaseIterable {
    /// Equal.
    case equal = "="
    /// Not equal.
    case notEqual = "!="
    /// Less.
    case less = "<"
    /// Less or equal.
    case lessOrEqual = "<="
    /// Greater.
    case greater = ">"
    /// Greater or equal.
    case greaterOrEqual = ">="
  }

  /// Compares a column with a value.
  case comparison(column: [String], Comparison, PredicateValue)
  /// Whether a column equals one of some values.
  case isIn(column: [String], [PredicateValue])
  /// Whether a column, or a structure around it, is null.
  case isNull(column: [String])
  /// Whether a column has a value.
  case isNotNull(column: [String])
  /// Whether all are true; true when there are none.
  case and([RowPredicate])
  /// Whether one at least is true; false when there are none.
  case or([RowPredicate])
  /// Whether it is false.
  case not(RowPredicate)

  /// Names a column, to be compared with a value.
  ///
  /// - Parameter path: names from the top-level field down.
  /// - Returns: the column.
  public static func column(_ path: String...) -> PredicateColumn {
    PredicateColumn(path)
  }

  /// Both conditions.
  public static func && (left: RowPredicate, right: RowPredicate) -> RowPredicate { .and([left, right]) }

  /// One of two conditions at least.
  public static func || (left: RowPredicate, right: RowPredicate) -> RowPredicate { .or([left, right]) }

  /// The contrary of a condition; null stays unknown.
  public static prefix func ! (condition: RowPredicate) -> RowPredicate { .not(condition) }
}

/// A column to be compared with a value; see ``RowPredicate/column(_:)``.
public struct PredicateColumn: Sendable, Hashable {
  /// Names from the top-level field down.
  public let path: [String]

  /// Names a column.
  ///
  /// - Parameter path: names from the top-level field down.
  public init(_ path: [String]) {
    self.path = path
  }

  /// Whether the column is null.
  public var isNull: RowPredicate { .isNull(column: path) }

  /// Whether the column has a value.
  public var isNotNull: RowPredicate { .isNotNull(column: path) }

  /// Whether the column equals one of some values.
  ///
  /// - Parameter values: the values.
  /// - Returns: the condition.
  public func isIn(_ values: [PredicateValue]) -> RowPredicate { .isIn(column: path, values) }

  /// Whether the column equals a value.
  public static func == (column: PredicateColumn, value: PredicateValue) -> RowPredicate {
    .comparison(column: column.path, .equal, value)
  }

  /// Whether the column has another value.
  public static func != (column: PredicateColumn, value: PredicateValue) -> RowPredicate {
    .comparison(column: column.path, .notEqual, value)
  }

  /// Whether the column is less than a value.
  public static func < (column: PredicateColumn, value: PredicateValue) -> RowPredicate {
    .comparison(column: column.path, .less, value)
  }

  /// Whether the column is at most a value.
  public static func <= (column: PredicateColumn, value: PredicateValue) -> RowPredicate {
    .comparison(column: column.path, .lessOrEqual, value)
  }

  /// Whether the column is greater than a value.
  public static func > (column: PredicateColumn, value: PredicateValue) -> RowPredicate {
    .comparison(column: column.path, .greater, value)
  }

  /// Whether the column is at least a value.
  public static func >= (column: PredicateColumn, value: PredicateValue) -> RowPredicate {
    .comparison(column: column.path, .greaterOrEqual, value)
  }
}

extension RowPredicate: CustomStringConvertible {
  /// The condition in the manner of SQL.
  public var description: String {
    switch self {
    case .comparison(let column, let comparison, let value):
      "\(RowPredicate.name(column)) \(comparison.rawValue) \(value)"
    case .isIn(let column, let values):
      "\(RowPredicate.name(column)) IN (\(values.map(\.description).joined(separator: ", ")))"
    case .isNull(let column): "\(RowPredicate.name(column)) IS NULL"
    case .isNotNull(let column): "\(RowPredicate.name(column)) IS NOT NULL"
    case .and(let parts): parts.isEmpty ? "TRUE" : "(\(parts.map(\.description).joined(separator: " AND ")))"
    case .or(let parts): parts.isEmpty ? "FALSE" : "(\(parts.map(\.description).joined(separator: " OR ")))"
    case .not(let part): "NOT (\(part))"
    }
  }

  static func name(_ path: [String]) -> String { path.joined(separator: ".") }
}

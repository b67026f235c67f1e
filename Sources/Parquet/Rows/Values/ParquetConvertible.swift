/// A type that stands in a column in another form than its `Codable` conformance gives it.
///
/// The rows' decoder and encoder take the form instead of the type: the product `ParquetFoundation` lets `Date` stand
/// as a ``ParquetTimestamp`` this way.
public protocol ParquetConvertible: Codable {
  /// What stands in the column.
  associatedtype ParquetForm: Codable

  /// Converts a value that was read.
  ///
  /// - Parameter parquetForm: what stands in the column.
  /// - Returns: nil when there is no such value.
  init?(parquetForm: ParquetForm)

  /// What is written; nil when the value has no such form.
  var parquetForm: ParquetForm? { get }
}

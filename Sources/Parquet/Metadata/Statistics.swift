public import ByteBuffers

/// Bounds and counts of a column chunk or page; every part may be absent.
///
/// Bounds are PLAIN bytes without a length prefix. The deprecated pair was ordered bytewise as signed numbers and may
/// be trusted for signed numeric types only. Source: parquet.thrift, `struct Statistics`.
public struct Statistics: Sendable, Hashable {
  /// Deprecated upper bound.
  public var max: Bytes?
  /// Deprecated lower bound.
  public var min: Bytes?
  /// Number of nulls; absent is not zero.
  public var nullCount: Int64?
  /// Number of distinct values; seldom right.
  public var distinctCount: Int64?
  /// Upper bound in the column's order.
  public var maxValue: Bytes?
  /// Lower bound in the column's order.
  public var minValue: Bytes?
  /// Whether the upper bound occurs in the data.
  public var isMaxValueExact: Bool?
  /// Whether the lower bound occurs in the data.
  public var isMinValueExact: Bool?
  /// Number of NaN values, which bounds do not take in; absent is not zero.
  public var nanCount: Int64?

  /// Creates statistics that say nothing.
  public init() {}
}

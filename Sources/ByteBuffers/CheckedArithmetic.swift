/// A number that came from outside does not fit where it is needed.
public struct ArithmeticOverflow: Error, Equatable, Sendable {
  /// Creates the error.
  public init() {}
}

/// Adds numbers that came from outside.
///
/// - Parameters:
///   - left: one number.
///   - right: the other.
/// - Returns: the sum.
/// - Throws: ``ArithmeticOverflow`` when it does not fit.
public func checkedAdd(_ left: Int, _ right: Int) throws(ArithmeticOverflow) -> Int {
  let (sum, overflow) = left.addingReportingOverflow(right)
  guard !overflow else { throw ArithmeticOverflow() }
  return sum
}

/// Multiplies numbers that came from outside.
///
/// - Parameters:
///   - left: one number.
///   - right: the other.
/// - Returns: the product.
/// - Throws: ``ArithmeticOverflow`` when it does not fit.
public func checkedMultiply(_ left: Int, _ right: Int) throws(ArithmeticOverflow) -> Int {
  let (product, overflow) = left.multipliedReportingOverflow(by: right)
  guard !overflow else { throw ArithmeticOverflow() }
  return product
}

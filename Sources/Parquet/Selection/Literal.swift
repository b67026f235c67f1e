internal import ByteBuffers

/// Turns the values of a predicate into places among the values that a leaf stores.
struct Literal {
  let leaf: LeafColumn
  let domain: ValueDomain

  /// A place among whole numbers: `floor`, or right behind it when the value lies between two of them.
  struct WholePlace {
    var floor: Int128
    var isExact: Bool
  }

  /// A place among floating-point numbers: the neighbours, which are the same when the value is one itself.
  struct RealPlace {
    var below: Double
    var above: Double
    var isExact: Bool { below == above }
  }

  private func mismatch(_ value: PredicateValue) -> ParquetError {
    let annotation = leaf.node.logicalType.map { " (\($0.name))" } ?? ""
    return ParquetError(
      .invalidArgument,
      "A column of \(leaf.type.name)\(annotation) cannot be compared with \(value.kind).",
      column: leaf.dottedPath
    )
  }

  // MARK: - Whole numbers

  /// The place of a value; nil for NaN, which has none.
  func whole(_ value: PredicateValue) throws(ParquetError) -> WholePlace? {
    if domain == .boolean {
      guard case .boolean(let flag) = value else { throw mismatch(value) }
      return WholePlace(floor: flag ? 1 : 0, isExact: true)
    }
    if domain == .int96 {
      guard case .timestamp(let nanoseconds) = value else { throw mismatch(value) }
      return WholePlace(floor: nanoseconds, isExact: true)
    }
    switch (leaf.node.logicalType, value) {
    case (.date, .date(let days)): return WholePlace(floor: Int128(days), isExact: true)
    case (.time(_, let unit), .time(let nanoseconds)):
      return Literal.divide(Int128(nanoseconds), by: unit.nanoseconds)
    case (.timestamp(_, let unit), .timestamp(let nanoseconds)):
      return Literal.divide(nanoseconds, by: unit.nanoseconds)
    case (.date, _), (.time, _), (.timestamp, _): throw mismatch(value)
    case (.decimal(let scale, let precision), _):
      guard (0...38).contains(scale), precision <= 38 else {
        throw ParquetError(
          .unsupported,
          "Decimals of more than 38 digits cannot be compared.",
          column: leaf.dottedPath
        )
      }
      return try number(value, scale: scale, isDecimal: true)
    default: return try number(value, scale: 0, isDecimal: false)
    }
  }

  /// A number times 10 to the power of `scale`.
  private func number(
    _ value: PredicateValue,
    scale: Int32,
    isDecimal: Bool
  ) throws(ParquetError) -> WholePlace? {
    switch value {
    case .int(let number): return Literal.multiply(Int128(number), by: Literal.power(scale))
    case .unsigned(let number): return Literal.multiply(Int128(number), by: Literal.power(scale))
    case .decimal(let unscaled, let own):
      guard (0...38).contains(own) else {
        throw ParquetError(.invalidArgument, "A decimal has scale \(own); 0 to 38 fit.", column: leaf.dottedPath)
      }
      return own <= scale
        ? Literal.multiply(unscaled, by: Literal.power(scale - own))
        : Literal.divide(unscaled, by: Literal.power(own - scale))
    case .double(let number) where !isDecimal: return Literal.floor(number)
    default: throw mismatch(value)
    }
  }

  private static func power(_ exponent: Int32) -> Int128 {
    (0..<exponent).reduce(1) { product, _ in product * 10 }
  }

  /// A product; one that does not fit lies behind or before all values.
  private static func multiply(_ number: Int128, by factor: Int128) -> WholePlace {
    let (product, overflow) = number.multipliedReportingOverflow(by: factor)
    guard overflow else { return WholePlace(floor: product, isExact: true) }
    return WholePlace(floor: number < 0 ? .min : .max, isExact: false)
  }

  private static func divide(_ number: Int128, by factor: Int128) -> WholePlace {
    let (quotient, remainder) = number.quotientAndRemainder(dividingBy: factor)
    return WholePlace(floor: remainder < 0 ? quotient - 1 : quotient, isExact: remainder == 0)
  }

  private static func floor(_ number: Double) -> WholePlace? {
    guard !number.isNaN else { return nil }
    let rounded = number.rounded(.down)
    guard let whole = Int128(exactly: rounded) else {
      return WholePlace(floor: number < 0 ? .min : .max, isExact: false)
    }
    return WholePlace(floor: whole, isExact: rounded == number)
  }

  // MARK: - Floating-point numbers

  /// The place of a value; nil for NaN, which has none.
  func real(_ value: PredicateValue) throws(ParquetError) -> RealPlace? {
    switch value {
    case .double(let number): return number.isNaN ? nil : RealPlace(below: number, above: number)
    case .int(let number): return Literal.neighbours(Int128(number))
    case .unsigned(let number): return Literal.neighbours(Int128(number))
    default: throw mismatch(value)
    }
  }

  private static func neighbours(_ number: Int128) -> RealPlace {
    let nearest = Double(number)
    let rounded = Int128(nearest)
    return RealPlace(
      below: rounded > number ? nearest.nextDown : nearest,
      above: rounded < number ? nearest.nextUp : nearest
    )
  }

  // MARK: - Bytes

  func bytes(_ value: PredicateValue) throws(ParquetError) -> Bytes {
    switch (leaf.type, value) {
    case (.byteArray, .string(let text)): return Bytes(utf8: text)
    case (_, .bytes(let bytes)): return Bytes(bytes)
    default: throw mismatch(value)
    }
  }
}

extension LogicalType.TimeUnit {
  /// Nanoseconds of one unit.
  var nanoseconds: Int128 {
    switch self {
    case .milliseconds: 1_000_000
    case .microseconds: 1000
    case .nanoseconds: 1
    }
  }
}

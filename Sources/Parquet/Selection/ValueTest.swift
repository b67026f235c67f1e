internal import ByteBuffers

/// What is asked of one value.
enum ValueTest: Sendable {
  /// Whether it is null.
  case isNull
  case integers(IntervalSet<Int128>)
  case reals(IntervalSet<Double>)
  case bytes(IntervalSet<BytesPoint>)

  /// The values for which a comparison is true; `notEqual` counts as `equal`.
  init(
    _ literal: Literal,
    _ comparison: RowPredicate.Comparison,
    _ value: PredicateValue
  ) throws(ParquetError) {
    switch literal.domain {
    case .boolean, .signed, .unsigned, .decimalBytes, .int96:
      self = .integers(try literal.whole(value).map { ValueTest.interval($0, comparison) } ?? IntervalSet(points: []))
    case .half, .float, .double:
      self = .reals(try literal.real(value).map { ValueTest.interval($0, comparison) } ?? IntervalSet(points: []))
    case .bytes:
      let ordered = comparison != .equal && comparison != .notEqual
      guard !ordered || literal.leaf.node.logicalType != .interval else {
        throw ParquetError(
          .invalidArgument,
          "Values of INTERVAL have no order; only = and != compare them.",
          column: literal.leaf.dottedPath
        )
      }
      self = .bytes(ValueTest.interval(try literal.bytes(value), comparison))
    }
  }

  /// Whether a value is one of some.
  init(_ literal: Literal, isIn values: [PredicateValue]) throws(ParquetError) {
    switch literal.domain {
    case .boolean, .signed, .unsigned, .decimalBytes, .int96:
      var points: [Int128] = []
      for value in values {
        if let place = try literal.whole(value), place.isExact { points.append(place.floor) }
      }
      self = .integers(IntervalSet(points: points))
    case .half, .float, .double:
      var points: [Double] = []
      for value in values {
        if let place = try literal.real(value), place.isExact { points.append(place.below) }
      }
      self = .reals(IntervalSet(points: points))
    case .bytes:
      var points: [BytesPoint] = []
      for value in values { points.append(BytesPoint(bytes: try literal.bytes(value))) }
      self = .bytes(IntervalSet(points: points))
    }
  }

  private static func interval(
    _ place: Literal.WholePlace,
    _ comparison: RowPredicate.Comparison
  ) -> IntervalSet<Int128> {
    let floor = place.floor
    let behind: Int128? = floor == .max ? nil : floor + 1
    switch comparison {
    case .equal, .notEqual: return IntervalSet(points: place.isExact ? [floor] : [])
    case .less where place.isExact:
      return floor == .min ? IntervalSet(points: []) : IntervalSet(.init(lower: nil, upper: floor - 1))
    case .less, .lessOrEqual: return IntervalSet(.init(lower: nil, upper: floor))
    case .greaterOrEqual where place.isExact: return IntervalSet(.init(lower: floor, upper: nil))
    case .greater, .greaterOrEqual:
      return behind.map { IntervalSet(.init(lower: $0, upper: nil)) } ?? IntervalSet(points: [])
    }
  }

  /// Ends are never nil, so that NaN is in no interval.
  private static func interval(
    _ place: Literal.RealPlace,
    _ comparison: RowPredicate.Comparison
  ) -> IntervalSet<Double> {
    switch comparison {
    case .equal, .notEqual: return IntervalSet(points: place.isExact ? [place.below] : [])
    case .less where place.isExact:
      return place.below == -.infinity
        ? IntervalSet(points: []) : IntervalSet(.init(lower: -.infinity, upper: place.below.nextDown))
    case .less, .lessOrEqual: return IntervalSet(.init(lower: -.infinity, upper: place.below))
    case .greater where place.isExact:
      return place.above == .infinity
        ? IntervalSet(points: []) : IntervalSet(.init(lower: place.above.nextUp, upper: .infinity))
    case .greater, .greaterOrEqual: return IntervalSet(.init(lower: place.above, upper: .infinity))
    }
  }

  private static func interval(_ bytes: Bytes, _ comparison: RowPredicate.Comparison) -> IntervalSet<BytesPoint> {
    switch comparison {
    case .equal, .notEqual: IntervalSet(points: [BytesPoint(bytes: bytes)])
    case .less: IntervalSet(.init(lower: nil, upper: BytesPoint(bytes: bytes, side: -1)))
    case .lessOrEqual: IntervalSet(.init(lower: nil, upper: BytesPoint(bytes: bytes)))
    case .greater: IntervalSet(.init(lower: BytesPoint(bytes: bytes, side: 1), upper: nil))
    case .greaterOrEqual: IntervalSet(.init(lower: BytesPoint(bytes: bytes), upper: nil))
    }
  }
}

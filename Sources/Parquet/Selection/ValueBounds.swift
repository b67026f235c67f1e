internal import ByteBuffers

/// What is known of the values of a chunk or a page; nothing, where it is not certain.
struct ValueBounds: Sendable {
  /// How many values are null.
  enum Nulls: Sendable {
    case unknown
    case none
    case some
    case all
  }

  /// A PLAIN value that no value is less than.
  var least: Bytes?
  /// A PLAIN value that no value is greater than.
  var greatest: Bytes?
  var nulls = Nulls.unknown
  /// Whether there may be NaN, which bounds leave out.
  var mayHaveNaN = true
}

extension LeafTest {
  /// Whether the test can be true of some value within the bounds; false is certain.
  func mayBeTrue(_ bounds: ValueBounds) -> Bool {
    switch test {
    case .isNull: return bounds.nulls != (isNegated ? .all : .none)
    default: break
    }
    if bounds.nulls == .all { return false }
    switch test {
    case .isNull: return true
    case .integers(let set):
      let (least, greatest) = ordered(bounds) { domain.integer($0) }
      return mayBeTrue(set, least, greatest, withNaN: false)
    case .reals(let set):
      let (least, greatest) = ordered(bounds) { domain.real($0) }
      return mayBeTrue(set, least, greatest, withNaN: bounds.mayHaveNaN)
    case .bytes(let set):
      let (least, greatest) = ordered(bounds) { BytesPoint(bytes: $0) }
      return mayBeTrue(set, least, greatest, withNaN: false)
    }
  }

  private func mayBeTrue<Value>(
    _ set: IntervalSet<Value>,
    _ least: Value?,
    _ greatest: Value?,
    withNaN: Bool
  ) -> Bool {
    isNegated ? withNaN || !set.covers(least, greatest) : set.meets(least, greatest)
  }

  /// Both bounds as values of the domain.
  ///
  /// One that cannot be read is none, and neither counts when one is NaN or when
  /// they contradict each other.
  private func ordered<Value: Comparable>(
    _ bounds: ValueBounds,
    _ value: (Bytes) -> Value?
  ) -> (Value?, Value?) {
    let least = bounds.least.flatMap(value)
    let greatest = bounds.greatest.flatMap(value)
    for bound in [least, greatest] {
      // Only NaN differs from itself.
      if let bound, bound != bound { return (nil, nil) }
    }
    if let least, let greatest, greatest < least { return (nil, nil) }
    return (least, greatest)
  }
}

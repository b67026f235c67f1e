/// The values that a comparison is true of: intervals with both ends included, ascending and apart from each other.
struct IntervalSet<Value: Comparable & Sendable>: Sendable {
  /// One interval; an end that is nil is open without limit.
  struct Interval: Sendable {
    var lower: Value?
    var upper: Value?

    /// Whether some value lies in this interval and between two bounds, nil where there is none.
    func meets(_ least: Value?, _ greatest: Value?) -> Bool {
      if let lower, let greatest, greatest < lower { return false }
      if let upper, let least, upper < least { return false }
      return true
    }

    /// Whether every value between two bounds lies in this interval.
    func covers(_ least: Value?, _ greatest: Value?) -> Bool {
      if let lower {
        guard let least, lower <= least else { return false }
      }
      if let upper {
        guard let greatest, greatest <= upper else { return false }
      }
      return true
    }

    func contains(_ value: Value) -> Bool {
      if let lower, value < lower { return false }
      if let upper, upper < value { return false }
      return true
    }
  }

  private(set) var intervals: [Interval]

  init(_ interval: Interval) {
    intervals = [interval]
  }

  /// Single values.
  init(points: [Value]) {
    intervals = []
    for point in points.sorted() {
      if let last = intervals.last?.upper, last == point { continue }
      intervals.append(Interval(lower: point, upper: point))
    }
  }

  /// The values, when the set has nothing but single ones.
  var points: [Value]? {
    var result: [Value] = []
    for interval in intervals {
      guard let lower = interval.lower, let upper = interval.upper, lower == upper else { return nil }
      result.append(lower)
    }
    return result
  }

  func contains(_ value: Value) -> Bool {
    var low = 0
    var high = intervals.count
    // The first interval that does not end before the value.
    while low < high {
      let middle = (low + high) / 2
      if let upper = intervals[middle].upper, upper < value {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low < intervals.count && intervals[low].contains(value)
  }

  /// Whether some value between two bounds may be in the set.
  func meets(_ least: Value?, _ greatest: Value?) -> Bool {
    intervals.contains { $0.meets(least, greatest) }
  }

  /// Whether every value between two bounds is in the set.
  func covers(_ least: Value?, _ greatest: Value?) -> Bool {
    intervals.contains { $0.covers(least, greatest) }
  }
}

/// Sets of rows as ranges, ascending, not empty and apart from each other.
enum RowRanges {
  /// The rows of both.
  static func intersection(_ left: [Range<Int>], _ right: [Range<Int>]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var (i, j) = (0, 0)
    while i < left.count, j < right.count {
      let common =
        max(
          left[i].lowerBound,
          right[j].lowerBound
        )..<max(
          max(left[i].lowerBound, right[j].lowerBound),
          min(left[i].upperBound, right[j].upperBound)
        )
      if !common.isEmpty { append(common, to: &result) }
      if left[i].upperBound < right[j].upperBound { i += 1 } else { j += 1 }
    }
    return result
  }

  /// The rows of either.
  static func union(_ left: [Range<Int>], _ right: [Range<Int>]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var (i, j) = (0, 0)
    while i < left.count || j < right.count {
      if j == right.count || i < left.count && left[i].lowerBound <= right[j].lowerBound {
        append(left[i], to: &result)
        i += 1
      } else {
        append(right[j], to: &result)
        j += 1
      }
    }
    return result
  }

  /// Appends a range that does not begin before the last one; adjacent ranges become one.
  static func append(_ range: Range<Int>, to ranges: inout [Range<Int>]) {
    guard !range.isEmpty else { return }
    if let last = ranges.last, range.lowerBound <= last.upperBound {
      ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
    } else {
      ranges.append(range)
    }
  }

  static func count(_ ranges: some Sequence<Range<Int>>) -> Int {
    ranges.reduce(0) { $0 + $1.count }
  }
}

/// Takes rows out of ranges from front to back.
struct RowRangeWalk {
  let ranges: [Range<Int>]
  private var next = 0
  /// Rows of `ranges[next]` that were taken.
  private var taken = 0

  init(_ ranges: [Range<Int>]) {
    self.ranges = ranges
  }

  var isAtEnd: Bool { next == ranges.count }

  /// The next rows, at most so many.
  mutating func take(_ limit: Int) -> [Range<Int>] {
    var left = limit
    var result: [Range<Int>] = []
    while left > 0, next < ranges.count {
      let start = ranges[next].lowerBound + taken
      let end = min(ranges[next].upperBound, start + min(left, ranges[next].upperBound - start))
      result.append(start..<end)
      left -= end - start
      taken += end - start
      if end == ranges[next].upperBound {
        next += 1
        taken = 0
      }
    }
    return result
  }
}

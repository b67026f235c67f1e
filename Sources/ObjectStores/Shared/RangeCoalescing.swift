/// A read that serves one or more wanted ranges.
package struct CoalescedRead: Hashable, Sendable {
  /// What to read.
  package var range: Range<UInt64>
  /// Which of the wanted ranges lie inside, as indices in the order they were given.
  package var members: [Int]

  /// Creates a read.
  ///
  /// - Parameters:
  ///   - range: what to read.
  ///   - members: indices of the wanted ranges.
  package init(range: Range<UInt64>, members: [Int]) {
    self.range = range
    self.members = members
  }
}

/// Joins ranges that lie near one another, since a request costs more than the bytes of a small gap.
///
/// Wanted ranges are never cut: one that is longer than `longest` is a read of its own. Empty ones need no read and
/// are in no result.
///
/// - Parameters:
///   - ranges: wanted, in any order; they may overlap.
///   - gap: the most bytes between two ranges that are read for nothing.
///   - longest: the most bytes of a joined read.
/// - Returns: reads in ascending order.
package func coalesce(_ ranges: [Range<UInt64>], gap: UInt64 = 1 << 20, longest: UInt64 = 16 << 20) -> [CoalescedRead] {
  let order = ranges.indices.filter { !ranges[$0].isEmpty }.sorted {
    (ranges[$0].lowerBound, ranges[$0].upperBound, $0) < (ranges[$1].lowerBound, ranges[$1].upperBound, $1)
  }
  var reads: [CoalescedRead] = []
  for index in order {
    let next = ranges[index]
    if let last = reads.last?.range {
      let end = max(last.upperBound, next.upperBound)
      let isNear = next.lowerBound <= last.upperBound || next.lowerBound - last.upperBound <= gap
      let isInside = next.upperBound <= last.upperBound
      if isNear, isInside || end - last.lowerBound <= longest {
        reads[reads.count - 1].range = last.lowerBound..<end
        reads[reads.count - 1].members.append(index)
        continue
      }
    }
    reads.append(CoalescedRead(range: next, members: [index]))
  }
  return reads
}

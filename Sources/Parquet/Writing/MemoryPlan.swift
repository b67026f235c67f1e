/// How a budget of memory is shared out.
///
/// Three quarters are for what leaves hold. An eighth is for free buffers on their way from one page to the next, and the
/// last one for what comes and goes within a page: compressed bytes, and a buffer that grows and is there twice.
struct MemoryPlan {
  /// Bytes that leaves may hold; a row group that takes more ends.
  let limit: Int
  /// Bytes of free buffers.
  let retained: Int

  init(budget: Int) {
    limit = budget / 4 * 3
    retained = budget / 8
  }

  /// Bytes of encoded pages that are moved out of memory together.
  var movedBytes: Int { limit / 4 }

  /// Rows that are appended in one step: few enough for the pages that they fill to stay small.
  ///
  /// - Parameters:
  ///   - rows: of the row group so far.
  ///   - bytes: what these rows took.
  func step(rows: Int, bytes: Int) -> Int {
    guard rows > 0 else { return 1 }
    return max(1, limit / 8 / max(1, bytes / rows))
  }
}

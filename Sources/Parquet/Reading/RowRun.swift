/// A stretch of the selected row groups' rows: some to step over, then some to read.
struct RowRun: Hashable {
  /// Rows to step over.
  var skip = 0
  /// Rows to read behind them.
  var take: Int

  /// Rows to read in all.
  static func rows(_ runs: [RowRun]) -> Int {
    runs.reduce(0) { $0 + $1.take }
  }
}

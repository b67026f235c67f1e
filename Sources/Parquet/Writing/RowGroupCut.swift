/// Decides where row groups end: after a number of rows, or when their bytes reach a limit.
///
/// Bytes are looked at only after certain rows, and which ones follows from the rows before them, so the cuts do not
/// depend on how rows came in. The next look is half-way to where the limit would be reached at the mean size so far.
struct RowGroupCut {
  /// Rows between two looks.
  static let steps = 16...4096

  let rowLimit: Int
  let byteLimit: Int

  /// Rows of the open row group.
  private(set) var rows = 0
  /// Rows after which to look at the bytes.
  private var nextLook = steps.lowerBound

  init(rowLimit: Int, byteLimit: Int) {
    self.rowLimit = rowLimit
    self.byteLimit = byteLimit
  }

  /// Rows that may be added before ``isComplete(byteCount:)`` has to be asked.
  var rowsToGo: Int { min(rowLimit, nextLook) - rows }

  mutating func add(rows added: Int) {
    rows += added
  }

  /// Whether the row group ends here.
  ///
  /// - Parameter byteCount: bytes of the row group so far; asked for only where it matters.
  mutating func isComplete(byteCount: () -> Int) -> Bool {
    guard rows < rowLimit else { return true }
    guard rows == nextLook else { return false }
    let bytes = byteCount()
    guard bytes < byteLimit else { return true }
    let mean = max(1, bytes / rows)
    let half = (byteLimit - bytes) / mean / 2
    nextLook = rows + min(max(half, RowGroupCut.steps.lowerBound), RowGroupCut.steps.upperBound)
    return false
  }

  mutating func startGroup() {
    rows = 0
    nextLook = RowGroupCut.steps.lowerBound
  }
}

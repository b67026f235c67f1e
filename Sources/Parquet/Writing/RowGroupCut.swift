/// Decides where row groups end: after a number of rows, or when their bytes, or what they take in memory, reach a limit.
///
/// Bytes are looked at only after certain rows, and which ones follows from the rows before them, so the cuts do not
/// depend on how rows came in. The next look is half-way to where the limit would be reached at the mean size so far.
struct RowGroupCut {
  /// What is looked at.
  struct Sizes {
    /// Bytes of the row group so far.
    var bytes: Int
    /// Bytes of memory that it takes.
    var memory = 0
  }

  /// Rows between two looks.
  static let steps = 16...4096
  /// The same where memory is limited.
  static let smallSteps = 16...256

  let rowLimit: Int
  let byteLimit: Int
  let memoryLimit: Int?

  /// Rows of the open row group.
  private(set) var rows = 0
  /// Rows after which to look at the bytes.
  private var nextLook = steps.lowerBound

  init(rowLimit: Int, byteLimit: Int, memoryLimit: Int? = nil) {
    self.rowLimit = rowLimit
    self.byteLimit = byteLimit
    self.memoryLimit = memoryLimit
  }

  /// Rows that may be added before ``isComplete(sizes:)`` has to be asked.
  var rowsToGo: Int { min(rowLimit, nextLook) - rows }

  mutating func add(rows added: Int) {
    rows += added
  }

  /// Whether the row group ends here.
  ///
  /// - Parameter sizes: of the row group so far; asked for only where they matter.
  mutating func isComplete(sizes: () -> Sizes) -> Bool {
    guard rows < rowLimit else { return true }
    guard rows == nextLook else { return false }
    let now = sizes()
    guard now.bytes < byteLimit, now.memory < memoryLimit ?? .max else { return true }
    let left = byteLimit - now.bytes
    var half = left / max(1, now.bytes / rows) / 2
    if let memoryLimit { half = min(half, (memoryLimit - now.memory) / max(1, now.memory / rows) / 2) }
    let steps = memoryLimit == nil ? RowGroupCut.steps : RowGroupCut.smallSteps
    nextLook = rows + min(max(half, steps.lowerBound), steps.upperBound)
    return false
  }

  mutating func startGroup() {
    rows = 0
    nextLook = RowGroupCut.steps.lowerBound
  }
}

/// Decides where row groups end: after a number of rows, or when their bytes, or what they take in memory, reach a limit.
///
/// Bytes are looked at only after certain rows, and which ones follows from the rows before them, so the cuts do not
/// depend on how rows came in. The next look is half-way to where the limit would be reached at the mean size so far.
/// While the most that the rows can take is below the limit, that is looked at; only then have they to be encoded.
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

  /// Rows that may be added before ``isFull`` and ``isLookDue`` have to be asked.
  var rowsToGo: Int { min(rowLimit, nextLook) - rows }

  /// Whether the row group ends here, whatever it takes.
  var isFull: Bool { rows >= rowLimit }

  /// Whether the row group may end here because of what it takes.
  var isLookDue: Bool { rows == nextLook }

  mutating func add(rows added: Int) {
    rows += added
  }

  /// Whether a row group of these sizes goes on.
  func hasRoom(_ sizes: Sizes) -> Bool {
    sizes.bytes < byteLimit && sizes.memory < memoryLimit ?? .max
  }

  /// Settles when to look again.
  ///
  /// - Parameter sizes: of the row group so far, which has room.
  mutating func planLook(_ sizes: Sizes) {
    var half = (byteLimit - sizes.bytes) / max(1, sizes.bytes / rows) / 2
    if let memoryLimit { half = min(half, (memoryLimit - sizes.memory) / max(1, sizes.memory / rows) / 2) }
    let steps = memoryLimit == nil ? RowGroupCut.steps : RowGroupCut.smallSteps
    nextLook = rows + min(max(half, steps.lowerBound), steps.upperBound)
  }

  mutating func startGroup() {
    rows = 0
    nextLook = RowGroupCut.steps.lowerBound
  }
}

internal import Synchronization

/// What the columns of one batch may take in all.
///
/// How large rows are is estimated beforehand from what the footer says. Dictionaries and shared prefixes make values
/// larger than what is stored of them, so a batch that has more rows than fit is noticed only while it is filled; its
/// readers then go back and take fewer rows. Columns that are filled at the same time share it.
final class BatchAllowance: Sendable {
  private let bytes: Int
  private let memoryBytes: Int
  private let state = Mutex((taken: 0, isExceeded: false))

  /// - Parameters:
  ///   - bytes: for all columns.
  ///   - memoryBytes: the limit that they are a part of.
  init(bytes: Int, of memoryBytes: Int) {
    self.bytes = bytes
    self.memoryBytes = memoryBytes
  }

  /// Whether fewer rows might have fitted.
  var isExceeded: Bool { state.withLock { $0.isExceeded } }

  /// Counts a block that takes the place of a smaller one.
  func grow(from old: Int, to new: Int) throws(ParquetError) {
    let fits = state.withLock { state in
      let fits = new - old <= bytes - state.taken
      if fits { state.taken += new - old } else { state.isExceeded = true }
      return fits
    }
    guard fits else {
      throw ParquetError(
        .limitExceeded,
        "A batch would exceed the \(bytes) bytes that the limit memoryBytes of \(memoryBytes) leaves for it."
      )
    }
  }

  /// Notes that one column is over a limit of its own.
  func columnExceeded() {
    state.withLock { $0.isExceeded = true }
  }
}

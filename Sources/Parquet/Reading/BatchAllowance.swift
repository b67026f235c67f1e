/// What the columns of one batch may take in all.
///
/// How large rows are is estimated beforehand from what the footer says. Dictionaries and shared prefixes make values
/// larger than what is stored of them, so a batch that has more rows than fit is noticed only while it is filled; its
/// readers then go back and take fewer rows.
final class BatchAllowance {
  private let bytes: Int
  private let memoryBytes: Int
  private var taken = 0
  /// Whether fewer rows might have fitted.
  private(set) var isExceeded = false

  /// - Parameters:
  ///   - bytes: for all columns.
  ///   - memoryBytes: the limit that they are a part of.
  init(bytes: Int, of memoryBytes: Int) {
    self.bytes = bytes
    self.memoryBytes = memoryBytes
  }

  /// Counts a block that takes the place of a smaller one.
  func grow(from old: Int, to new: Int) throws(ParquetError) {
    guard new - old <= bytes - taken else {
      isExceeded = true
      throw ParquetError(
        .limitExceeded,
        "A batch would exceed the \(bytes) bytes that the limit memoryBytes of \(memoryBytes) leaves for it."
      )
    }
    taken += new - old
  }

  /// Notes that one column is over a limit of its own.
  func columnExceeded() {
    isExceeded = true
  }
}

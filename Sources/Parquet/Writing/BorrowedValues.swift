internal import ByteBuffers

/// Values of an open page that stay in the columns they came in: nobody writes there any more, so they need not be copied.
struct BorrowedValues {
  /// Bytes from which on keeping a column costs less than copying out of it.
  static let smallest = 16 << 10

  private(set) var runs: [Bytes] = []
  private(set) var count = 0

  mutating func append(_ bytes: Bytes) {
    runs.append(bytes)
    count += bytes.count
  }

  mutating func removeAll() {
    runs.removeAll(keepingCapacity: true)
    count = 0
  }
}

extension LeafWriter {
  /// Keeps values in their column if all of the page's are kept so; else they have to be copied.
  func borrow(_ bytes: Bytes) -> Bool {
    guard borrowsValues, values.count == headroom, bytes.count >= BorrowedValues.smallest else { return false }
    borrowed.append(bytes)
    return true
  }

  /// Copies the values that were kept, since others are going to stand behind them.
  func copyBorrowed() {
    guard borrowed.count > 0 else { return }
    for run in borrowed.runs { values.append(run) }
    borrowed.removeAll()
  }

  /// Bytes of the open page's encoded values.
  var valueBytes: Int { borrowed.count + values.count - headroom }

  /// The encoded values of the open page, in one piece.
  func joinedValues() -> UnsafeRawBufferPointer {
    if borrowed.runs.count == 1 {
      return UnsafeRawBufferPointer(start: borrowed.runs[0].base, count: borrowed.count)
    }
    copyBorrowed()
    return UnsafeRawBufferPointer(start: values.base + headroom, count: values.count - headroom)
  }

  /// The encoded values of the open page, in as many pieces as they lie in.
  var valuePieces: [UnsafeRawBufferPointer] {
    guard borrowed.count > 0 else {
      return [UnsafeRawBufferPointer(start: values.base + headroom, count: values.count - headroom)]
    }
    return borrowed.runs.map { UnsafeRawBufferPointer(start: $0.base, count: $0.count) }
  }
}

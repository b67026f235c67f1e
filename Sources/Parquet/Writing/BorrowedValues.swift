internal import ByteBuffers

/// Values of an open page that stay in the columns they came in: nobody writes there any more, so they need not be copied.
struct BorrowedValues {
  /// Bytes from which on keeping a column costs less than copying out of it.
  private static let smallest = 16 << 10
  /// Runs of a page that may be smaller, so that it need not be copied for the sake of its ends.
  private static let fewRuns = 4

  private(set) var runs: [Bytes] = []
  private(set) var count = 0

  /// Keeps a run, or makes the last one longer; false if that is not worth it.
  mutating func append(_ bytes: Bytes) -> Bool {
    if let joined = runs.last?.joined(with: bytes) {
      runs[runs.count - 1] = joined
    } else if bytes.count >= BorrowedValues.smallest || runs.count < BorrowedValues.fewRuns {
      runs.append(bytes)
    } else {
      return false
    }
    count += bytes.count
    return true
  }

  mutating func removeAll() {
    runs.removeAll(keepingCapacity: true)
    count = 0
  }
}

extension LeafWriter {
  /// Keeps values in their column if all of the page's are kept so; else they have to be copied.
  func borrow(_ bytes: Bytes) -> Bool {
    borrowsValues && values.count == headroom && borrowed.append(bytes)
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

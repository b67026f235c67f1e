/// Problems of one kind of check: the first few in words, the rest as a number.
struct ProblemList {
  private static let shown = 10

  private(set) var lines: [String] = []
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  mutating func add(_ line: @autoclosure () -> String) {
    count += 1
    if lines.count < ProblemList.shown { lines.append(line()) }
  }

  /// The problems, one a line.
  var text: String {
    let more = count > lines.count ? ["... and \(count - lines.count) more."] : []
    return (lines + more).joined(separator: "\n")
  }

  /// Throws all problems as one error.
  func check(_ code: BackfillError.Code, path: String? = nil) throws(BackfillError) {
    guard !isEmpty else { return }
    throw BackfillError(code, text, path: path)
  }
}

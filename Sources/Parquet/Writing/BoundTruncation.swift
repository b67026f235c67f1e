/// Shortens bounds of byte strings, so that one long value does not swell the footer.
enum BoundTruncation {
  /// Longest bound in bytes.
  static let limit = 64

  /// A lower bound: the value, or a prefix of it.
  static func lower(_ value: [UInt8], isText: Bool) -> (bytes: [UInt8], isExact: Bool) {
    guard value.count > limit else { return (value, true) }
    return (Array(prefix(value, isText: isText)), false)
  }

  /// An upper bound: the value, or a prefix of it that is incremented; nil where no prefix can be.
  static func upper(_ value: [UInt8], isText: Bool) -> (bytes: [UInt8], isExact: Bool)? {
    guard value.count > limit else { return (value, true) }
    let kept = prefix(value, isText: isText)
    let text = isText ? String(validating: kept, as: UTF8.self) : nil
    let raised = text.map(incrementText) ?? incrementBytes(Array(kept))
    return raised.map { ($0, false) }
  }

  /// At most ``limit`` bytes of a longer value; text is cut between two code points, where it is valid.
  private static func prefix(_ value: [UInt8], isText: Bool) -> ArraySlice<UInt8> {
    guard isText else { return value[..<limit] }
    // value[end] has to begin a code point. One is four bytes at most: a longer search means that this is no UTF-8.
    var end = limit
    while end > limit - 4, value[end] & 0xc0 == 0x80 { end -= 1 }
    return value[end] & 0xc0 == 0x80 ? value[..<limit] : value[..<end]
  }

  /// Raises the last byte that can be raised and drops what follows it.
  private static func incrementBytes(_ value: [UInt8]) -> [UInt8]? {
    guard let last = value.lastIndex(where: { $0 < 0xff }) else { return nil }
    return Array(value[..<last]) + [value[last] + 1]
  }

  /// Raises the last code point that can be raised without growing, and drops what follows it.
  private static func incrementText(_ value: String) -> [UInt8]? {
    var scalars = Array(value.unicodeScalars)
    while let last = scalars.popLast() {
      // Surrogates lie between U+D7FF and U+E000 and are no code points of their own.
      let next = last.value == 0xd7ff ? 0xe000 : last.value + 1
      guard let raised = Unicode.Scalar(next), UTF8.width(raised) == UTF8.width(last) else { continue }
      scalars.append(raised)
      return scalars.flatMap { UTF8.encode($0).map(Array.init) ?? [] }
    }
    return nil
  }
}

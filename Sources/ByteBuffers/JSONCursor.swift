/// Reads the pieces of JSON (RFC 8259) that have no structure: blanks, marks, words, numbers and texts.
///
/// It is strict: UTF-8 without a byte order mark, no control characters in texts, no half characters, no leading zeros.
package struct JSONCursor {
  /// What is wrong and where; never what is there.
  package struct Failure: Error, Equatable {
    /// In a few words.
    package let what: String
    /// Offset in bytes.
    package let place: Int
  }

  private let bytes: [UInt8]
  /// Offset of the next byte.
  package private(set) var place = 0

  /// Begins at the first byte.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// An error at the present place.
  package func failure(_ what: String) -> Failure { Failure(what: what, place: place) }

  /// The next byte; nil at the end.
  package var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  /// Passes blanks.
  package mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { place += 1 }
  }

  /// Passes a character, with blanks around it.
  ///
  /// - Returns: whether it was there.
  package mutating func take(_ character: UInt8) -> Bool {
    skipBlanks()
    guard next == character else { return false }
    place += 1
    skipBlanks()
    return true
  }

  // MARK: - Words and numbers

  /// `null`, `true`, `false`, or a number as it is spelled; nil, with nothing passed, when none comes next.
  package mutating func word() -> String? {
    let start = place
    while let byte = next, JSONCursor.isWord(byte) { place += 1 }
    let word = String(decoding: bytes[start..<place], as: UTF8.self)
    if word == "null" || word == "true" || word == "false" || JSONCursor.isNumber(word) { return word }
    place = start
    return nil
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2b, 0x2d, 0x2e: true
    default: false
    }
  }

  private static func isNumber(_ word: String) -> Bool {
    var rest = Substring(word).utf8
    func digits() -> Int {
      let after = rest.drop { 0x30...0x39 ~= $0 }
      defer { rest = after }
      return rest.count - after.count
    }
    func pass(_ characters: UInt8...) -> Bool {
      guard let first = rest.first, characters.contains(first) else { return false }
      rest = rest.dropFirst()
      return true
    }
    _ = pass(UInt8(ascii: "-"))
    let startsWithZero = rest.first == UInt8(ascii: "0")
    let count = digits()
    guard count > 0, !startsWithZero || count == 1 else { return false }
    if pass(UInt8(ascii: ".")) {
      guard digits() > 0 else { return false }
    }
    if pass(UInt8(ascii: "e"), UInt8(ascii: "E")) {
      _ = pass(UInt8(ascii: "+"), UInt8(ascii: "-"))
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }

  // MARK: - Texts

  /// A text in its quotes, its escapes resolved.
  package mutating func text() throws(Failure) -> String {
    guard next == UInt8(ascii: "\"") else { throw failure("a text is missing") }
    place += 1
    var content: [UInt8] = []
    while let byte = next {
      guard byte >= 0x20 else { throw failure("a text has a control character") }
      place += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else { throw failure("a text is not UTF-8") }
        return text
      case UInt8(ascii: "\\"): content.append(contentsOf: try escaped().utf8)
      default: content.append(byte)
      }
    }
    throw failure("a text does not end")
  }

  /// What an escape behind its backslash stands for.
  private mutating func escaped() throws(Failure) -> String {
    guard let byte = next else { throw failure("a text does not end") }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(UnicodeScalar(byte))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try scalar()
    default: throw failure("an escape is unknown")
    }
  }

  /// A character by its number, or by the two numbers of a surrogate pair.
  private mutating func scalar() throws(Failure) -> String {
    var units = [try unit()]
    if UTF16.isLeadSurrogate(units[0]) {
      guard next == UInt8(ascii: "\\"), place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "u") else {
        throw failure("half a character is missing")
      }
      place += 2
      units.append(try unit())
    }
    guard let text = String(validating: units, as: UTF16.self) else { throw failure("half a character is missing") }
    return text
  }

  private mutating func unit() throws(Failure) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
        throw failure("four hex digits are missing")
      }
      value = value << 4 | UInt16(digit)
      place += 1
    }
    return value
  }
}

/// An object of JSON whose members are texts, numbers or truth values: the form in which credentials are answered.
///
///     {"AccessKeyId": "ASIA…", "SecretAccessKey": "…", "Token": "…", "Expiration": "2026-11-22T07:03:14Z"}
///
/// Objects and arrays inside, names that occur twice and anything behind the object are refused.
struct FlatJSON {
  /// What is wrong and where; never what is there.
  struct Failure: Error, Equatable {
    let message: String
  }

  private static let longest = 65_536
  private static let mostMembers = 64

  private let bytes: [UInt8]
  private var place = 0

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The members of an object; numbers and truth values as they are spelled, without those that are null.
  static func members(of bytes: [UInt8]) throws(Failure) -> [String: String] {
    guard bytes.count <= longest else { throw Failure(message: "it is longer than \(longest) bytes") }
    var reader = FlatJSON(bytes)
    return try reader.object()
  }

  private func failure(_ what: String) -> Failure { Failure(message: "\(what) at byte \(place)") }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { place += 1 }
  }

  /// Passes a character, with blanks around it.
  private mutating func take(_ character: UInt8) -> Bool {
    skipBlanks()
    guard next == character else { return false }
    place += 1
    skipBlanks()
    return true
  }

  private mutating func object() throws(Failure) -> [String: String] {
    guard take(UInt8(ascii: "{")) else { throw failure("no object begins") }
    var members: [String: String] = [:]
    var names: Set<String> = []
    if !take(UInt8(ascii: "}")) {
      repeat {
        let name = try text()
        guard take(UInt8(ascii: ":")) else { throw failure("a colon is missing") }
        members[name] = try value()
        guard names.insert(name).inserted else { throw failure("a name occurs twice") }
        guard names.count <= Self.mostMembers else { throw failure("there are too many members") }
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "}")) else { throw failure("the object does not end") }
    }
    guard next == nil else { throw failure("something follows the object") }
    return members
  }

  private mutating func value() throws(Failure) -> String? {
    guard let first = next else { throw failure("a value is missing") }
    if first == UInt8(ascii: "\"") { return try text() }
    let start = place
    while let byte = next, Self.isWord(byte) { place += 1 }
    let word = String(decoding: bytes[start..<place], as: UTF8.self)
    if word == "null" { return nil }
    guard word == "true" || word == "false" || Self.isNumber(word) else {
      place = start
      throw failure("a text, a number or a truth value is missing")
    }
    return word
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
    if rest.first == 0x2d { rest = rest.dropFirst() }
    let startsWithZero = rest.first == 0x30
    let count = digits()
    guard count > 0, !startsWithZero || count == 1 else { return false }
    if rest.first == 0x2e {
      rest = rest.dropFirst()
      guard digits() > 0 else { return false }
    }
    if rest.first == 0x65 || rest.first == 0x45 {
      rest = rest.dropFirst()
      if rest.first == 0x2b || rest.first == 0x2d { rest = rest.dropFirst() }
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }

  // MARK: - Texts

  private mutating func text() throws(Failure) -> String {
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

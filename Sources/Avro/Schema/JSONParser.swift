internal import ByteBuffers

/// Parses JSON (RFC 8259) strictly: UTF-8 without a byte order mark, no name twice in an object, nothing behind the value.
struct JSONParser {
  private let bytes: [UInt8]
  private let deepest: Int
  private var place = 0

  static func parse(_ bytes: [UInt8], depth: Int) throws(AvroError) -> AvroJSON {
    var parser = JSONParser(bytes: bytes, deepest: depth)
    parser.skipBlanks()
    let value = try parser.value(depth: 0)
    parser.skipBlanks()
    guard parser.next == nil else { throw parser.failure("something follows the value") }
    return value
  }

  private init(bytes: [UInt8], deepest: Int) {
    self.bytes = bytes
    self.deepest = deepest
  }

  private func failure(_ what: String) -> AvroError {
    AvroError(.invalidSchema, "The schema is not valid JSON: \(what).", offset: place)
  }

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

  private mutating func value(depth: Int) throws(AvroError) -> AvroJSON {
    guard depth < deepest else {
      throw AvroError(.limitExceeded, "The schema's JSON is nested deeper than \(deepest) levels.", offset: place)
    }
    switch next {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try elements(depth: depth))
    case UInt8(ascii: "\""): return .string(try text())
    default: return try word()
    }
  }

  private mutating func members(depth: Int) throws(AvroError) -> [AvroJSON.Member] {
    place += 1
    var members: [AvroJSON.Member] = []
    var names: Set<[UInt8]> = []
    if take(UInt8(ascii: "}")) { return members }
    repeat {
      let name = try text()
      guard names.insert(Array(name.utf8)).inserted else { throw failure("a name occurs twice in an object") }
      guard take(UInt8(ascii: ":")) else { throw failure("a colon is missing") }
      members.append(AvroJSON.Member(name, try value(depth: depth + 1)))
    } while take(UInt8(ascii: ","))
    skipBlanks()
    guard next == UInt8(ascii: "}") else { throw failure("an object does not end") }
    place += 1
    return members
  }

  private mutating func elements(depth: Int) throws(AvroError) -> [AvroJSON] {
    place += 1
    var elements: [AvroJSON] = []
    if take(UInt8(ascii: "]")) { return elements }
    repeat {
      elements.append(try value(depth: depth + 1))
    } while take(UInt8(ascii: ","))
    skipBlanks()
    guard next == UInt8(ascii: "]") else { throw failure("an array does not end") }
    place += 1
    return elements
  }

  // MARK: - Words and numbers

  private mutating func word() throws(AvroError) -> AvroJSON {
    let start = place
    while let byte = next, JSONParser.isWord(byte) { place += 1 }
    switch String(decoding: bytes[start..<place], as: UTF8.self) {
    case "null": return .null
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case let number where JSONParser.isNumber(number): return .number(number)
    default:
      place = start
      throw failure("a value is missing")
    }
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

  private mutating func text() throws(AvroError) -> String {
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
  private mutating func escaped() throws(AvroError) -> String {
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
  private mutating func scalar() throws(AvroError) -> String {
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

  private mutating func unit() throws(AvroError) -> UInt16 {
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

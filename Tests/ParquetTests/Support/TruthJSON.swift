/// Reads the JSON that states the truth: objects of "columns" and "rows" as other programs write them.
struct TruthJSON {
  struct Malformed: Error {
    let offset: Int
  }

  private enum Item {
    case value(CanonicalValue)
    case object([String: Item])
  }

  private let bytes: [UInt8]
  private var at = 0

  /// Parses a table.
  static func table(_ bytes: [UInt8]) throws -> CanonicalTable {
    var parser = TruthJSON(bytes: bytes)
    guard case .object(let members) = try parser.item(), case .value(.list(let names)) = members["columns"],
      case .value(.list(let rows)) = members["rows"]
    else {
      throw Malformed(offset: parser.at)
    }
    return CanonicalTable(
      columns: names.map { name in
        if case .text(let text) = name { return text }
        return name.description
      },
      rows: rows.map { row in
        if case .list(let cells) = row { return cells }
        return [row]
      }
    )
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  private mutating func peek() throws -> UInt8 {
    while at < bytes.count, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[at]) { at += 1 }
    guard at < bytes.count else { throw Malformed(offset: at) }
    return bytes[at]
  }

  private mutating func take(_ expected: Character) throws {
    guard try peek() == expected.asciiValue else { throw Malformed(offset: at) }
    at += 1
  }

  private mutating func takeIf(_ wanted: Character) throws -> Bool {
    guard try peek() == wanted.asciiValue else { return false }
    at += 1
    return true
  }

  private mutating func item() throws -> Item {
    guard try takeIf("{") else { return .value(try value()) }
    var members: [String: Item] = [:]
    while try !takeIf("}") {
      if !members.isEmpty { try take(",") }
      let name = try string()
      try take(":")
      members[name] = try item()
    }
    return .object(members)
  }

  private mutating func value() throws -> CanonicalValue {
    switch try peek() {
    case UInt8(ascii: "["): return .list(try list())
    case UInt8(ascii: "\""): return .text(try string())
    case UInt8(ascii: "{"):
      return try structure()
    default: return try word()
    }
  }

  private mutating func structure() throws -> CanonicalValue {
    try take("{")
    var names: [String] = []
    var values: [CanonicalValue] = []
    while try !takeIf("}") {
      if !names.isEmpty { try take(",") }
      names.append(try string())
      try take(":")
      values.append(try value())
    }
    return .structure(names: names, values: values)
  }

  private mutating func list() throws -> [CanonicalValue] {
    try take("[")
    var values: [CanonicalValue] = []
    while try !takeIf("]") {
      if !values.isEmpty { try take(",") }
      values.append(try value())
    }
    return values
  }

  private mutating func word() throws -> CanonicalValue {
    let start = at
    while at < bytes.count, !([0x2c, 0x5d, 0x7d, 0x20, 0x0a] as [UInt8]).contains(bytes[at]) { at += 1 }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    switch text {
    case "null": return .null
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    default:
      if let whole = Int128(text) { return .whole(whole) }
      guard let real = Double(text) else { throw Malformed(offset: start) }
      return .real(real)
    }
  }

  private mutating func string() throws -> String {
    try take("\"")
    var units: [UInt16] = []
    while at < bytes.count, bytes[at] != 0x22 {
      if bytes[at] == 0x5c {
        at += 1
        try escape(into: &units)
      } else {
        let end = bytes[at...].firstIndex { $0 == 0x22 || $0 == 0x5c } ?? bytes.count
        units.append(contentsOf: String(decoding: bytes[at..<end], as: UTF8.self).utf16)
        at = end
      }
    }
    try take("\"")
    return String(decoding: units, as: UTF16.self)
  }

  private mutating func escape(into units: inout [UInt16]) throws {
    guard at < bytes.count else { throw Malformed(offset: at) }
    let letter = bytes[at]
    at += 1
    switch letter {
    case UInt8(ascii: "n"): units.append(10)
    case UInt8(ascii: "r"): units.append(13)
    case UInt8(ascii: "t"): units.append(9)
    case UInt8(ascii: "b"): units.append(8)
    case UInt8(ascii: "f"): units.append(12)
    case UInt8(ascii: "u"):
      guard at + 4 <= bytes.count, let unit = UInt16(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
      else { throw Malformed(offset: at) }
      units.append(unit)
      at += 4
    default: units.append(UInt16(letter))
    }
  }
}

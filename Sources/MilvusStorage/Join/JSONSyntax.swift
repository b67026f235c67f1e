/// Checks that bytes are one JSON value (RFC 8259) without building it.
///
/// A JSON cell that is not JSON makes queries of the field fail in the server, so it is refused before it is written.
/// The UTF-8 of strings is checked apart.
struct JSONSyntax {
  private var at: UnsafeRawPointer
  private let end: UnsafeRawPointer
  private static let deepest = 512

  static func isValid(_ start: UnsafeRawPointer, _ count: Int) -> Bool {
    var scanner = JSONSyntax(at: start, end: start + count)
    guard scanner.value(depth: 0) else { return false }
    scanner.space()
    return scanner.at == scanner.end
  }

  private init(at: UnsafeRawPointer, end: UnsafeRawPointer) {
    self.at = at
    self.end = end
  }

  private var next: UInt8? { at < end ? at.load(as: UInt8.self) : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    at += 1
    return true
  }

  private mutating func space() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { at += 1 }
  }

  private mutating func value(depth: Int) -> Bool {
    guard depth < JSONSyntax.deepest else { return false }
    space()
    switch next {
    case UInt8(ascii: "{"): return members(depth: depth)
    case UInt8(ascii: "["): return elements(depth: depth)
    case UInt8(ascii: "\""): return string()
    case UInt8(ascii: "t"): return word("true")
    case UInt8(ascii: "f"): return word("false")
    case UInt8(ascii: "n"): return word("null")
    default: return number()
    }
  }

  private mutating func members(depth: Int) -> Bool {
    at += 1
    space()
    if take(UInt8(ascii: "}")) { return true }
    repeat {
      space()
      guard string() else { return false }
      space()
      guard take(UInt8(ascii: ":")), value(depth: depth + 1) else { return false }
      space()
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "}"))
  }

  private mutating func elements(depth: Int) -> Bool {
    at += 1
    space()
    if take(UInt8(ascii: "]")) { return true }
    repeat {
      guard value(depth: depth + 1) else { return false }
      space()
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "]"))
  }

  private mutating func word(_ text: StaticString) -> Bool {
    guard end - at >= text.utf8CodeUnitCount, bytesAreEqual(at, text.utf8Start, text.utf8CodeUnitCount) else {
      return false
    }
    at += text.utf8CodeUnitCount
    return true
  }

  private mutating func string() -> Bool {
    guard take(UInt8(ascii: "\"")) else { return false }
    while let byte = next {
      at += 1
      switch byte {
      case UInt8(ascii: "\""): return true
      case UInt8(ascii: "\\"): guard escape() else { return false }
      case 0..<0x20: return false
      default: break
      }
    }
    return false
  }

  private mutating func escape() -> Bool {
    guard let byte = next else { return false }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return true
    case UInt8(ascii: "u"):
      for _ in 0..<4 {
        guard let digit = next, isHexadecimal(digit) else { return false }
        at += 1
      }
      return true
    default: return false
    }
  }

  private func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }

  private mutating func number() -> Bool {
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) {
      guard digits() else { return false }
    }
    if take(UInt8(ascii: ".")) {
      guard digits() else { return false }
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard digits() else { return false }
    }
    return true
  }

  private mutating func digits() -> Bool {
    let start = at
    while let byte = next, (0x30...0x39).contains(byte) { at += 1 }
    return at > start
  }
}

internal import Glibc

/// What stands between tags.
///
///     text  &amp; &lt; &gt; &quot; &apos;  &#10;  &#x41;  <!-- comment -->  <![CDATA[ text ]]>  <?instruction?>
extension XMLScanner {
  /// Steps over white space, comments and instructions around the outermost element.
  ///
  /// - Returns: whether an element begins here; false at the end of the document.
  mutating func betweenElements() throws(XMLError) -> Bool {
    while offset < count {
      if XMLScanner.isSpace(base[offset]) {
        offset += 1
        continue
      }
      guard base[offset] == UInt8(ascii: "<") else { throw XMLError(.noElement, at: offset) }
      let mark = try byte(offset + 1)
      guard mark == UInt8(ascii: "!") || mark == UInt8(ascii: "?") else { return true }
      let start = offset
      if try aside() != nil { throw XMLError(.badMarkup, at: start) }
    }
    return false
  }

  /// Reads to the end tag of the innermost element when there is more than plain text before it.
  mutating func mixedText() throws(XMLError) -> [UInt8] {
    var text: [UInt8] = []
    while true {
      let end = try next(UInt8(ascii: "<"))
      try appendText(to: &text, upTo: end)
      offset = end
      switch try byte(end + 1) {
      case UInt8(ascii: "/"):
        // Closes the element, since there is nothing else here.
        _ = try child()
        return text
      case UInt8(ascii: "!"), UInt8(ascii: "?"):
        if let data = try aside() { text += UnsafeBufferPointer(start: base + data.lowerBound, count: data.count) }
      default:
        if try child() != nil { try skip() }
      }
    }
  }

  /// Steps over a comment, an instruction or CDATA.
  ///
  /// - Returns: where CDATA has its text; nil for the others.
  mutating func aside() throws(XMLError) -> Range<Int>? {
    if starts(with: "<!--") {
      try step(over: 4, until: "-->")
      return nil
    }
    if starts(with: "<?") {
      try step(over: 2, until: "?>")
      return nil
    }
    guard starts(with: "<![CDATA[") else {
      // What is cut short is that, and not a document type.
      throw XMLError(count - offset < 9 ? .truncated : .badMarkup, at: offset)
    }
    let start = offset + 9
    try step(over: 9, until: "]]>")
    return start..<(offset - 3)
  }

  private mutating func step(over opening: Int, until mark: StaticString) throws(XMLError) {
    offset += opening
    while offset < count {
      offset = try next(mark.utf8Start[0])
      if starts(with: mark) {
        offset += mark.utf8CodeUnitCount
        return
      }
      offset += 1
    }
    throw XMLError(.truncated, at: count)
  }

  // MARK: - References

  private mutating func appendText(to text: inout [UInt8], upTo end: Int) throws(XMLError) {
    while offset < end {
      guard let mark = memchr(base + offset, Int32(UInt8(ascii: "&")), end - offset) else { break }
      let at = UnsafeRawPointer(mark) - UnsafeRawPointer(base)
      text += UnsafeBufferPointer(start: base + offset, count: at - offset)
      offset = at
      try appendReference(to: &text, upTo: end)
    }
    text += UnsafeBufferPointer(start: base + offset, count: end - offset)
  }

  private mutating func appendReference(to text: inout [UInt8], upTo end: Int) throws(XMLError) {
    let start = offset + 1
    // The longest has leading zeros that nobody writes.
    var at = start
    while at < min(end, start + 12), base[at] != UInt8(ascii: ";") { at += 1 }
    guard at < end, base[at] == UInt8(ascii: ";") else { throw XMLError(.badReference, at: offset) }
    let name = XMLName(start: base + start, count: at - start)
    switch name {
    case "amp": text.append(UInt8(ascii: "&"))
    case "lt": text.append(UInt8(ascii: "<"))
    case "gt": text.append(UInt8(ascii: ">"))
    case "quot": text.append(UInt8(ascii: "\""))
    case "apos": text.append(UInt8(ascii: "'"))
    default:
      guard let scalar = scalar(start..<at) else { throw XMLError(.badReference, at: offset) }
      text.append(contentsOf: scalar.utf8)
    }
    offset = at + 1
  }

  /// The character of `#10` or `#x41`; control characters, which XML excludes, are what some servers write.
  private func scalar(_ range: Range<Int>) -> Unicode.Scalar? {
    guard range.count >= 2, base[range.lowerBound] == UInt8(ascii: "#") else { return nil }
    let isHex = base[range.lowerBound + 1] == UInt8(ascii: "x")
    let digits = (range.lowerBound + (isHex ? 2 : 1))..<range.upperBound
    guard !digits.isEmpty else { return nil }
    var value: UInt32 = 0
    for at in digits {
      guard let digit = HexDigit.value(base[at]), isHex || digit < 10 else { return nil }
      value = value * (isHex ? 16 : 10) + UInt32(digit)
      guard value <= 0x10FFFF else { return nil }
    }
    return Unicode.Scalar(value)
  }

  // MARK: - Bytes

  /// The byte at a position, which may lie behind the end.
  func byte(_ at: Int) throws(XMLError) -> UInt8 {
    guard at < count else { throw XMLError(.truncated, at: count) }
    return base[at]
  }

  /// Where a byte comes next.
  func next(_ byte: UInt8) throws(XMLError) -> Int {
    guard offset < count, let found = memchr(base + offset, Int32(byte), count - offset) else {
      throw XMLError(.truncated, at: count)
    }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  func starts(with mark: StaticString) -> Bool {
    count - offset >= mark.utf8CodeUnitCount && memcmp(base + offset, mark.utf8Start, mark.utf8CodeUnitCount) == 0
  }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 }

  static func isNameStart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), 0x80...0xff:
      true
    default: false
    }
  }

  static func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "."): true
    default: isNameStart(byte)
    }
  }
}

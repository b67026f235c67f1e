/// JSON is text, and text is bytes: the pieces that ``JSONWriter`` and the cell renderer are made of.
extension [UInt8] {
  /// Appends the UTF-8 form of a text.
  ///
  /// - Parameter text: what to append.
  public mutating func append(text: String) {
    append(contentsOf: text.utf8)
  }

  /// Appends a quoted JSON string.
  ///
  /// - Parameter text: its content.
  public mutating func append(jsonString text: String) {
    var copy = text
    copy.withUTF8 { append(jsonString: UnsafeRawBufferPointer($0)) }
  }

  /// Appends a quoted JSON string.
  ///
  /// - Parameter utf8: its content, which must be valid UTF-8.
  public mutating func append(jsonString utf8: UnsafeRawBufferPointer) {
    append(UInt8(ascii: "\""))
    var start = 0
    for (index, byte) in utf8.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5c {
      append(contentsOf: utf8[start..<index])
      append(escape: byte)
      start = index + 1
    }
    append(contentsOf: utf8[start...])
    append(UInt8(ascii: "\""))
  }

  private mutating func append(escape byte: UInt8) {
    append(UInt8(ascii: "\\"))
    switch byte {
    case 0x22, 0x5c: append(byte)
    case 0x0a: append(UInt8(ascii: "n"))
    case 0x0d: append(UInt8(ascii: "r"))
    case 0x09: append(UInt8(ascii: "t"))
    default:
      append(text: "u00")
      append(hexDigitsOf: byte)
    }
  }

  /// Appends a number that JSON can hold, or its name (`"NaN"`, `"inf"`, `"-inf"`, `"-0.0"`) as a string.
  ///
  /// - Parameter value: the number; its shortest exact form is written.
  public mutating func append(json value: Double) {
    guard value.isFinite, !(value == 0 && value.sign == .minus) else {
      append(text: "\"\(value.isNaN ? "NaN" : value.description)\"")
      return
    }
    append(text: value.description)
  }

  /// Appends `0x` and two digits a byte.
  ///
  /// - Parameter bytes: what to write.
  public mutating func append(hex bytes: UnsafeRawBufferPointer) {
    reserveCapacity(count + 2 + 2 * bytes.count)
    append(text: "0x")
    for byte in bytes { append(hexDigitsOf: byte) }
  }

  /// Appends two lower-case hexadecimal digits.
  ///
  /// - Parameter byte: what to write.
  public mutating func append(hexDigitsOf byte: UInt8) {
    append(hexDigits[Int(byte >> 4)])
    append(hexDigits[Int(byte & 15)])
  }
}

private let hexDigits = Array("0123456789abcdef".utf8)

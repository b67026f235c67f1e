internal import ByteBuffers

/// Parses one delete of the oldest files: `{"pk":1,"ts":2,"pkType":5}`, `{"pk":"a","ts":2,"pkType":21}`, or `1,2`.
///
/// What servers write is recognised byte by byte; any other spelling of the JSON goes through the JSON parser.
enum DeleteTextParser {
  /// The delete, or nil when the text is none.
  static func parse(_ text: Bytes) -> DeleteEntry? {
    text.withUnsafeBytes { bytes -> DeleteEntry?? in
      if bytes.first != UInt8(ascii: "{") { return .some(plain(bytes)) }
      return usual(bytes).map { .some($0) }
    } ?? general(text)
  }

  /// `pk,ts`.
  private static func plain(_ bytes: UnsafeRawBufferPointer) -> DeleteEntry? {
    guard let comma = bytes.lastIndex(of: UInt8(ascii: ",")) else { return nil }
    let key = Int64(String(decoding: bytes[..<comma], as: UTF8.self))
    let timestamp = UInt64(String(decoding: bytes[(comma + 1)...], as: UTF8.self))
    guard let key, let timestamp else { return nil }
    return DeleteEntry(key: .integer(key), timestamp: timestamp)
  }

  /// The exact form that servers write, without escapes in the key.
  private static func usual(_ bytes: UnsafeRawBufferPointer) -> DeleteEntry? {
    var scanner = Scanner(bytes)
    guard scanner.skip("{\"pk\":") else { return nil }
    let key: PrimaryKey
    if scanner.skip("\"") {
      guard let text = scanner.text() else { return nil }
      key = .text(text)
    } else {
      guard let number = scanner.number(), let value = Int64(number) else { return nil }
      key = .integer(value)
    }
    guard scanner.skip(",\"ts\":"), let number = scanner.number(), let timestamp = UInt64(number),
      scanner.skip(",\"pkType\":"), scanner.number() != nil, scanner.skip("}"), scanner.isAtEnd
    else { return nil }
    return DeleteEntry(key: key, timestamp: timestamp)
  }

  /// Any JSON object with these members.
  private static func general(_ text: Bytes) -> DeleteEntry? {
    guard let document = try? JSONValue(parsing: text, source: "", code: .dataRead), let members = document.object,
      let timestamp = members["ts"]?.unsigned
    else { return nil }
    switch members["pk"] {
    case .integer(let value): return DeleteEntry(key: .integer(value), timestamp: timestamp)
    case .string(let value): return DeleteEntry(key: .text(Array(value.utf8)), timestamp: timestamp)
    default: return nil
    }
  }

  private struct Scanner {
    private let bytes: UnsafeRawBufferPointer
    private var at = 0

    init(_ bytes: UnsafeRawBufferPointer) {
      self.bytes = bytes
    }

    var isAtEnd: Bool { at == bytes.count }

    mutating func skip(_ literal: StaticString) -> Bool {
      guard bytes.count - at >= literal.utf8CodeUnitCount else { return false }
      for index in 0..<literal.utf8CodeUnitCount where bytes[at + index] != literal.utf8Start[index] { return false }
      at += literal.utf8CodeUnitCount
      return true
    }

    /// The digits of an integer, with its sign.
    mutating func number() -> String? {
      let start = at
      if at < bytes.count, bytes[at] == UInt8(ascii: "-") { at += 1 }
      while at < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[at]) { at += 1 }
      return at > start ? String(decoding: bytes[start..<at], as: UTF8.self) : nil
    }

    /// A string up to its closing quote; nil when it has an escape or a control character.
    mutating func text() -> [UInt8]? {
      let start = at
      while at < bytes.count {
        let byte = bytes[at]
        if byte == UInt8(ascii: "\"") {
          at += 1
          return Array(bytes[start..<at - 1])
        }
        if byte == UInt8(ascii: "\\") || byte < 0x20 { return nil }
        at += 1
      }
      return nil
    }
  }
}

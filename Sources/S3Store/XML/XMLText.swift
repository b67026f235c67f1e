/// What stands between an element's tags, references replaced; valid as long as the document's memory.
struct XMLText {
  /// The bytes where they lie in the document.
  private let plain: UnsafeBufferPointer<UInt8>
  /// The bytes when they had to be put together.
  private let decoded: [UInt8]?

  init(plain: UnsafeBufferPointer<UInt8>) {
    self.plain = plain
    decoded = nil
  }

  init(decoded: [UInt8]) {
    plain = UnsafeBufferPointer(start: nil, count: 0)
    self.decoded = decoded
  }

  /// Calls `body` with the bytes.
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    guard let decoded else { return body(plain) }
    return decoded.withUnsafeBufferPointer(body)
  }

  /// A copy of the bytes.
  var array: [UInt8] { decoded ?? Array(plain) }

  /// The bytes as text, invalid UTF-8 replaced.
  var string: String { withBytes { String(decoding: $0, as: UTF8.self) } }

  /// The bytes as text for a message or a log: cut, and without control characters.
  func message(limit: Int = 500) -> String {
    withBytes { bytes in
      let kept = bytes.prefix(limit).map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: " ") : $0 }
      return String(decoding: kept, as: UTF8.self)
    }
  }

  var isEmpty: Bool { withBytes(\.isEmpty) }

  /// A decimal number; nil for anything else.
  var unsigned: UInt64? {
    withBytes { bytes in
      guard 1...20 ~= bytes.count else { return nil }
      var value: UInt64 = 0
      for byte in bytes {
        guard 0x30...0x39 ~= byte else { return nil }
        let (tenfold, tooLarge) = value.multipliedReportingOverflow(by: 10)
        let (sum, overflow) = tenfold.addingReportingOverflow(UInt64(byte - 0x30))
        if tooLarge || overflow { return nil }
        value = sum
      }
      return value
    }
  }

  /// `true` or `false`; nil for anything else.
  var boolean: Bool? {
    if isText("true") { return true }
    return isText("false") ? false : nil
  }

  /// A moment, in nanoseconds since 1970; nil for anything else.
  var timestamp: Int64? { withBytes(Timestamp.nanoseconds) }

  func isText(_ text: StaticString) -> Bool {
    withBytes { $0.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)) }
  }
}

internal import Glibc

/// The name of an element, without its prefix; valid as long as the document's memory.
struct XMLName {
  private let start: UnsafePointer<UInt8>
  private let count: Int

  init(start: UnsafePointer<UInt8>, count: Int) {
    self.start = start
    self.count = count
  }

  static func == (name: XMLName, text: StaticString) -> Bool {
    name.count == text.utf8CodeUnitCount && memcmp(name.start, text.utf8Start, name.count) == 0
  }

  /// Makes names usable in a `switch` over literals.
  static func ~= (text: StaticString, name: XMLName) -> Bool { name == text }

  /// The name for a message; nil unless it is short and plain.
  var text: String? {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    guard count <= 40, bytes.allSatisfy({ 0x21...0x7e ~= $0 }) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}

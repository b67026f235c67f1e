import Foundation

/// What the signing tests find around them.
enum SigningSurroundings {
  /// Folder of the test data that targets share.
  static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures")
}

extension Array where Element == UInt8 {
  /// The bytes of an even number of hex digits; nil for anything else.
  init?(hex: String) {
    var bytes: [UInt8] = []
    var rest = hex[...]
    while !rest.isEmpty {
      guard rest.count > 1, let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    self = bytes
  }
}

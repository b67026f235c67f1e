internal import ObjectStores

/// A file that holds one token, which something renews.
enum TokenFile {
  /// The token, without blanks and line breaks at its ends.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - limit: bytes at most.
  ///   - source: what messages call the place that needs it.
  static func read(_ path: String, limit: Int = 65_536, source: String) throws(ObjectStoreError) -> String {
    let content: [UInt8]
    do throws(SmallFile.Failure) {
      content = try SmallFile.read(path, limit: limit)
    } catch {
      var why = "it is not there"
      if case .unreadable(let words) = error { why = words }
      throw ObjectStoreError(
        .configuration,
        "The token for \(source) cannot be read from \(path): \(why). Check that it is mounted and may be read."
      )
    }
    let end = content.lastIndex { $0 > 0x20 } ?? -1
    let token = content[...end].drop { $0 <= 0x20 }
    guard !token.isEmpty, token.allSatisfy({ 0x20...0x7e ~= $0 }) else {
      throw ObjectStoreError(
        .configuration,
        "The file \(path) holds no token for \(source): it is empty, or has line breaks or characters no token has."
      )
    }
    return String(decoding: token, as: UTF8.self)
  }
}

/// A key as folders and a file name beneath the root of a ``LocalStore``.
///
/// Refused are keys that would leave the root or that a file system cannot hold: empty ones and ones over 1,024 bytes;
/// an empty segment (so a slash at the start, at the end, or twice in a row), `.` and `..`; a segment over 255 bytes or
/// with a NUL; a segment that ends like the names of unfinished files.
struct LocalPath: Sendable {
  /// What the names of unfinished files end in.
  static let temporarySuffix = Array(".backfill-tmp".utf8)
  static let longestKey = 1024
  static let longestSegment = 255

  let key: ObjectKey
  let folders: [FileName]
  let name: FileName

  init(_ key: ObjectKey) throws(ObjectStoreError) {
    try LocalPath.check(key)
    var segments = key.bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(FileName.init)
    self.key = key
    name = segments.removeLast()
    folders = segments
  }

  /// Throws when a key is refused.
  static func check(_ key: ObjectKey) throws(ObjectStoreError) {
    guard key.bytes.count <= LocalPath.longestKey else {
      throw ObjectStoreError(
        .invalidKey,
        "The key has \(key.bytes.count) bytes, \(LocalPath.longestKey) are allowed; choose a shorter one.",
        key: key
      )
    }
    if let fault = key.bytes.withUnsafeBufferPointer(LocalPath.firstFault) {
      throw ObjectStoreError(.invalidKey, "The key \(fault), which a folder cannot hold; rename it.", key: key)
    }
  }

  /// What is wrong with the first segment that is refused, or nil.
  private static func firstFault(of key: UnsafeBufferPointer<UInt8>) -> String? {
    var start = 0
    for end in 0...key.count where end == key.count || key[end] == UInt8(ascii: "/") {
      if let fault = fault(of: UnsafeBufferPointer(rebasing: key[start..<end])) { return fault }
      start = end + 1
    }
    return nil
  }

  /// What is wrong with a segment, or nil.
  static func fault(of segment: UnsafeBufferPointer<UInt8>) -> String? {
    if segment.isEmpty { return "is empty or has an empty segment" }
    if segment.count > longestSegment { return "has a segment of \(segment.count) bytes (\(longestSegment) at most)" }
    if segment.count <= 2, segment.allSatisfy({ $0 == UInt8(ascii: ".") }) { return "has the segment . or .." }
    if segment.contains(0) { return "has a NUL byte" }
    if isTemporary(segment) { return "has a segment that ends in \(String(decoding: temporarySuffix, as: UTF8.self))" }
    return nil
  }

  /// Whether a name is that of an unfinished file.
  static func isTemporary(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    name.count >= temporarySuffix.count && name.suffix(temporarySuffix.count).elementsEqual(temporarySuffix)
  }

  /// A new name for an unfinished file; it does not grow with the key's.
  static func temporaryName() -> FileName {
    let random =
      String(UInt64.random(in: .min ... .max), radix: 16) + String(UInt64.random(in: .min ... .max), radix: 16)
    return FileName(Array(".\(random)".utf8) + temporarySuffix)
  }
}

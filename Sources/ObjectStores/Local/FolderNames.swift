/// The entries of one folder in whole-key order, packed: a large folder costs its names and 16 bytes an entry.
struct FolderNames: Sendable {
  private struct Entry {
    let start: Int
    let count: UInt32
    let isFolder: Bool
  }

  /// The names one after the other; those of folders with a slash at the end, which is what puts `a-b` before `a/b`.
  private var bytes: [UInt8] = []
  private var entries: [Entry] = []
  private var at = 0

  /// Number of names, the ones passed included.
  var count: Int { entries.count }

  /// Adds an entry; ``sort()`` follows.
  mutating func append(_ name: UnsafeBufferPointer<UInt8>, isFolder: Bool) {
    let start = bytes.count
    bytes.append(contentsOf: name)
    if isFolder { bytes.append(UInt8(ascii: "/")) }
    entries.append(Entry(start: start, count: UInt32(bytes.count - start), isFolder: isFolder))
  }

  mutating func sort() {
    bytes.withUnsafeBufferPointer { bytes in
      entries.sort { left, right in
        let l = UnsafeBufferPointer(rebasing: bytes[left.start..<left.start + Int(left.count)])
        let r = UnsafeBufferPointer(rebasing: bytes[right.start..<right.start + Int(right.count)])
        return l.lexicographicallyPrecedes(r)
      }
    }
  }

  /// The entry the walk stands at, with the slash of a folder; nil at the end.
  var current: (name: ArraySlice<UInt8>, isFolder: Bool)? {
    guard at < entries.count else { return nil }
    let entry = entries[at]
    return (bytes[entry.start..<entry.start + Int(entry.count)], entry.isFolder)
  }

  mutating func advance() {
    at += 1
  }
}

/// Walks sorted keys.
struct MemoryCursor: KeyCursor {
  private let keys: [ObjectKey]
  private let prefix: ObjectKey
  private let metadata: (ObjectKey) -> ObjectMetadata?
  private var at: Int

  init(
    keys: [ObjectKey],
    prefix: ObjectKey,
    position: ListPosition,
    metadata: @escaping (ObjectKey) -> ObjectMetadata?
  ) {
    self.keys = keys
    self.prefix = prefix
    self.metadata = metadata
    at = MemoryCursor.first(in: keys, from: 0) { $0 >= prefix && !position.isBehind($0) }
  }

  mutating func peek() -> ObjectKey? {
    at < keys.count && keys[at].hasPrefix(prefix) ? keys[at] : nil
  }

  mutating func take() -> ObjectMetadata? {
    defer { at += 1 }
    return metadata(keys[at])
  }

  mutating func skip(_ prefix: ObjectKey) {
    at = MemoryCursor.first(in: keys, from: at) { !$0.hasPrefix(prefix) }
  }

  /// Finds the first key that meets a condition which all later ones meet too.
  private static func first(in keys: [ObjectKey], from start: Int, where condition: (ObjectKey) -> Bool) -> Int {
    var low = start
    var high = keys.count
    while low < high {
      let middle = low + (high - low) / 2
      if condition(keys[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

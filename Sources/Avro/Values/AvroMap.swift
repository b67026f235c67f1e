/// The entries of a map, in the order in which they were written.
///
/// Looking an entry up takes time that grows with their number; make a dictionary of the entries for many look-ups.
public struct AvroMap: Hashable, Sendable {
  /// An entry of a map.
  public struct Entry: Hashable, Sendable {
    /// Its key.
    public var key: String
    /// Its value.
    public var value: AvroValue

    /// Creates an entry.
    ///
    /// - Parameters:
    ///   - key: its key.
    ///   - value: its value.
    public init(_ key: String, _ value: AvroValue) {
      self.key = key
      self.value = value
    }
  }

  /// All entries; a key that a writer wrote twice is there twice.
  public var entries: [Entry]

  /// Creates a map.
  ///
  /// - Parameter entries: its entries, in the order in which they are to be written.
  public init(_ entries: [Entry] = []) {
    self.entries = entries
  }

  /// The value of the last entry with a key, nil when there is none; setting nil removes all of them.
  ///
  /// - Parameter key: compared byte by byte.
  public subscript(key: String) -> AvroValue? {
    get { entries.last { AvroMap.areSame($0.key, key) }?.value }
    set {
      guard let newValue else {
        entries.removeAll { AvroMap.areSame($0.key, key) }
        return
      }
      if let index = entries.lastIndex(where: { AvroMap.areSame($0.key, key) }) {
        entries[index].value = newValue
      } else {
        entries.append(Entry(key, newValue))
      }
    }
  }

  /// Strings are equal in Swift when they look alike; keys are only when their bytes are.
  private static func areSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
}

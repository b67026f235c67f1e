/// The value of a primary key.
public enum PrimaryKey: Hashable, Sendable {
  /// Of an Int64 key.
  case integer(Int64)
  /// UTF-8 of a VarChar key; bytes, because texts that are canonically equivalent are different keys.
  case text([UInt8])
}

/// One delete: rows of a key that were written before a moment are gone.
public struct DeleteEntry: Hashable, Sendable {
  /// The key.
  public var key: PrimaryKey
  /// When it was deleted.
  public var timestamp: UInt64

  /// Creates a delete.
  ///
  /// - Parameters:
  ///   - key: the key.
  ///   - timestamp: when it was deleted.
  public init(key: PrimaryKey, timestamp: UInt64) {
    self.key = key
    self.timestamp = timestamp
  }
}

/// Deletes that apply to a segment.
///
/// A row is deleted when a delete of its key is later than the row, strictly: an upsert writes its delete and its new
/// row with one timestamp, and the row has to stay.
public struct DeleteSet: Sendable {
  private var latest: [PrimaryKey: UInt64] = [:]

  /// Creates a set without deletes.
  public init() {}

  /// Number of different keys.
  public var keyCount: Int { latest.count }

  /// Whether there are no deletes.
  public var isEmpty: Bool { latest.isEmpty }

  /// Adds a delete; of several of one key the latest counts.
  ///
  /// - Parameter entry: the delete.
  public mutating func insert(_ entry: DeleteEntry) {
    latest[entry.key] = max(latest[entry.key] ?? 0, entry.timestamp)
  }

  /// Whether a row is deleted.
  ///
  /// - Parameters:
  ///   - key: its key.
  ///   - timestamp: when it was written.
  /// - Returns: true when a later delete names its key.
  public func deletes(_ key: PrimaryKey, writtenAt timestamp: UInt64) -> Bool {
    guard let deleted = latest[key] else { return false }
    return timestamp < deleted
  }
}

/// What happens to a row's value of a field, depending on whether the new values have its key.
///
/// | mode | row has a new value's key | row has not |
/// |---|---|---|
/// | coalesce | existing value, or the new one where it is null | existing value |
/// | overwrite | new value, a null too | existing value |
/// | replace | new value | null |
public enum JoinMode: String, Sendable, Hashable, CaseIterable {
  /// Fill gaps.
  case coalesce
  /// Correct values.
  case overwrite
  /// Start anew; existing values are not read.
  case replace

  /// Whether existing values are read.
  public var readsExisting: Bool { self != .replace }
}

/// Room outside of memory for bytes that are needed once more soon.
///
/// A writer puts there what it may not write yet and may not keep in memory either. One writer uses a space at a time.
public protocol ScratchSpace: Sendable {
  /// Keeps bytes behind those that are there.
  ///
  /// - Parameter bytes: what to keep.
  /// - Returns: where they are.
  func append(_ bytes: Bytes) async throws -> Range<Int>

  /// Gives bytes back.
  ///
  /// - Parameter range: bytes that were kept.
  /// - Returns: as many bytes.
  func read(_ range: Range<Int>) async throws -> Bytes

  /// Forgets everything; the next bytes are kept from position 0 on.
  func removeAll() async throws
}

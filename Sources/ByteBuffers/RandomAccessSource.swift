/// Something that byte ranges can be read from: what format readers see of a file or an object.
///
/// A source is one unchanging version of the object: a store that notices a replacement between two reads throws
/// instead of mixing versions.
public protocol RandomAccessSource: Sendable {
  /// What to call the source in messages, usually its key or path.
  var name: String { get }

  /// Length in bytes.
  var size: Int { get }

  /// Reads ranges, in the order given.
  ///
  /// - Parameter ranges: each within `0..<size`; they may overlap and need not be sorted.
  /// - Returns: as many runs as ranges, each of its range's length.
  /// - Throws: an error of the underlying store.
  func read(_ ranges: [Range<Int>]) async throws -> [Bytes]
}

extension RandomAccessSource {
  /// Reads one range.
  ///
  /// - Parameter range: within `0..<size`.
  /// - Returns: its bytes.
  /// - Throws: an error of the underlying store.
  public func read(_ range: Range<Int>) async throws -> Bytes {
    try await read([range])[0]
  }
}

/// A source over bytes in memory.
public struct MemorySource: RandomAccessSource {
  /// What to call the bytes in messages.
  public let name: String
  private let bytes: Bytes

  /// Wraps bytes.
  ///
  /// - Parameters:
  ///   - bytes: the whole content.
  ///   - name: what to call it in messages.
  public init(_ bytes: Bytes, name: String = "memory") {
    self.bytes = bytes
    self.name = name
  }

  /// Number of bytes.
  public var size: Int { bytes.count }

  /// Slices the bytes.
  public func read(_ ranges: [Range<Int>]) async throws -> [Bytes] {
    ranges.map { bytes[$0] }
  }
}

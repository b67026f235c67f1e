/// Something that byte ranges can be read from: what format readers see of a file or an object.
///
/// A source is one unchanging version of the object: a store that notices a replacement between two reads throws
/// instead of mixing versions.
public protocol RandomAccessSource: Sendable {
  /// What to call the source in messages, usually its key or path.
  var name: String { get }

  /// Length in bytes.
  var size: Int { get }

  /// Whether a read costs little more than its bytes, as from this machine's memory or disks.
  ///
  /// Readers then read many small pieces, each to where it is needed, instead of few large ones.
  var isLocal: Bool { get }

  /// Reads ranges, in the order given.
  ///
  /// - Parameter ranges: each within `0..<size`; they may overlap and need not be sorted.
  /// - Returns: as many runs as ranges, each of its range's length.
  /// - Throws: an error of the underlying store.
  func read(_ ranges: [Range<Int>]) async throws -> [Bytes]

  /// Reads a range into memory of the caller's, so that what is delivered as it lies in the file is copied once.
  ///
  /// - Parameters:
  ///   - range: within `0..<size`.
  ///   - target: a block that nobody else reads or writes until the call has returned, also when it throws.
  ///   - offset: where in the block the bytes go; it has room for all of them.
  /// - Throws: an error of the underlying store; the bytes in the block are undefined then.
  func read(_ range: Range<Int>, into target: AlignedBuffer, at offset: Int) async throws
}

extension RandomAccessSource {
  /// False: reads are taken to be far away unless the source says otherwise.
  public var isLocal: Bool { false }

  /// Reads one range.
  ///
  /// - Parameter range: within `0..<size`.
  /// - Returns: its bytes.
  /// - Throws: an error of the underlying store.
  public func read(_ range: Range<Int>) async throws -> Bytes {
    try await read([range])[0]
  }

  /// Reads a range and copies it; a source that can fill the block itself does.
  public func read(_ range: Range<Int>, into target: AlignedBuffer, at offset: Int) async throws {
    target.copy(try await read(range), at: offset)
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

  /// True: the bytes are at hand.
  public var isLocal: Bool { true }

  /// Slices the bytes.
  public func read(_ ranges: [Range<Int>]) async throws -> [Bytes] {
    ranges.map { bytes[$0] }
  }

  /// Copies a slice of the bytes.
  public func read(_ range: Range<Int>, into target: AlignedBuffer, at offset: Int) async throws {
    target.copy(bytes[range], at: offset)
  }
}

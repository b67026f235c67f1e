public import ByteBuffers

/// A part of a source as a source of its own: a file inside a file.
public struct SubrangeSource: RandomAccessSource {
  private let whole: any RandomAccessSource
  private let part: Range<Int>
  private let prefix: Bytes

  /// Narrows a source.
  ///
  /// - Parameters:
  ///   - whole: the source.
  ///   - part: within `0..<whole.size`.
  ///   - prefix: the first bytes of the whole where they are known already; reads within them ask nobody.
  public init(_ whole: any RandomAccessSource, _ part: Range<Int>, prefix: Bytes = .empty) {
    precondition(part.lowerBound >= 0 && part.upperBound <= whole.size, "part outside its source")
    self.whole = whole
    self.part = part
    self.prefix = prefix
  }

  /// Name of the whole.
  public var name: String { whole.name }

  /// Where the part begins in the whole.
  public var offset: Int { part.lowerBound }

  /// Number of bytes of the part.
  public var size: Int { part.count }

  /// Whether the whole is.
  public var isLocal: Bool { whole.isLocal }

  /// Reads ranges of the part.
  public func read(_ ranges: [Range<Int>]) async throws -> [Bytes] {
    let moved = ranges.map { $0.lowerBound + part.lowerBound..<$0.upperBound + part.lowerBound }
    if moved.allSatisfy({ $0.upperBound <= prefix.count }) { return moved.map { prefix[$0] } }
    return try await whole.read(moved)
  }

  /// Reads a range of the part into memory of the caller's.
  public func read(_ range: Range<Int>, into target: AlignedBuffer, at offset: Int) async throws {
    let moved = range.lowerBound + part.lowerBound..<range.upperBound + part.lowerBound
    if moved.upperBound <= prefix.count {
      target.copy(prefix[moved], at: offset)
    } else {
      try await whole.read(moved, into: target, at: offset)
    }
  }
}

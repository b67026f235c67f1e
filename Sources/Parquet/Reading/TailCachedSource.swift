internal import ByteBuffers

/// A source whose last bytes are at hand: small files are read once, footers of most others too.
struct TailCachedSource: RandomAccessSource {
  let below: any RandomAccessSource
  let tail: Bytes
  let tailStart: Int

  /// Reads the last bytes of a source.
  init(_ source: any RandomAccessSource, tailBytes: Int) async throws(ParquetError) {
    below = source
    tailStart = max(0, source.size - max(tailBytes, 8))
    do {
      tail = try await source.read(tailStart..<source.size)
    } catch {
      throw ParquetError.wrapping(error)
    }
    guard tail.count == source.size - tailStart else {
      throw ParquetError(.storage, "\(tail.count) bytes arrived of \(source.size - tailStart).")
    }
  }

  var name: String { below.name }
  var size: Int { below.size }
  var isLocal: Bool { below.isLocal }

  func read(_ ranges: [Range<Int>]) async throws -> [Bytes] {
    if ranges.allSatisfy({ $0.lowerBound >= tailStart }) {
      return ranges.map { tail[$0.lowerBound - tailStart..<$0.upperBound - tailStart] }
    }
    return try await below.read(ranges)
  }

  func read(_ range: Range<Int>, into target: AlignedBuffer, at offset: Int) async throws {
    if range.lowerBound >= tailStart {
      target.copy(tail[range.lowerBound - tailStart..<range.upperBound - tailStart], at: offset)
    } else {
      try await below.read(range, into: target, at: offset)
    }
  }
}

internal import ByteBuffers

/// Reads a source front to back in pieces that are large enough to be worth a request each.
struct SourceWindow: Sendable {
  private let source: any RandomAccessSource
  private var held = Bytes.empty
  /// Where in the source `held` begins.
  private var start = 0

  /// Bytes that are read at least, if the source has them.
  private static let piece = 1 << 20

  init(_ source: any RandomAccessSource) {
    self.source = source
  }

  var name: String { source.name }
  var size: Int { source.size }

  /// Bytes of a range within the source.
  mutating func bytes(_ range: Range<Int>) async throws(AvroError) -> Bytes {
    if range.lowerBound >= start, range.upperBound <= start + held.count {
      return held[range.lowerBound - start..<range.upperBound - start]
    }
    let wanted = range.lowerBound..<min(max(range.upperBound, range.lowerBound + SourceWindow.piece), size)
    do {
      held = try await source.read(wanted)
    } catch {
      throw AvroError.wrapping(error)
    }
    start = range.lowerBound
    guard held.count == wanted.count else {
      throw AvroError(.storage, "The source gave \(held.count) bytes of \(wanted.count).", offset: start)
    }
    return held[0..<range.count]
  }
}

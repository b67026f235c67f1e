/// Where a format writer puts its bytes, front to back.
public protocol ByteSink: Sendable {
  /// Appends bytes.
  ///
  /// - Parameter bytes: what comes next.
  /// - Throws: an error of the underlying store.
  func write(_ bytes: Bytes) async throws
}

/// A sink that keeps everything in memory.
public actor MemorySink: ByteSink {
  private var parts: [Bytes] = []
  private var count = 0

  /// Creates an empty sink.
  public init() {}

  /// Keeps the bytes.
  public func write(_ bytes: Bytes) async throws {
    parts.append(bytes)
    count += bytes.count
  }

  /// Everything written so far, in one run.
  public var contents: Bytes {
    let block = AlignedBuffer(capacity: count)
    var at = 0
    for part in parts {
      (block.base + at).copyMemory(from: part.base, byteCount: part.count)
      at += part.count
    }
    return Bytes(block, count: count)
  }
}

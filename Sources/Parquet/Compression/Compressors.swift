internal import ByteBuffers
internal import Synchronization

/// The compressors of a writer: as many as leaves are encoded at the same time.
final class Compressors: Sendable {
  private let free = Mutex<[Compressor]>([])
  private let pool: BufferPool

  init(pool: BufferPool) {
    self.pool = pool
  }

  /// A free compressor, or a new one.
  func take() -> Compressor {
    free.withLock { $0.popLast() } ?? Compressor(pool: pool)
  }

  /// Keeps a compressor for the next page.
  func give(back compressor: Compressor) {
    free.withLock { $0.append(compressor) }
  }
}

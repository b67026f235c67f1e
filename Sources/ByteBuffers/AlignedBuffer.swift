internal import Glibc

/// A block of raw memory, 64-byte aligned, with 64 readable bytes behind its capacity.
///
/// One owner fills it through ``base``; once it is wrapped in ``Bytes`` (or in a column) it is shared and must not be
/// written any more. The spare bytes let decoding loops load whole words at the end of a page without a tail case.
/// The memory is not cleared.
public final class AlignedBuffer: @unchecked Sendable {
  // Sendable: written by the one owner that took it, read-only after it is shared.

  /// Bytes that may be loaded, though not relied upon, behind `capacity`.
  public static let spareBytes = 64

  /// Start of the block.
  public let base: UnsafeMutableRawPointer

  /// Usable bytes.
  public let capacity: Int

  private let pool: BufferPool?

  /// Allocates a block that does not belong to a pool.
  ///
  /// - Parameter capacity: usable bytes.
  public convenience init(capacity: Int) {
    self.init(base: AlignedBuffer.allocate(capacity), capacity: capacity, pool: nil)
  }

  init(base: UnsafeMutableRawPointer, capacity: Int, pool: BufferPool?) {
    self.base = base
    self.capacity = capacity
    self.pool = pool
  }

  deinit {
    if let pool {
      pool.recycle(base, capacity: capacity)
    } else {
      base.deallocate()
    }
  }

  static func allocate(_ capacity: Int) -> UnsafeMutableRawPointer {
    let block = UnsafeMutableRawPointer.allocate(byteCount: capacity + spareBytes, alignment: 64)
    // Only the spare bytes are cleared: over-reading loads then see defined memory.
    memset(block + capacity, 0, spareBytes)
    return block
  }
}

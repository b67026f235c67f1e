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

  private let block: MemoryBlock
  private let pool: BufferPool?

  /// Allocates a block that does not belong to a pool.
  ///
  /// - Parameter capacity: usable bytes.
  public convenience init(capacity: Int) {
    self.init(MemoryBlock(capacity), pool: nil)
  }

  init(_ block: MemoryBlock, pool: BufferPool?) {
    base = block.base
    capacity = block.capacity
    self.block = block
    self.pool = pool
  }

  /// Copies bytes into the block, by its one owner.
  ///
  /// - Parameters:
  ///   - bytes: what to copy.
  ///   - offset: where the first one goes; the block has room for all of them.
  public func copy(_ bytes: Bytes, at offset: Int) {
    precondition(offset >= 0 && bytes.count <= capacity - offset, "copy past the end of a block")
    (base + offset).copyMemory(from: bytes.base, byteCount: bytes.count)
  }

  deinit {
    if let pool {
      pool.recycle(block)
    } else {
      block.free()
    }
  }
}

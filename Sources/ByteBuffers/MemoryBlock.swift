internal import Glibc

/// Memory of a certain size and where it came from; whoever holds it frees it, once.
///
/// Large blocks are mapped of their own. An allocator keeps what it once handed out, in an arena for each thread, and a
/// process that has to stay within a budget would pay for it several times; what is unmapped is gone.
struct MemoryBlock: @unchecked Sendable {
  // Sendable: it has one holder at a time.

  let base: UnsafeMutableRawPointer
  /// Usable bytes; ``AlignedBuffer/spareBytes`` readable ones follow.
  let capacity: Int
  private let isMapped: Bool

  #if EXACT_BUFFERS
    // Sanitizers watch the allocator alone.
    private static let smallestMapped = Int.max
  #else
    private static let smallestMapped = 256 << 10
  #endif

  init(_ capacity: Int) {
    self.capacity = capacity
    let bytes = capacity + AlignedBuffer.spareBytes
    if capacity >= MemoryBlock.smallestMapped,
      let mapped = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), mapped != MAP_FAILED
    {
      base = mapped
      isMapped = true
      return
    }
    base = .allocate(byteCount: bytes, alignment: 64)
    isMapped = false
    // Only the spare bytes are cleared: over-reading loads then see defined memory.
    memset(base + capacity, 0, AlignedBuffer.spareBytes)
  }

  func free() {
    if isMapped {
      munmap(base, capacity + AlignedBuffer.spareBytes)
    } else {
      base.deallocate()
    }
  }
}

internal import Glibc

/// Memory of a certain size and where it came from; whoever holds it frees it, once.
///
/// Large blocks are mapped of their own. An allocator keeps what it once handed out, in an arena for each thread, and a
/// process that has to stay within a budget would pay for it several times; what is unmapped is gone. Blocks of
/// megabytes begin where a huge page can, since touching fresh memory costs more than filling it.
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

  private static let hugePage = 2 << 20

  init(_ capacity: Int) {
    self.capacity = capacity
    let bytes = capacity + AlignedBuffer.spareBytes
    if capacity >= MemoryBlock.smallestMapped, let mapped = MemoryBlock.map(bytes) {
      base = mapped
      isMapped = true
      return
    }
    base = .allocate(byteCount: bytes, alignment: 64)
    isMapped = false
    // Only the spare bytes are cleared: over-reading loads then see defined memory.
    memset(base + capacity, 0, AlignedBuffer.spareBytes)
  }

  /// Maps fresh memory; nil where there is none.
  private static func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let isHuge = bytes >= hugePage
    let wanted = isHuge ? bytes + hugePage : bytes
    guard let start = mmap(nil, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      start != MAP_FAILED
    else { return nil }
    guard isHuge else { return start }
    // What lies before the boundary and behind the block goes back at once.
    let base = start.alignedUp(toMultipleOf: hugePage)
    let end = (base + bytes).alignedUp(toMultipleOf: pageSize)
    if base > start { munmap(start, base - start) }
    if end < start + wanted { munmap(end, start + wanted - end) }
    madvise(base, bytes, MADV_HUGEPAGE)
    return base
  }

  private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

  func free() {
    if isMapped {
      munmap(base, capacity + AlignedBuffer.spareBytes)
    } else {
      base.deallocate()
    }
  }
}

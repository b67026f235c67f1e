/// A growing buffer that little-endian data is appended to: the mirror of ``ByteCursor``.
public struct ByteWriter: ~Copyable {
  private var block: AlignedBuffer
  private let pool: BufferPool

  /// Bytes written so far.
  public private(set) var count = 0

  /// Creates an empty buffer.
  ///
  /// - Parameters:
  ///   - capacity: bytes to make room for at first.
  ///   - pool: where the memory comes from.
  public init(capacity: Int = 4096, pool: BufferPool = .shared) {
    self.pool = pool
    block = pool.take(capacity)
  }

  /// Start of the written bytes; moves when the buffer grows.
  public var base: UnsafeMutableRawPointer { block.base }

  /// Bytes of the block, used or not.
  public var capacity: Int { block.capacity }

  /// Makes room for `extra` more bytes and returns the place where they go; follow with ``advance(_:)``.
  ///
  /// - Parameter extra: bytes wanted.
  /// - Returns: a pointer to `extra` writable bytes.
  public mutating func reserve(_ extra: Int) -> UnsafeMutableRawPointer {
    if count + extra > block.capacity {
      let larger = pool.take(max(count + extra, 2 * block.capacity))
      larger.base.copyMemory(from: block.base, byteCount: count)
      block = larger
    }
    return block.base + count
  }

  /// Counts bytes that were stored at the place ``reserve(_:)`` gave.
  ///
  /// - Parameter written: how many.
  public mutating func advance(_ written: Int) {
    precondition(written >= 0 && count + written <= block.capacity, "wrote past the reserved bytes")
    count += written
  }

  /// Appends one byte.
  public mutating func append(_ byte: UInt8) {
    reserve(1).storeBytes(of: byte, as: UInt8.self)
    count += 1
  }

  /// Appends a fixed-width integer, least significant byte first.
  @inlinable
  public mutating func append<T: FixedWidthInteger & BitwiseCopyable>(integer value: T) {
    let size = MemoryLayout<T>.size
    reserve(size).storeBytes(of: value.littleEndian, as: T.self)
    advance(size)
  }

  /// Appends raw bytes.
  public mutating func append(_ source: UnsafeRawBufferPointer) {
    guard let start = source.baseAddress else { return }
    reserve(source.count).copyMemory(from: start, byteCount: source.count)
    count += source.count
  }

  /// Appends bytes.
  public mutating func append(_ source: Bytes) {
    source.withUnsafeBytes { append($0) }
  }

  /// Appends an array.
  public mutating func append(_ source: [UInt8]) {
    source.withUnsafeBytes { append($0) }
  }

  /// Appends an unsigned LEB128 integer.
  public mutating func append(varint value: UInt64) {
    var rest = value
    while rest > 0x7f {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  /// Appends a zigzag-coded LEB128 integer.
  public mutating func append(zigzag value: Int64) {
    append(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  /// Forgets what was written and keeps the memory.
  public mutating func removeAll() {
    count = 0
  }

  /// Hands out what was written and starts anew with fresh memory.
  ///
  /// - Returns: the bytes, which keep the block.
  public mutating func take() -> Bytes {
    let written = Bytes(block, count: count)
    block = pool.take(4096)
    count = 0
    return written
  }
}

/// An immutable run of bytes inside a shared block; slicing copies nothing.
///
/// At least ``AlignedBuffer/spareBytes`` bytes behind the run may be loaded (their values are undefined), which is what
/// decoding loops rely on.
public struct Bytes: Sendable {
  private let owner: AlignedBuffer
  private let offset: Int

  /// Number of bytes.
  public let count: Int

  /// Wraps the first `count` bytes of a filled block, which must not be written any more.
  ///
  /// - Parameters:
  ///   - owner: the block.
  ///   - offset: first byte of the run.
  ///   - count: number of bytes.
  public init(_ owner: AlignedBuffer, offset: Int = 0, count: Int) {
    precondition(offset >= 0 && count >= 0 && offset + count <= owner.capacity, "run outside its block")
    self.owner = owner
    self.offset = offset
    self.count = count
  }

  /// Copies bytes.
  ///
  /// - Parameter source: the bytes to copy.
  public init(copying source: UnsafeRawBufferPointer) {
    let block = AlignedBuffer(capacity: source.count)
    if let base = source.baseAddress { block.base.copyMemory(from: base, byteCount: source.count) }
    self.init(block, count: source.count)
  }

  /// Copies an array.
  ///
  /// - Parameter array: the bytes to copy.
  public init(_ array: [UInt8]) {
    self = array.withUnsafeBytes { Bytes(copying: $0) }
  }

  /// Copies the UTF-8 form of a string.
  ///
  /// - Parameter text: the text to copy.
  public init(utf8 text: String) {
    self.init(Array(text.utf8))
  }

  /// No bytes at all.
  public static let empty = Bytes(AlignedBuffer(capacity: 0), count: 0)

  /// Start of the run; valid while this value, or a slice of it, is held.
  public var base: UnsafeRawPointer { UnsafeRawPointer(owner.base + offset) }

  /// The bytes as a span bound to this value's lifetime.
  public var span: RawSpan {
    @_lifetime(borrow self)
    get {
      let span = unsafe RawSpan(_unsafeStart: base, byteCount: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Calls `body` with the bytes.
  ///
  /// - Parameter body: must not let the pointer escape.
  /// - Returns: what `body` returns.
  public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// A part of the run that shares its memory.
  ///
  /// - Parameter range: bounds within `0...count`.
  public subscript(range: Range<Int>) -> Bytes {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "slice outside the run")
    return Bytes(owner, offset: offset + range.lowerBound, count: range.count)
  }

  /// This run and another that follows it in the same block, as one; nil where it does not.
  ///
  /// - Parameter next: the other run.
  public func joined(with next: Bytes) -> Bytes? {
    guard owner === next.owner, offset + count == next.offset else { return nil }
    return Bytes(owner, offset: offset, count: count + next.count)
  }

  /// A copy as an array.
  public var array: [UInt8] { withUnsafeBytes { Array($0) } }
}

extension Bytes: Hashable {
  /// Feeds the bytes to a hasher.
  public func hash(into hasher: inout Hasher) {
    withUnsafeBytes { hasher.combine(bytes: $0) }
  }

  /// Compares the bytes, not the blocks.
  public static func == (left: Bytes, right: Bytes) -> Bool {
    left.withUnsafeBytes { l in right.withUnsafeBytes { r in l.elementsEqual(r) } }
  }
}

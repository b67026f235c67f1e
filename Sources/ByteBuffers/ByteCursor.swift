/// Why a ``ByteCursor`` could not read.
public struct ByteCursorError: Error, Equatable, Sendable {
  /// What went wrong.
  public enum Reason: Sendable {
    /// Fewer bytes are left than the read needs.
    case truncated
    /// A variable-length integer is longer than its type allows.
    case varintTooLong
    /// A length is negative or larger than what is left.
    case lengthOutOfRange
  }

  /// What went wrong.
  public let reason: Reason

  /// Position of the read, in bytes from the start of the cursor's span.
  public let offset: Int

  @usableFromInline
  init(reason: Reason, offset: Int) {
    self.reason = reason
    self.offset = offset
  }
}

/// A checked forward reader of little-endian data that cannot outlive the bytes it reads.
///
/// What reads single numbers is inlined into other modules: metadata is made of thousands of them.
public struct ByteCursor: ~Escapable {
  @usableFromInline let span: RawSpan
  @usableFromInline var position = 0

  /// Position of the next read, in bytes from the start.
  @inlinable public var offset: Int { position }

  /// Starts at the first byte.
  ///
  /// - Parameter span: the bytes to read.
  @_lifetime(copy span)
  public init(_ span: RawSpan) {
    self.span = span
  }

  /// Bytes not read yet.
  @inlinable public var remaining: Int { span.byteCount - position }

  @_lifetime(self: copy self)
  private mutating func advance(_ count: Int) throws(ByteCursorError) -> Int {
    guard count >= 0 else { throw ByteCursorError(reason: .lengthOutOfRange, offset: offset) }
    guard count <= remaining else { throw ByteCursorError(reason: .truncated, offset: offset) }
    let start = position
    position += count
    return start
  }

  /// Reads a fixed-width little-endian integer.
  ///
  /// - Parameter type: the type to read.
  /// - Returns: the value.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type = T.self) throws(ByteCursorError)
    -> T
  {
    var value: T = 0
    for index in 0..<(T.bitWidth / 8) {
      value |= T(truncatingIfNeeded: try byte()) << T(index * 8)
    }
    return value
  }

  /// Reads one byte.
  ///
  /// - Returns: the byte.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func byte() throws(ByteCursorError) -> UInt8 {
    let at = position
    guard at < span.byteCount else { throw ByteCursorError(reason: .truncated, offset: at) }
    position = at + 1
    return unsafe span.unsafeLoad(fromUncheckedByteOffset: at, as: UInt8.self)
  }

  /// Reads an unsigned LEB128 integer of at most ten bytes.
  ///
  /// - Returns: the value.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func varint() throws(ByteCursorError) -> UInt64 {
    let first = try byte()
    // Most numbers are small.
    if first < 0x80 { return UInt64(first) }
    position -= 1
    return try longVarint()
  }

  @usableFromInline
  @_lifetime(self: copy self)
  mutating func longVarint() throws(ByteCursorError) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let next = try byte()
      if shift == 63, next > 1 { throw ByteCursorError(reason: .varintTooLong, offset: start) }
      value |= UInt64(next & 0x7f) &<< shift
      if next < 0x80 { return value }
      shift += 7
      if shift > 63 { throw ByteCursorError(reason: .varintTooLong, offset: start) }
    }
  }

  /// Reads a zigzag-coded LEB128 integer.
  ///
  /// - Returns: the value.
  @inlinable
  @_lifetime(self: copy self)
  public mutating func zigzag() throws(ByteCursorError) -> Int64 {
    let raw = try varint()
    return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
  }

  /// Steps over bytes.
  ///
  /// - Parameter count: how many.
  /// - Returns: where they lie, in bytes from the start.
  @discardableResult
  @_lifetime(self: copy self)
  public mutating func skip(_ count: Int) throws(ByteCursorError) -> Range<Int> {
    let start = try advance(count)
    return start..<offset
  }

  /// Reads a LEB128 length and steps over that many bytes.
  ///
  /// - Returns: where the bytes lie, from the start.
  @_lifetime(self: copy self)
  public mutating func lengthPrefixed() throws(ByteCursorError) -> Range<Int> {
    let at = offset
    let length = try varint()
    guard length <= UInt64(remaining) else { throw ByteCursorError(reason: .lengthOutOfRange, offset: at) }
    return try skip(Int(length))
  }

  /// Copies bytes that were stepped over.
  ///
  /// - Parameter range: a range that ``skip(_:)`` or ``lengthPrefixed()`` returned.
  /// - Returns: the bytes as text, invalid sequences replaced.
  public func text(_ range: Range<Int>) -> String {
    unsafe span.withUnsafeBytes { String(decoding: UnsafeRawBufferPointer(rebasing: $0[range]), as: UTF8.self) }
  }

  /// Copies bytes that were stepped over.
  ///
  /// - Parameter range: a range that ``skip(_:)`` or ``lengthPrefixed()`` returned.
  /// - Returns: the bytes.
  public func bytes(_ range: Range<Int>) -> [UInt8] {
    unsafe span.withUnsafeBytes { Array($0[range]) }
  }
}

internal import ByteBuffers

/// Reads the primitive types of Avro's binary encoding; every length is checked before it is used.
///
///     int, long       zigzag LEB128
///     float, double   4 and 8 bytes, least significant first
///     boolean         one byte, 0 or 1
///     bytes, string   long length, bytes
struct BinaryReader: ~Escapable {
  private var cursor: ByteCursor
  private let whole: Bytes
  private let longestValue: Int

  /// `span` is that of `whole`, which values are slices of.
  @_lifetime(copy span)
  init(_ span: RawSpan, of whole: Bytes, from offset: Int, longestValue: Int) throws(AvroError) {
    cursor = ByteCursor(span)
    self.whole = whole
    self.longestValue = longestValue
    try skip(offset)
  }

  var offset: Int { cursor.offset }
  var remaining: Int { cursor.remaining }

  @_lifetime(self: copy self)
  mutating func long() throws(AvroError) -> Int64 {
    do { return try cursor.zigzag() } catch { throw BinaryReader.failure(error) }
  }

  @_lifetime(self: copy self)
  mutating func int() throws(AvroError) -> Int32 {
    let at = offset
    guard let value = Int32(exactly: try long()) else {
      throw .corrupt("An int does not fit 32 bits.", offset: at)
    }
    return value
  }

  @_lifetime(self: copy self)
  mutating func boolean() throws(AvroError) -> Bool {
    let at = offset
    let byte: UInt8
    do { byte = try cursor.byte() } catch { throw BinaryReader.failure(error) }
    guard byte <= 1 else { throw .corrupt("A boolean is \(byte), neither 0 nor 1.", offset: at) }
    return byte == 1
  }

  @_lifetime(self: copy self)
  mutating func float() throws(AvroError) -> Float {
    do { return Float(bitPattern: try cursor.integer()) } catch { throw BinaryReader.failure(error) }
  }

  @_lifetime(self: copy self)
  mutating func double() throws(AvroError) -> Double {
    do { return Double(bitPattern: try cursor.integer()) } catch { throw BinaryReader.failure(error) }
  }

  @_lifetime(self: copy self)
  mutating func bytes() throws(AvroError) -> Bytes { whole[try lengthPrefixed()] }

  @_lifetime(self: copy self)
  mutating func fixed(_ size: Int) throws(AvroError) -> Bytes {
    try check(size, at: offset)
    do { return whole[try cursor.skip(size)] } catch { throw BinaryReader.failure(error) }
  }

  @_lifetime(self: copy self)
  mutating func string() throws(AvroError) -> String {
    let range = try lengthPrefixed()
    return try BinaryReader.text(whole[range], offset: range.lowerBound)
  }

  /// Text of bytes, which have to be UTF-8: what is not would be written again as something else.
  static func text(_ bytes: Bytes, offset: Int? = nil) throws(AvroError) -> String {
    let text = bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
    guard let text else { throw .corrupt("A string is not UTF-8.", offset: offset) }
    return text
  }

  @_lifetime(self: copy self)
  mutating func lengthPrefixed() throws(AvroError) -> Range<Int> {
    let at = offset
    let length = try long()
    guard length >= 0 else { throw .corrupt("A length is negative: \(length).", offset: at) }
    guard length <= Int64(remaining) else {
      throw AvroError(.truncated, "A length of \(length) bytes where \(remaining) are left.", offset: at)
    }
    try check(Int(length), at: at)
    do { return try cursor.skip(Int(length)) } catch { throw BinaryReader.failure(error) }
  }

  @_lifetime(self: copy self)
  mutating func skip(_ count: Int) throws(AvroError) {
    do { try cursor.skip(count) } catch { throw BinaryReader.failure(error) }
  }

  private func check(_ size: Int, at place: Int) throws(AvroError) {
    guard size <= longestValue else {
      throw AvroError(
        .limitExceeded,
        "A value has \(size) bytes, more than the limit of \(longestValue) (valueBytes).",
        offset: place
      )
    }
  }

  private static func failure(_ error: ByteCursorError) -> AvroError {
    switch error.reason {
    case .truncated: AvroError(.truncated, "The data ends in the middle of a value.", offset: error.offset)
    case .varintTooLong: .corrupt("A variable-length integer is too long.", offset: error.offset)
    case .lengthOutOfRange: .corrupt("A length is out of range.", offset: error.offset)
    }
  }
}

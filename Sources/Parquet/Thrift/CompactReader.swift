import ByteBuffers

/// Reads Thrift's compact protocol as far as Parquet uses it; every length is checked and unknown fields are skipped.
///
/// Source: Apache Thrift, "Thrift compact protocol".
///
///     struct   { field-header value }* 0x00
///     field    one byte  delta << 4 | type   (delta 0: a zigzag field id follows)
///     list     one byte  size << 4 | type    (size 15: a varint size follows)
///     binary   varint length, bytes
struct CompactReader: ~Escapable {
  private var cursor: ByteCursor

  /// Nesting at which skipping gives up.
  private static let deepestSkip = 64

  enum FieldType: UInt8 {
    case booleanTrue = 1
    case booleanFalse = 2
    case byte = 3
    case int16 = 4
    case int32 = 5
    case int64 = 6
    case double = 7
    case binary = 8
    case list = 9
    case set = 10
    case map = 11
    case structure = 12
    case uuid = 13
  }

  struct Field {
    let id: Int16
    let type: FieldType
  }

  @_lifetime(copy span)
  init(_ span: RawSpan) {
    cursor = ByteCursor(span)
  }

  var offset: Int { cursor.offset }
  var remaining: Int { cursor.remaining }

  /// Reads the next field header of a struct; nil at its end.
  ///
  /// `previous` is the id of the field before, kept by the caller for each struct.
  @_lifetime(self: copy self)
  mutating func field(after previous: inout Int16) throws(ParquetError) -> Field? {
    let at = cursor.offset
    let header = try byte()
    guard header != 0 else { return nil }
    guard let type = FieldType(rawValue: header & 0x0f) else {
      throw .corrupt("Unknown Thrift type \(header & 0x0f).", offset: at)
    }
    let delta = Int16(header >> 4)
    if delta == 0 {
      previous = try int16()
    } else {
      let (next, overflow) = previous.addingReportingOverflow(delta)
      guard !overflow else { throw .corrupt("Thrift field id out of range.", offset: at) }
      previous = next
    }
    return Field(id: previous, type: type)
  }

  @_lifetime(self: copy self)
  mutating func byte() throws(ParquetError) -> UInt8 {
    do { return try cursor.byte() } catch { throw CompactReader.corrupt(error) }
  }

  @_lifetime(self: copy self)
  mutating func zigzag() throws(ParquetError) -> Int64 {
    do { return try cursor.zigzag() } catch { throw CompactReader.corrupt(error) }
  }

  @_lifetime(self: copy self)
  private mutating func int16() throws(ParquetError) -> Int16 {
    let at = cursor.offset
    guard let value = Int16(exactly: try zigzag()) else {
      throw .corrupt("Number does not fit 16 bits.", offset: at)
    }
    return value
  }

  @_lifetime(self: copy self)
  mutating func int32(_ field: Field) throws(ParquetError) -> Int32 {
    let at = cursor.offset
    guard let value = Int32(exactly: try int64(field)) else {
      throw .corrupt("Number does not fit 32 bits.", offset: at)
    }
    return value
  }

  @_lifetime(self: copy self)
  mutating func int64(_ field: Field) throws(ParquetError) -> Int64 {
    switch field.type {
    case .int16, .int32, .int64: return try zigzag()
    case .byte: return Int64(Int8(bitPattern: try byte()))
    default: throw wrongType(field, "a number")
    }
  }

  @_lifetime(self: copy self)
  mutating func boolean(_ field: Field) throws(ParquetError) -> Bool {
    switch field.type {
    case .booleanTrue: return true
    case .booleanFalse: return false
    default: throw wrongType(field, "a boolean")
    }
  }

  /// Where the bytes of a binary field lie, counted from the start of the span.
  @_lifetime(self: copy self)
  mutating func binary(_ field: Field) throws(ParquetError) -> Range<Int> {
    guard field.type == .binary else { throw wrongType(field, "binary") }
    return try binaryElement()
  }

  @_lifetime(self: copy self)
  mutating func binaryElement() throws(ParquetError) -> Range<Int> {
    do { return try cursor.lengthPrefixed() } catch { throw CompactReader.corrupt(error) }
  }

  @_lifetime(self: copy self)
  mutating func text(_ field: Field) throws(ParquetError) -> String {
    cursor.text(try binary(field))
  }

  @_lifetime(self: copy self)
  mutating func textElement() throws(ParquetError) -> String {
    cursor.text(try binaryElement())
  }

  /// Checks that a field is a struct, whose fields the caller reads next.
  func structure(_ field: Field) throws(ParquetError) {
    guard field.type == .structure else { throw wrongType(field, "a struct") }
  }

  /// Reads a list header and returns the number of elements, which the caller reads next.
  @_lifetime(self: copy self)
  mutating func list(_ field: Field, of type: FieldType) throws(ParquetError) -> Int {
    try list(field, ofEither: type, type)
  }

  /// The same for elements whose type has two numbers.
  @_lifetime(self: copy self)
  mutating func list(_ field: Field, ofEither type: FieldType, _ other: FieldType) throws(ParquetError) -> Int {
    guard field.type == .list || field.type == .set else { throw wrongType(field, "a list") }
    let at = cursor.offset
    let (count, element) = try listHeader()
    guard element == type.rawValue || element == other.rawValue || count == 0 else {
      throw .corrupt("List of Thrift type \(element) where \(type) was expected.", offset: at)
    }
    return count
  }

  @_lifetime(self: copy self)
  private mutating func listHeader() throws(ParquetError) -> (count: Int, element: UInt8) {
    let at = cursor.offset
    let header = try byte()
    var count = Int(header >> 4)
    if count == 15 {
      let long: UInt64
      do { long = try cursor.varint() } catch { throw CompactReader.corrupt(error) }
      count = Int(clamping: long)
    }
    // Every element takes at least one byte, so a longer list cannot be true.
    guard count <= cursor.remaining else {
      throw .corrupt("List of \(count) elements in \(cursor.remaining) bytes.", offset: at)
    }
    return (count, header & 0x0f)
  }

  /// Steps over a value that nobody asked for.
  @_lifetime(self: copy self)
  mutating func skip(_ type: FieldType, depth: Int = 0) throws(ParquetError) {
    guard depth < CompactReader.deepestSkip else {
      throw .corrupt("Thrift structures nested deeper than \(CompactReader.deepestSkip).", offset: offset)
    }
    switch type {
    case .booleanTrue, .booleanFalse: return
    case .byte: _ = try byte()
    case .int16, .int32, .int64: _ = try zigzag()
    case .double: try skipBytes(8)
    case .uuid: try skipBytes(16)
    case .binary: _ = try binaryElement()
    case .list, .set:
      let (count, element) = try listHeader()
      for _ in 0..<count { try skipElement(element, depth: depth) }
    case .map: try skipMap(depth: depth)
    case .structure:
      var previous: Int16 = 0
      while let field = try field(after: &previous) { try skip(field.type, depth: depth + 1) }
    }
  }

  @_lifetime(self: copy self)
  private mutating func skipMap(depth: Int) throws(ParquetError) {
    let at = cursor.offset
    let count: UInt64
    do { count = try cursor.varint() } catch { throw CompactReader.corrupt(error) }
    guard count > 0 else { return }
    guard count <= UInt64(cursor.remaining) else { throw .corrupt("Map longer than what is left.", offset: at) }
    let types = try byte()
    for _ in 0..<count {
      try skipElement(types >> 4, depth: depth)
      try skipElement(types & 0x0f, depth: depth)
    }
  }

  @_lifetime(self: copy self)
  private mutating func skipElement(_ raw: UInt8, depth: Int) throws(ParquetError) {
    guard let type = FieldType(rawValue: raw) else { throw .corrupt("Unknown Thrift type \(raw).", offset: offset) }
    // In a list a boolean takes one byte.
    if type == .booleanTrue || type == .booleanFalse {
      _ = try byte()
    } else {
      try skip(type, depth: depth + 1)
    }
  }

  @_lifetime(self: copy self)
  private mutating func skipBytes(_ count: Int) throws(ParquetError) {
    do { try cursor.skip(count) } catch { throw CompactReader.corrupt(error) }
  }

  private func wrongType(_ field: Field, _ expected: String) -> ParquetError {
    .corrupt("Thrift field \(field.id) is \(field.type), not \(expected).", offset: offset)
  }

  private static func corrupt(_ error: ByteCursorError) -> ParquetError {
    switch error.reason {
    case .truncated: .corrupt("The data ends in the middle of a structure.", offset: error.offset)
    case .varintTooLong: .corrupt("A variable-length integer is too long.", offset: error.offset)
    case .lengthOutOfRange: .corrupt("A length is larger than what is left.", offset: error.offset)
    }
  }
}

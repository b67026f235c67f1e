/// Cells of Array fields: serialized protobuf messages `ScalarField`.
///
///     ScalarField { oneof { BoolArray 1, IntArray 2 (Int8 to Int32), LongArray 3, FloatArray 4, DoubleArray 5,
///                           StringArray 6, ... }; valid_data 17 }
///     XArray      { repeated X data = 1 }                     numbers are packed, or one by one in old writers
///
/// An empty array is a member that is present and has length 0: `12 00` for integers.
public enum ScalarFieldCodec {
  /// Types that elements of an Array field may have.
  public static let elementTypes: Set<DataType> = [
    .bool, .int8, .int16, .int32, .int64, .float, .double, .varChar, .string,
  ]

  /// One element of an array.
  public enum Element {
    /// Of a Bool array.
    case bool(Bool)
    /// Of an Int8, Int16, Int32 or Int64 array.
    case integer(Int64)
    /// Of a Float array.
    case float(Float)
    /// Of a Double array.
    case double(Double)
    /// Of a VarChar array; valid during the call only.
    case text(UnsafeRawBufferPointer)
  }

  /// The number of the member that holds elements of a type; nil for types that arrays do not have.
  static func member(_ elementType: DataType) -> UInt64? {
    switch elementType {
    case .bool: 1
    case .int8, .int16, .int32: 2
    case .int64: 3
    case .float: 4
    case .double: 5
    case .varChar, .string: 6
    default: nil
    }
  }

  /// Calls `body` with each element of a cell, in order.
  ///
  /// - Parameters:
  ///   - cell: the bytes of a cell; none at all are an empty array.
  ///   - elementType: what the schema says the elements are.
  ///   - body: takes an element.
  /// - Throws: ``BackfillError/Code/dataRead`` when the bytes are no array of that type, with the offset in the cell.
  public static func forEachElement(
    of cell: UnsafeRawBufferPointer,
    _ elementType: DataType,
    _ body: (Element) -> Void
  ) throws(BackfillError) {
    guard let wanted = member(elementType) else {
      throw BackfillError(.dataRead, "Arrays of \(elementType) cannot be read.")
    }
    var outer = WireReader(cell, 0..<cell.count)
    while let field = try outer.next() {
      guard field.number >= 1, field.number <= 16 else { continue }
      guard field.number == wanted, let content = field.content else {
        throw BackfillError(
          .dataRead,
          "An array cell holds member \(field.number) of ScalarField; member \(wanted) was expected for \(elementType).",
          offset: field.offset
        )
      }
      var inner = WireReader(cell, content)
      while let value = try inner.next() {
        if value.number == 1 { try deliver(value, cell, elementType, body) }
      }
    }
  }

  private static func deliver(
    _ value: WireReader.Field,
    _ cell: UnsafeRawBufferPointer,
    _ elementType: DataType,
    _ body: (Element) -> Void
  ) throws(BackfillError) {
    if elementType == .varChar || elementType == .string {
      guard let content = value.content else { throw WireReader.malformed(value.offset) }
      body(.text(UnsafeRawBufferPointer(rebasing: cell[content])))
      return
    }
    guard let packed = value.content else {
      guard value.width == width(elementType) else { throw WireReader.malformed(value.offset) }
      body(element(value.raw, elementType))
      return
    }
    var reader = WireReader(cell, packed)
    while !reader.isAtEnd { body(element(try reader.raw(width(elementType)), elementType)) }
  }

  /// Bytes of an element on the wire; 0 for variable-length integers.
  private static func width(_ elementType: DataType) -> Int {
    switch elementType {
    case .float: 4
    case .double: 8
    default: 0
    }
  }

  private static func element(_ raw: UInt64, _ elementType: DataType) -> Element {
    switch elementType {
    case .bool: .bool(raw != 0)
    case .float: .float(Float(bitPattern: UInt32(truncatingIfNeeded: raw)))
    case .double: .double(Double(bitPattern: raw))
    case .int64: .integer(Int64(bitPattern: raw))
    default: .integer(Int64(Int32(truncatingIfNeeded: raw)))
    }
  }
}

/// Walks the fields of a protobuf message, every length checked.
struct WireReader {
  /// One field: a number, or a run of bytes.
  struct Field {
    var number: UInt64
    /// Where its tag is.
    var offset: Int
    /// The bytes of a length-delimited field.
    var content: Range<Int>?
    /// The bits of another field.
    var raw: UInt64 = 0
    /// Bytes of a fixed-width field; 0 for a variable-length integer.
    var width = 0
  }

  private let bytes: UnsafeRawBufferPointer
  private var at: Int
  private let end: Int

  /// Starts at a range that lies within the bytes.
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.bytes = bytes
    at = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { at >= end }

  static func malformed(_ offset: Int) -> BackfillError {
    BackfillError(.dataRead, "An array cell is no valid ScalarField message.", offset: offset)
  }

  mutating func next() throws(BackfillError) -> Field? {
    guard at < end else { return nil }
    let start = at
    let tag = try raw(0)
    var field = Field(number: tag >> 3, offset: start)
    switch tag & 7 {
    case 0: field.raw = try raw(0)
    case 1: (field.raw, field.width) = (try raw(8), 8)
    case 5: (field.raw, field.width) = (try raw(4), 4)
    case 2:
      let length = try raw(0)
      guard length <= UInt64(end - at) else { throw WireReader.malformed(start) }
      field.content = at..<at + Int(length)
      at += Int(length)
    default: throw WireReader.malformed(start)
    }
    return field
  }

  /// Reads a fixed-width number, or a variable-length one when the width is 0.
  mutating func raw(_ width: Int) throws(BackfillError) -> UInt64 {
    let start = at
    guard width == 0 else {
      guard width <= end - at else { throw WireReader.malformed(start) }
      at += width
      return width == 4
        ? UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
        : UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
    }
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while at < end, shift < 70 {
      let byte = bytes[at]
      at += 1
      value |= UInt64(byte & 0x7f) &<< shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw WireReader.malformed(start)
  }
}

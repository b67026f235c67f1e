public import ByteBuffers
public import Parquet

extension ScalarFieldCodec {
  /// Appends the cell of an array.
  ///
  /// - Parameters:
  ///   - elements: the elements of a list column: integers of 1 to 8 bytes, Float of 4, Double of 8, Bool of 1, or
  ///     text; none of the range may be null.
  ///   - range: the elements of this cell.
  ///   - elementType: what the schema says the elements are.
  ///   - out: takes the bytes.
  /// - Throws: ``BackfillError/Code/dataRead`` when the elements do not fit the type.
  public static func encode(
    _ elements: Column,
    _ range: Range<Int>,
    as elementType: DataType,
    to out: inout ByteWriter
  ) throws(BackfillError) {
    guard let member = member(elementType) else {
      throw BackfillError(.dataRead, "Arrays of \(elementType) cannot be written.")
    }
    if elements.validity != nil, let hole = range.first(where: { !elements.isValid($0) }) {
      throw BackfillError(.dataRead, "Element \(hole - range.lowerBound) of an array is null.")
    }
    out.append(UInt8(member << 3 | 2))
    guard !range.isEmpty else {
      out.append(0)
      return
    }
    switch elements.storage {
    case .variable(let offsets, _) where member == 6: encodeText(elements, offsets, range, to: &out)
    case .fixed(let values, let width) where member != 6 && isWidth(width, of: elementType):
      encodeNumbers(values.base + range.lowerBound * width, range.count, width, elementType, to: &out)
    default:
      throw BackfillError(.dataRead, "The elements of an array cannot be stored as \(elementType).")
    }
  }

  private static func isWidth(_ width: Int, of elementType: DataType) -> Bool {
    switch elementType {
    case .bool: width == 1
    case .float: width == 4
    case .double: width == 8
    default: [1, 2, 4, 8].contains(width)
    }
  }

  private static func encodeText(_ elements: Column, _ offsets: Bytes, _ range: Range<Int>, to out: inout ByteWriter) {
    var inner = 0
    for row in range {
      let length = offsets.length(of: row)
      inner += 1 + varintSize(UInt64(length)) + length
    }
    out.append(varint: UInt64(inner))
    for row in range {
      out.append(0x0a)
      out.append(varint: UInt64(offsets.length(of: row)))
      out.append(elements.bytes(at: row))
    }
  }

  private static func encodeNumbers(
    _ values: UnsafeRawPointer,
    _ count: Int,
    _ width: Int,
    _ elementType: DataType,
    to out: inout ByteWriter
  ) {
    let isFixed = elementType == .float || elementType == .double || elementType == .bool
    var packed = count * width
    if !isFixed {
      packed = 0
      for index in 0..<count { packed += varintSize(UInt64(bitPattern: integer(values, index, width))) }
    }
    out.append(varint: UInt64(1 + varintSize(UInt64(packed)) + packed))
    out.append(0x0a)
    out.append(varint: UInt64(packed))
    if isFixed {
      out.append(UnsafeRawBufferPointer(start: values, count: packed))
      return
    }
    for index in 0..<count { out.append(varint: UInt64(bitPattern: integer(values, index, width))) }
  }

  /// A signed integer of 1, 2, 4 or 8 bytes.
  private static func integer(_ values: UnsafeRawPointer, _ index: Int, _ width: Int) -> Int64 {
    switch width {
    case 1: Int64(values.load(fromByteOffset: index, as: Int8.self))
    case 2: Int64(values.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self))
    case 4: Int64(values.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self))
    default: values.loadUnaligned(fromByteOffset: 8 * index, as: Int64.self)
    }
  }

  private static func varintSize(_ value: UInt64) -> Int {
    value == 0 ? 1 : (UInt64.bitWidth - value.leadingZeroBitCount + 6) / 7
  }
}

extension Bytes {
  /// Length of a slot of a variable-width column whose offsets these bytes are.
  fileprivate func length(of row: Int) -> Int {
    let bounds = base.assumingMemoryBound(to: Int32.self)
    return Int(bounds[row + 1]) - Int(bounds[row])
  }
}

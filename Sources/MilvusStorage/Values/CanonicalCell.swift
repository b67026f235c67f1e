internal import ByteBuffers
public import Parquet

/// Cells as canonical JSON: one text for one value, so that dumps of the same rows are equal byte for byte.
///
/// | type | form |
/// |---|---|
/// | integers, Bool | `7`, `true` |
/// | Float, Double | shortest exact double, or `"NaN"`, `"inf"`, `"-inf"`, `"-0.0"` |
/// | text | a string; bytes that are not UTF-8 are `"0x..."` |
/// | JSON, `$meta` | a string that holds the JSON text |
/// | Array | a list |
/// | vectors, Geometry | `"0x..."` |
public enum CanonicalCell {
  /// Appends a cell.
  ///
  /// - Parameters:
  ///   - column: values of the field as they were read.
  ///   - row: the row in that column.
  ///   - field: the field.
  ///   - out: takes the JSON text.
  /// - Throws: ``BackfillError/Code/dataRead`` when an Array cell is malformed or the column does not fit the field.
  public static func append(
    _ column: Column,
    row: Int,
    field: FieldSchema,
    to out: inout [UInt8]
  ) throws(BackfillError) {
    guard column.isValid(row) else {
      out.append(contentsOf: "null".utf8)
      return
    }
    switch column.storage {
    case .fixed(let values, let width):
      let cell = UnsafeRawBufferPointer(start: values.base + row * width, count: width)
      try appendFixed(cell, field, to: &out)
    case .variable:
      try column.bytes(at: row).withUnsafeBytes { (cell) throws(BackfillError) in
        try appendVariable(cell, field, to: &out)
      }
    case .list, .structure, .dictionary:
      throw BackfillError(.dataRead, "The column is a list; \(field.dataType) was expected.", field: field.name)
    }
  }

  private static func appendFixed(
    _ cell: UnsafeRawBufferPointer,
    _ field: FieldSchema,
    to out: inout [UInt8]
  ) throws(BackfillError) {
    switch (field.dataType, cell.count) {
    case (.bool, 1): out.append(contentsOf: (cell[0] != 0 ? "true" : "false").utf8)
    case (.int8, 4), (.int16, 4), (.int32, 4):
      out.append(contentsOf: "\(cell.loadUnaligned(as: Int32.self))".utf8)
    case (.int64, 8), (.timestamptz, 8): out.append(contentsOf: "\(cell.loadUnaligned(as: Int64.self))".utf8)
    case (.float, 4): append(Double(cell.loadUnaligned(as: Float.self)), to: &out)
    case (.double, 8): append(cell.loadUnaligned(as: Double.self), to: &out)
    case (let type, _) where type.isDenseVector: append(hex: cell, to: &out)
    default:
      throw BackfillError(
        .dataRead,
        "A cell of \(cell.count) bytes is no \(field.dataType).",
        field: field.name
      )
    }
  }

  private static func appendVariable(
    _ cell: UnsafeRawBufferPointer,
    _ field: FieldSchema,
    to out: inout [UInt8]
  ) throws(BackfillError) {
    switch field.dataType {
    case .array:
      do {
        try appendArray(cell, field.elementType, to: &out)
      } catch {
        throw error.located(field: field.name)
      }
    case .geometry: append(hex: cell, to: &out)
    case let type where type.isVector: append(hex: cell, to: &out)
    default: append(text: cell, to: &out)
    }
  }

  private static func appendArray(
    _ cell: UnsafeRawBufferPointer,
    _ elementType: DataType,
    to out: inout [UInt8]
  ) throws(BackfillError) {
    out.append(UInt8(ascii: "["))
    var isFirst = true
    try ScalarFieldCodec.forEachElement(of: cell, elementType) { element in
      if !isFirst { out.append(UInt8(ascii: ",")) }
      isFirst = false
      switch element {
      case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
      case .integer(let value): out.append(contentsOf: "\(value)".utf8)
      case .float(let value): append(Double(value), to: &out)
      case .double(let value): append(value, to: &out)
      case .text(let bytes): append(text: bytes, to: &out)
      }
    }
    out.append(UInt8(ascii: "]"))
  }

  /// Appends a number; `description` is the shortest text that reads back as the same double.
  static func append(_ value: Double, to out: inout [UInt8]) {
    if value.isNaN {
      out.append(contentsOf: "\"NaN\"".utf8)
    } else if value.isInfinite {
      out.append(contentsOf: (value > 0 ? "\"inf\"" : "\"-inf\"").utf8)
    } else if value == 0, value.sign == .minus {
      out.append(contentsOf: "\"-0.0\"".utf8)
    } else {
      out.append(contentsOf: value.description.utf8)
    }
  }

  /// Appends bytes as a JSON string: as text where they are UTF-8, else in hexadecimal.
  static func append(text bytes: UnsafeRawBufferPointer, to out: inout [UInt8]) {
    guard bytes.isEmpty || UTF8.isValid(bytes) else {
      append(hex: bytes, to: &out)
      return
    }
    out.append(UInt8(ascii: "\""))
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): out.append(contentsOf: [UInt8(ascii: "\\"), byte])
      case 0x08: out.append(contentsOf: "\\b".utf8)
      case 0x09: out.append(contentsOf: "\\t".utf8)
      case 0x0a: out.append(contentsOf: "\\n".utf8)
      case 0x0c: out.append(contentsOf: "\\f".utf8)
      case 0x0d: out.append(contentsOf: "\\r".utf8)
      case 0..<0x20: out.append(contentsOf: [0x5c, 0x75, 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }

  /// Appends bytes as `"0x..."`.
  static func append(hex bytes: UnsafeRawBufferPointer, to out: inout [UInt8]) {
    out.append(contentsOf: "\"0x".utf8)
    for byte in bytes {
      out.append(digits[Int(byte >> 4)])
      out.append(digits[Int(byte & 15)])
    }
    out.append(UInt8(ascii: "\""))
  }

  private static let digits = Array("0123456789abcdef".utf8)
}

extension UTF8 {
  /// Whether bytes are well-formed UTF-8.
  fileprivate static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var parser = ForwardParser()
    var iterator = bytes.makeIterator()
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid: continue
      case .emptyInput: return true
      case .error: return false
      }
    }
  }
}

internal import ByteBuffers

/// Appends values to a buffer as their schema says.
struct ValueWriter {
  private let table: SchemaTable
  private let limits: AvroLimits

  init(_ table: SchemaTable, limits: AvroLimits) {
    self.table = table
    self.limits = limits
  }

  func append(_ value: AvroValue, _ index: Int, depth: Int, to output: inout ByteWriter) throws(AvroError) {
    guard depth <= limits.depth else {
      throw AvroError(.limitExceeded, "The value is nested deeper than \(limits.depth) levels (depth).")
    }
    switch (table.types[index].shape, value) {
    case (.null, .null): break
    case (.boolean, .boolean(let value)): output.append(UInt8(value ? 1 : 0))
    case (.int, .int(let value)): output.append(zigzag: Int64(value))
    case (.long, .long(let value)): output.append(zigzag: value)
    case (.float, .float(let value)): output.append(integer: value.bitPattern)
    case (.double, .double(let value)): output.append(integer: value.bitPattern)
    case (.bytes, .bytes(let value)):
      output.append(zigzag: Int64(value.count))
      output.append(value)
    case (.string, .string(let text)): ValueWriter.append(text, to: &output)
    case (.fixed(let fixed), .fixed(let value)):
      guard value.count == fixed.size else {
        throw ValueWriter.failure("The \(label(index)) has \(fixed.size) bytes, and the value has \(value.count).")
      }
      output.append(value)
    case (.enumeration(let enumeration), .enumeration(let symbol)):
      guard let position = enumeration.index(of: symbol) else {
        throw ValueWriter.failure("The \(label(index)) has no symbol '\(symbol)'.")
      }
      output.append(zigzag: Int64(position))
    case (.array(let items), .array(let elements)): try append(elements, items, depth: depth + 1, to: &output)
    case (.map(let values), .map(let map)): try append(map, values, depth: depth + 1, to: &output)
    case (.record(let shape), .record(let record)): try append(record, shape, depth: depth + 1, to: &output)
    case (.union(let branches), .union(let position, let value)):
      guard branches.indices.contains(position) else {
        throw ValueWriter.failure("The union has \(branches.count) branches, and the value is of branch \(position).")
      }
      output.append(zigzag: Int64(position))
      try append(value, branches[position], depth: depth + 1, to: &output)
    case (.union(let branches), _):
      guard let position = branches.firstIndex(where: { fits(value, table.types[$0].shape) }) else {
        throw ValueWriter.failure("No branch of the union is of the type \(value.kind.rawValue).")
      }
      output.append(zigzag: Int64(position))
      try append(value, branches[position], depth: depth + 1, to: &output)
    default:
      throw ValueWriter.failure("The value is \(value.kind.rawValue), and the schema has the type \(label(index)).")
    }
  }

  /// Whether a value is meant for a branch of a union; what is inside it is not looked at.
  private func fits(_ value: AvroValue, _ shape: SchemaShape) -> Bool {
    switch (value, shape) {
    case (.record(let record), .record(let wanted)): record.shape.name.full == wanted.name.full
    case (.enumeration(let symbol), .enumeration(let wanted)): wanted.index(of: symbol) != nil
    case (.fixed(let bytes), .fixed(let wanted)): bytes.count == wanted.size
    default: value.kind == shape.kind
    }
  }

  private func label(_ index: Int) -> String { AvroSchema(table, index).label }

  private static func failure(_ message: String) -> AvroError { AvroError(.invalidArgument, message) }

  static func append(_ text: String, to output: inout ByteWriter) {
    var text = text
    text.withUTF8 { utf8 in
      output.append(zigzag: Int64(utf8.count))
      output.append(UnsafeRawBufferPointer(utf8))
    }
  }

  private func append(
    _ elements: [AvroValue],
    _ items: Int,
    depth: Int,
    to output: inout ByteWriter
  ) throws(AvroError) {
    if !elements.isEmpty { output.append(zigzag: Int64(elements.count)) }
    for (position, element) in elements.enumerated() {
      do throws(AvroError) {
        try append(element, items, depth: depth, to: &output)
      } catch {
        throw error.inside(AvroError.step(position))
      }
    }
    output.append(UInt8(0))
  }

  private func append(_ map: AvroMap, _ values: Int, depth: Int, to output: inout ByteWriter) throws(AvroError) {
    if !map.entries.isEmpty { output.append(zigzag: Int64(map.entries.count)) }
    for entry in map.entries {
      ValueWriter.append(entry.key, to: &output)
      do throws(AvroError) {
        try append(entry.value, values, depth: depth, to: &output)
      } catch {
        throw error.inside(AvroError.step(key: entry.key))
      }
    }
    output.append(UInt8(0))
  }

  private func append(
    _ record: AvroRecord,
    _ shape: RecordShape,
    depth: Int,
    to output: inout ByteWriter
  ) throws(AvroError) {
    try check(record, shape)
    for (position, field) in shape.fields.enumerated() {
      do throws(AvroError) {
        let index = record.shape === shape ? position : record.shape.index(of: field.name) ?? position
        try append(record.values[index], field.type, depth: depth, to: &output)
      } catch {
        throw error.inside(field.name)
      }
    }
  }

  /// A record of another schema has to have the same name and the same fields, lest something be lost.
  private func check(_ record: AvroRecord, _ shape: RecordShape) throws(AvroError) {
    if record.shape === shape { return }
    guard record.shape.name.full == shape.name.full else {
      throw ValueWriter.failure("The record is \(record.shape.name.full), and the schema has \(shape.name.full).")
    }
    let missing = shape.fields.first { record.shape.index(of: $0.name) == nil }
    guard missing == nil, record.shape.fields.count == shape.fields.count else {
      throw ValueWriter.failure(
        "The record \(shape.name.full) has other fields than the schema" + (missing.map { ": no '\($0.name)'." } ?? ".")
      )
    }
  }
}

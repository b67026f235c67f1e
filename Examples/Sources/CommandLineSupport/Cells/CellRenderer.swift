public import Backfill

/// Writes the cells of one column: values, lists, maps and structures of any depth.
public struct CellRenderer: Sendable {
  /// What a slot of the column, or of a column within it, is made of.
  private indirect enum Part: Sendable {
    case values(CellKind)
    /// Fields, each with its name as it stands in JSON, comma and colon included.
    case structure([(key: [UInt8], part: Part)])
    case list(Part)
    case map(key: Part, value: Part)
  }

  /// Bytes of a decimal that is still shown as one: the work grows with their square.
  private static let widestDecimal = 1 << 16

  private let part: Part
  private let form: CellForm

  /// Creates a renderer of a field.
  ///
  /// - Parameters:
  ///   - shape: the field as it is delivered.
  ///   - form: how cells are written.
  public init(_ shape: FieldShape, _ form: CellForm) {
    part = CellRenderer.part(shape)
    self.form = form
  }

  /// Creates a renderer of single values.
  ///
  /// - Parameters:
  ///   - kind: what the slots mean.
  ///   - form: how they are written.
  public init(_ kind: CellKind, _ form: CellForm) {
    part = .values(kind)
    self.form = form
  }

  private static func part(_ shape: FieldShape) -> Part {
    switch shape.kind {
    case .values(let leaf): return .values(CellKind(leaf))
    case .list(let element): return .list(part(element))
    case .map(let key, let value): return .map(key: part(key), value: part(value))
    case .structure(let fields):
      return .structure(
        fields.enumerated().map { index, field in
          var key: [UInt8] = index > 0 ? [UInt8(ascii: ",")] : []
          key.append(jsonString: field.name)
          key.append(UInt8(ascii: ":"))
          return (key, part(field))
        }
      )
    }
  }

  /// Appends one cell; a null is `null`, a list an array, a map an array of pairs, a structure an object.
  ///
  /// - Parameters:
  ///   - column: where the cell is.
  ///   - row: its slot.
  ///   - out: what it is appended to.
  /// - Throws: ``ProgramFailure`` for a timestamp that no timestamp of 64 bits can be.
  public func append(_ column: Column, row: Int, to out: inout [UInt8]) throws {
    try append(column, row, part, to: &out, isQuoted: form != .text)
  }

  private func append(
    _ column: Column,
    _ row: Int,
    _ part: Part,
    to out: inout [UInt8],
    isQuoted: Bool
  ) throws {
    guard column.isValid(row) else {
      out.append(text: "null")
      return
    }
    switch part {
    case .values(let kind):
      let value = column.bytes(at: row)
      try value.withUnsafeBytes { try append($0, kind, to: &out, isQuoted: isQuoted) }
    case .structure(let fields):
      out.append(UInt8(ascii: "{"))
      for (field, values) in zip(fields, column.fields) {
        out.append(contentsOf: field.key)
        try append(values, row, field.part, to: &out, isQuoted: true)
      }
      out.append(UInt8(ascii: "}"))
    case .list(let element):
      guard let elements = column.elements else { return }
      try appendList(column.elementRange(at: row), to: &out) { slot, out in
        try append(elements, slot, element, to: &out, isQuoted: true)
      }
    case .map(let key, let value):
      guard let entries = column.elements?.fields, entries.count == 2 else { return }
      try appendList(column.elementRange(at: row), to: &out) { slot, out in
        out.append(UInt8(ascii: "["))
        try append(entries[0], slot, key, to: &out, isQuoted: true)
        out.append(UInt8(ascii: ","))
        try append(entries[1], slot, value, to: &out, isQuoted: true)
        out.append(UInt8(ascii: "]"))
      }
    }
  }

  private func appendList(
    _ range: Range<Int>,
    to out: inout [UInt8],
    _ element: (Int, inout [UInt8]) throws -> Void
  ) throws {
    out.append(UInt8(ascii: "["))
    for slot in range {
      if slot > range.lowerBound { out.append(UInt8(ascii: ",")) }
      try element(slot, &out)
    }
    out.append(UInt8(ascii: "]"))
  }

  /// Appends the value that lies in the bytes of one slot.
  private func append(
    _ slot: UnsafeRawBufferPointer,
    _ kind: CellKind,
    to out: inout [UInt8],
    isQuoted: Bool
  ) throws {
    switch kind {
    case .boolean:
      out.append(text: slot.first == 0 ? "false" : "true")
    case .signed:
      out.append(text: integer(slot).description)
    case .unsigned:
      out.append(text: unsigned(slot).description)
    case .float16:
      // Half precision is widened: not every platform has the type.
      append(double: widen(half: UInt16(truncatingIfNeeded: unsigned(slot))), nil, to: &out, isQuoted)
    case .float:
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: unsigned(slot)))
      append(double: Double(value), form == .canonical ? nil : value, to: &out, isQuoted)
    case .double:
      append(double: Double(bitPattern: unsigned(slot)), nil, to: &out, isQuoted)
    case .bytes:
      append(bytes: slot, to: &out, isQuoted)
    case .decimal(_, isBytes: true) where slot.count > CellRenderer.widestDecimal:
      append(bytes: slot, to: &out, isQuoted)
    case .uuid where form == .canonical:
      append(bytes: slot, to: &out, isQuoted)
    default:
      let text = try form == .canonical ? kind.canonicalText(slot) : kind.displayText(slot)
      append(text: text, to: &out, isQuoted)
    }
  }

  private func append(text: String, to out: inout [UInt8], _ isQuoted: Bool) {
    isQuoted ? out.append(jsonString: text) : out.append(text: text)
  }

  private func append(double value: Double, _ single: Float?, to out: inout [UInt8], _ isQuoted: Bool) {
    if let single, value.isFinite, !(value == 0 && value.sign == .minus) {
      out.append(text: single.description)
    } else if isQuoted {
      out.append(json: value)
    } else {
      out.append(text: value.isNaN ? "NaN" : value.description)
    }
  }

  private func append(bytes: UnsafeRawBufferPointer, to out: inout [UInt8], _ isQuoted: Bool) {
    if form == .canonical, bytes.count > 256 {
      append(text: canonicalDigest(bytes), to: &out, isQuoted)
    } else if String(validating: bytes, as: UTF8.self) != nil {
      isQuoted ? out.append(jsonString: bytes) : out.append(contentsOf: bytes)
    } else {
      if isQuoted { out.append(UInt8(ascii: "\"")) }
      out.append(hex: bytes)
      if isQuoted { out.append(UInt8(ascii: "\"")) }
    }
  }
}

internal import ByteBuffers
internal import Parquet

/// Makes columns out of constants and out of pieces.
enum ColumnAssembly {
  /// Bytes of one cell of a field whose cells all have one width, else nil.
  static func cellWidth(_ field: FieldSchema) -> Int? {
    if let bytes = field.vectorByteCount { return bytes }
    switch field.dataType {
    case .bool: return 1
    case .int8, .int16, .int32, .float: return 4
    case .int64, .double, .timestamptz: return 8
    default: return nil
    }
  }

  /// Rows of a field that have no file: the default value, or null.
  static func missing(_ field: FieldSchema, count: Int) throws(BackfillError) -> Column {
    var cell: [UInt8]?
    switch (field.dataType, field.defaultValue) {
    case (_, nil): cell = nil
    case (_, .bool(let value)): cell = [value ? 1 : 0]
    case (.int64, .integer(let value)), (.timestamptz, .integer(let value)): cell = bytes(value)
    case (_, .integer(let value)): cell = bytes(Int32(truncatingIfNeeded: value))
    case (.float, .double(let value)): cell = bytes(Float(value).bitPattern)
    case (_, .double(let value)): cell = bytes(value.bitPattern)
    case (_, .bytes(let value)): cell = value
    }
    let width = cellWidth(field)
    if let known = cell, let width, known.count != width {
      throw BackfillError(.schemaValidation, "The default value is no \(field.dataType).", field: field.name)
    }
    let length = try product(width ?? cell?.count ?? 0, count, field)
    let data = filled(length, with: cell ?? [0])
    let validity = cell == nil ? Validity(bits: filled((count + 7) / 8, with: [0]), nullCount: count) : nil
    if let width { return Column(count: count, validity: validity, storage: .fixed(data, width: width)) }
    let step = cell?.count ?? 0
    let offsets = AlignedBuffer(capacity: 4 * (count + 1))
    for row in 0...count { offsets.base.storeBytes(of: Int32(row * step), toByteOffset: 4 * row, as: Int32.self) }
    let places = Bytes(offsets, count: 4 * (count + 1))
    return Column(count: count, validity: validity, storage: .variable(offsets: places, data: data))
  }

  private static func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  /// Offsets of a column are 32-bit numbers, so that is how much a piece may hold.
  private static func product(_ width: Int, _ count: Int, _ field: FieldSchema) throws(BackfillError) -> Int {
    guard let length = try? checkedMultiply(width, count), length <= Int(Int32.max) else { throw tooLarge(field) }
    return length
  }

  private static func tooLarge(_ field: FieldSchema) -> BackfillError {
    BackfillError(.dataRead, "More than 2 GiB of values were asked for at once; ask for fewer rows.", field: field.name)
  }

  private static func filled(_ length: Int, with cell: [UInt8]) -> Bytes {
    let block = AlignedBuffer(capacity: length)
    if cell.count == 1 || cell.isEmpty {
      block.base.initializeMemory(as: UInt8.self, repeating: cell.first ?? 0, count: length)
    } else {
      cell.withUnsafeBytes { source in
        guard let start = source.baseAddress else { return }
        for at in stride(from: 0, to: length, by: cell.count) {
          (block.base + at).copyMemory(from: start, byteCount: cell.count)
        }
      }
    }
    return Bytes(block, count: length)
  }

  /// A dense vector column in its one form, fixed-width cells; nullable ones are stored as variable ones.
  static func fixedWidth(_ column: Column, _ field: FieldSchema) throws(BackfillError) -> Column {
    guard let width = field.vectorByteCount, case .variable = column.storage else { return column }
    let length = try product(width, column.count, field)
    let block = AlignedBuffer(capacity: length)
    for row in 0..<column.count {
      let cell = column.bytes(at: row)
      let place = block.base + row * width
      guard column.isValid(row) else {
        place.initializeMemory(as: UInt8.self, repeating: 0, count: width)
        continue
      }
      guard cell.count == width else {
        throw BackfillError(
          .dataRead,
          "A vector has \(cell.count) bytes; \(field.dataType) of dim \(field.dimension ?? 0) has \(width).",
          field: field.name
        )
      }
      place.copyMemory(from: cell.base, byteCount: width)
    }
    return Column(
      count: column.count,
      validity: column.validity,
      storage: .fixed(Bytes(block, count: length), width: width)
    )
  }

  /// Joins pieces of one field, all of one layout, in their order.
  static func joined(_ pieces: [Column], _ field: FieldSchema) throws(BackfillError) -> Column {
    guard pieces.count != 1 else { return pieces[0] }
    let count = pieces.reduce(0) { $0 + $1.count }
    let validity = joinedValidity(pieces, count)
    var out = ByteWriter(capacity: pieces.reduce(0) { $0 + $1.byteCount })
    guard let width = cellWidth(field) else {
      return try joinedVariable(pieces, count, validity, field)
    }
    for piece in pieces {
      guard case .fixed(let values, width) = piece.storage else { throw layout(field) }
      out.append(values[0..<piece.count * width])
    }
    return Column(count: count, validity: validity, storage: .fixed(out.take(), width: width))
  }

  private static func layout(_ field: FieldSchema) -> BackfillError {
    BackfillError(.dataRead, "Two files of the field hold columns of different layouts.", field: field.name)
  }

  private static func joinedVariable(
    _ pieces: [Column],
    _ count: Int,
    _ validity: Validity?,
    _ field: FieldSchema
  ) throws(BackfillError) -> Column {
    var data = ByteWriter(capacity: pieces.reduce(0) { $0 + $1.byteCount })
    let offsets = AlignedBuffer(capacity: 4 * (count + 1))
    let places = offsets.base.assumingMemoryBound(to: Int32.self)
    places[0] = 0
    var row = 0
    for piece in pieces {
      guard case .variable(let bounds, let values) = piece.storage else { throw layout(field) }
      let old = bounds.base.assumingMemoryBound(to: Int32.self)
      let used = Int(old[0])..<Int(old[piece.count])
      guard data.count + used.count <= Int(Int32.max) else { throw tooLarge(field) }
      let shift = Int32(data.count) - old[0]
      for index in 0..<piece.count { places[row + 1 + index] = old[index + 1] + shift }
      data.append(values[used])
      row += piece.count
    }
    let bytes = Bytes(offsets, count: 4 * (count + 1))
    return Column(count: count, validity: validity, storage: .variable(offsets: bytes, data: data.take()))
  }

  private static func joinedValidity(_ pieces: [Column], _ count: Int) -> Validity? {
    let nulls = pieces.reduce(0) { $0 + $1.nullCount }
    guard nulls > 0 else { return nil }
    let block = AlignedBuffer(capacity: (count + 7) / 8)
    block.base.initializeMemory(as: UInt8.self, repeating: 0, count: (count + 7) / 8)
    let bits = block.base.assumingMemoryBound(to: UInt8.self)
    var row = 0
    for piece in pieces {
      for index in 0..<piece.count {
        if piece.isValid(index) { bits[row >> 3] |= 1 << UInt8(row & 7) }
        row += 1
      }
    }
    return Validity(bits: Bytes(block, count: (count + 7) / 8), nullCount: nulls)
  }
}

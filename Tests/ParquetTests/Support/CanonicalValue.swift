import ByteBuffers
import Crypto
import Parquet

/// A cell, either as the truth states it or as the reader delivers it.
enum CanonicalValue: Equatable, CustomStringConvertible, Sendable {
  case null
  case boolean(Bool)
  case whole(Int128)
  case real(Double)
  case text(String)
  case list([CanonicalValue])
  case structure(names: [String], values: [CanonicalValue])

  static func == (left: CanonicalValue, right: CanonicalValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.boolean(let a), .boolean(let b)): a == b
    case (.whole(let a), .whole(let b)): a == b
    case (.real(let a), .real(let b)): a == b
    case (.whole(let a), .real(let b)), (.real(let b), .whole(let a)): Double(a) == b
    // Bytewise: strings that are canonically equivalent differ.
    case (.text(let a), .text(let b)): a.utf8.elementsEqual(b.utf8)
    case (.list(let a), .list(let b)): a == b
    case (.structure(let names, let a), .structure(let others, let b)): names == others && a == b
    default: false
    }
  }

  var description: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .whole(let value): "\(value)"
    case .real(let value): "\(value)"
    case .text(let value): "'\(value)'"
    case .list(let values): "\(values)"
    case .structure(let names, let values): "{\(zip(names, values).map { "\($0): \($1)" }.joined(separator: ", "))}"
    }
  }
}

/// Rows of a file by the truth or by the reader.
struct CanonicalTable: Sendable {
  var columns: [String]
  var rows: [[CanonicalValue]]

  /// The first difference, or nil.
  func difference(from truth: CanonicalTable) -> String? {
    guard columns == truth.columns else { return "columns are \(columns), not \(truth.columns)" }
    guard rows.count == truth.rows.count else { return "\(rows.count) rows instead of \(truth.rows.count)" }
    for (index, (own, expected)) in zip(rows, truth.rows).enumerated() where own != expected {
      guard own.count == expected.count else { return "row \(index) has \(own.count) cells" }
      let field = own.indices.first { own[$0] != expected[$0] } ?? 0
      return "row \(index), \(columns[field]): \(own[field]) instead of \(expected[field])"
    }
    return nil
  }
}

/// Reads all rows of a file, in batches that `limit` asks for.
func readTable(
  _ source: any RandomAccessSource,
  options: ReaderOptions = ReaderOptions(),
  selection: RowSelection = RowSelection(),
  mostRows: Int = .max,
  limit: () -> Int
) async throws(ParquetError) -> CanonicalTable {
  let reader = try await NativeParquetCodec(readerOptions: options).openReader(source)
  let schema = reader.metadata.schema
  let fields = selection.fields ?? Array(schema.fields.indices)
  let shapes = fields.map { schema.shapes[$0] }
  var table = CanonicalTable(columns: fields.map { schema.fields[$0].name }, rows: [])
  let batches = try reader.rows(selection)
  var isLast = false
  while table.rows.count < mostRows {
    let wanted = limit()
    guard let batch = try await batches.next(limit: wanted) else { break }
    guard batch.rowCount <= wanted, !isLast, batch.columns.allSatisfy({ $0.count == batch.rowCount }) else {
      throw ParquetError(.corrupt, "The reader returned a batch of another size than it says.")
    }
    // Only the last batch may have fewer rows than asked for.
    isLast = batch.rowCount < wanted && options.limits.memoryBytes == ReaderLimits().memoryBytes && options.threads == 1
    for row in 0..<batch.rowCount {
      table.rows.append(
        zip(batch.columns, shapes).map { cell($0, row, $1) }
      )
    }
  }
  return table
}

private func cell(_ column: Column, _ row: Int, _ shape: FieldShape) -> CanonicalValue {
  guard column.isValid(row) else { return .null }
  switch shape.kind {
  case .values(let leaf): return value(column.bytes(at: row).array, leaf)
  case .structure(let fields):
    return .structure(names: fields.map(\.name), values: zip(column.fields, fields).map { cell($0, row, $1) })
  case .list(let element):
    return .list(
      column.elementRange(at: row).map { index in column.elements.map { cell($0, index, element) } ?? .null }
    )
  case .map(let key, let value):
    let entries = column.elements?.fields ?? []
    return .list(
      column.elementRange(at: row).map { index in
        .list(zip(entries, [key, value]).map { cell($0, index, $1) })
      }
    )
  }
}

private func value(_ bytes: [UInt8], _ leaf: LeafColumn) -> CanonicalValue {
  let raw = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
  let signed = leaf.type == .int32 ? Int64(Int32(truncatingIfNeeded: raw)) : Int64(bitPattern: raw)
  switch (leaf.type, leaf.node.logicalType) {
  case (.boolean, _): return .boolean(raw != 0)
  case (.int32, .decimal(let scale, _)), (.int64, .decimal(let scale, _)): return decimal(Int128(signed), scale)
  case (.byteArray, .decimal(let scale, _)), (.fixedLengthByteArray, .decimal(let scale, _)):
    let first: Int128 = (bytes.first ?? 0) >= 0x80 ? -1 : 0
    return decimal(bytes.reduce(first) { $0 << 8 | Int128($1) }, scale)
  case (.int32, .date): return .text("date:\(signed)")
  case (.int32, .time), (.int64, .time(_, .microseconds)), (.int64, .time(_, .nanoseconds)):
    return .text("time:\(Int128(signed) * nanoseconds(leaf.node.logicalType))")
  case (.int64, .timestamp): return .text("ts:\(Int128(signed) * nanoseconds(leaf.node.logicalType))")
  case (.int32, .integer(_, false)), (.int64, .integer(_, false)): return .whole(Int128(raw))
  case (.int32, _), (.int64, _): return .whole(Int128(signed))
  case (.int96, _):
    let day = Int64(Int32(truncatingIfNeeded: bytes[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) })) - 2_440_588
    // Microseconds wrap at 64 bits, as with the writers of this type.
    let micros = (day &* 86_400_000_000) &+ signed / 1000
    return .text("ts:\(Int128(micros) * 1000 + Int128(signed % 1000))")
  case (.float, _): return real(Double(Float(bitPattern: UInt32(raw))))
  case (.double, _): return real(Double(bitPattern: raw))
  case (.fixedLengthByteArray, .float16): return real(half(UInt16(truncatingIfNeeded: raw)))
  default: return text(bytes)
  }
}

private func nanoseconds(_ type: LogicalType?) -> Int128 {
  switch type {
  case .time(_, .milliseconds), .timestamp(_, .milliseconds): 1_000_000
  case .time(_, .microseconds), .timestamp(_, .microseconds): 1000
  default: 1
  }
}

private func half(_ bits: UInt16) -> Double {
  let sign: Double = bits & 0x8000 == 0 ? 1 : -1
  let fraction = Double(bits & 0x3ff) / 1024
  let exponent = Int(bits >> 10) & 31
  if exponent == 31 { return fraction == 0 ? sign * .infinity : .nan }
  var scale = 1.0
  for _ in 0..<abs(max(exponent, 1) - 15) { scale *= max(exponent, 1) > 15 ? 2 : 0.5 }
  return sign * scale * (exponent == 0 ? fraction : 1 + fraction)
}

private func real(_ value: Double) -> CanonicalValue {
  if value.isNaN { return .text("NaN") }
  if value.isInfinite { return .text(value > 0 ? "inf" : "-inf") }
  return value == 0 && value.sign == .minus ? .text("-0.0") : .real(value)
}

private func decimal(_ unscaled: Int128, _ scale: Int32) -> CanonicalValue {
  var digits = String(unscaled.magnitude)
  if scale > 0 {
    digits = String(repeating: "0", count: max(0, Int(scale) + 1 - digits.count)) + digits
    digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -Int(scale)))
    while digits.hasSuffix("0") { digits.removeLast() }
    if digits.hasSuffix(".") { digits.removeLast() }
  }
  return .text("dec:\(unscaled < 0 ? "-" : "")\(digits)")
}

private func text(_ bytes: [UInt8]) -> CanonicalValue {
  func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
  if bytes.count > 256 { return .text("sha256:\(bytes.count):\(hex(SHA256.hash(data: bytes)))") }
  return .text(String(validating: bytes, as: UTF8.self) ?? "0x\(hex(bytes))")
}

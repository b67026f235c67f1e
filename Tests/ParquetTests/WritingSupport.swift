import ByteBuffers
import Foundation

@testable import Parquet

/// One value of a test table, as readers are to give it back.
indirect enum Datum: Hashable, Sendable {
  case null
  /// The value's bytes: little-endian numbers, 0 or 1 for booleans.
  case value([UInt8])
  case list([Datum])

  static func int32(_ number: Int32) -> Datum { .value(withUnsafeBytes(of: number.littleEndian) { Array($0) }) }
  static func int64(_ number: Int64) -> Datum { .value(withUnsafeBytes(of: number.littleEndian) { Array($0) }) }
  static func float(_ number: Float) -> Datum { int32(Int32(bitPattern: number.bitPattern)) }
  static func double(_ number: Double) -> Datum { int64(Int64(bitPattern: number.bitPattern)) }
  static func text(_ text: String) -> Datum { .value(Array(text.utf8)) }

  var isNull: Bool { self == .null }
  var bytes: [UInt8] { if case .value(let bytes) = self { bytes } else { [] } }
  var elements: [Datum] { if case .list(let elements) = self { elements } else { [] } }
}

/// A field with all its rows.
struct TestField: Sendable {
  var node: SchemaNode
  var rows: [Datum]
}

/// Fields with as many rows each.
struct TestTable: Sendable {
  var fields: [TestField]

  init(_ fields: TestField...) { self.fields = fields }
  init(_ fields: [TestField]) { self.fields = fields }

  var rowCount: Int { fields.first?.rows.count ?? 0 }
  var schema: ParquetSchema { ParquetSchema(fields.map(\.node)) }

  /// Some rows as a batch.
  ///
  /// - Parameters:
  ///   - rows: which ones.
  ///   - noise: what lies under nulls and how far buffers are from being aligned; without influence on the file.
  func batch(_ rows: Range<Int>, noise: UInt8 = 0) -> ColumnBatch {
    ColumnBatch(
      rowCount: rows.count,
      columns: fields.map { TestTable.column(Array($0.rows[rows]), $0.node, noise: noise) }
    )
  }

  static func column(_ rows: [Datum], _ node: SchemaNode, noise: UInt8 = 0) -> Column {
    let validity = validity(rows, noise: noise)
    guard case .values(let type, let length) = node.content else {
      let leaf = node.children.first?.children.first ?? node
      // Under a null lies a list that is not empty, if there is noise.
      let lists = rows.map { row in row.isNull && noise > 0 && leaf.repetition == .optional ? [.null] : row.elements }
      let elements = column(lists.flatMap { $0 }, leaf, noise: noise)
      let storage = Column.Storage.list(offsets: offsets(lists.map(\.count), noise: noise), elements: elements)
      return Column(count: rows.count, validity: validity, storage: storage)
    }
    let storage: Column.Storage
    if type == .byteArray {
      let values = rows.map { $0.isNull ? [UInt8](repeating: noise, count: Int(noise & 7)) : $0.bytes }
      let data = shifted(values.flatMap { $0 }, by: noise)
      storage = .variable(offsets: offsets(values.map(\.count), noise: noise), data: data)
    } else {
      let width = [.boolean: 1, .int32: 4, .float: 4, .int64: 8, .double: 8, .int96: 12][type] ?? length
      let filler = [UInt8](repeating: type == .boolean ? noise & 1 : noise, count: width)
      storage = .fixed(shifted(rows.flatMap { $0.isNull ? filler : $0.bytes }, by: noise), width: width)
    }
    return Column(count: rows.count, validity: validity, storage: storage)
  }

  private static func validity(_ rows: [Datum], noise: UInt8) -> Validity? {
    guard noise > 0 || rows.contains(where: \.isNull) else { return nil }
    var bits = [UInt8](repeating: 0, count: (rows.count + 7) / 8)
    for (row, datum) in rows.enumerated() where !datum.isNull { bits[row / 8] |= 1 << UInt8(row % 8) }
    if rows.count % 8 != 0, noise > 0 { bits[bits.count - 1] |= 0xff << UInt8(rows.count % 8) }
    return Validity(bits: shifted(bits, by: noise), nullCount: rows.count { $0.isNull })
  }

  static func offsets(_ lengths: [Int], noise: UInt8 = 0) -> Bytes {
    var all: [Int32] = [0]
    for length in lengths { all.append(all[all.count - 1] + Int32(length)) }
    return shifted(all.flatMap { withUnsafeBytes(of: $0.littleEndian) { Array($0) } }, by: noise)
  }

  /// The bytes, at an address that is `noise % 8` bytes from an aligned one.
  private static func shifted(_ bytes: [UInt8], by noise: UInt8) -> Bytes {
    let shift = Int(noise & 7)
    let whole = Bytes([UInt8](repeating: 0, count: shift) + bytes)
    return whole[shift..<whole.count]
  }

  /// Writes the table, cut into batches that end at `cuts`.
  func write(
    _ properties: WriterProperties = WriterProperties(),
    cuts: [Int] = [],
    noise: UInt8 = 0
  ) async throws -> (bytes: [UInt8], file: WrittenFile) {
    let sink = MemorySink()
    let writer = try NativeParquetWriter(sink: sink, schema: schema, properties: properties)
    var start = 0
    for end in cuts + [rowCount] {
      try await writer.write(batch(start..<end, noise: noise))
      start = end
    }
    let file = try await writer.close()
    return (await sink.contents.array, file)
  }
}

/// A small reproducible generator (xorshift64*).
struct TestRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed | 1 }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_f491_4f6c_dd1d
  }
}

extension WriterProperties {
  /// Properties with one way of writing for all columns.
  init(_ codec: CompressionCodec, dictionary: Bool = false, _ version: PageVersion = .v1) {
    self.init()
    defaults = ColumnProperties(codec: codec, usesDictionary: dictionary)
    pageVersion = version
  }
}

extension RowGroupCut {
  /// What a writer asks after the rows that it may add: whether the row group goes on.
  mutating func goesOn(bytes: Int) -> Bool {
    if isFull { return false }
    guard isLookDue else { return true }
    guard hasRoom(Sizes(bytes: bytes)) else { return false }
    planLook(Sizes(bytes: bytes))
    return true
  }
}

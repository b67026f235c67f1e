import ByteBuffers
import Parquet
import Testing

@testable import MilvusStorage

/// Parquet files in memory and columns out of Swift arrays, for tests of the join.
enum JoinTestData {
  /// A column of 64-bit integers.
  static func integers(_ values: [Int64?]) -> Column {
    let block = AlignedBuffer(capacity: values.count * 8)
    for (row, value) in values.enumerated() {
      block.base.storeBytes(of: value ?? 0, toByteOffset: row * 8, as: Int64.self)
    }
    let cells = Bytes(block, count: values.count * 8)
    return Column(count: values.count, validity: validity(values.map { $0 != nil }), storage: .fixed(cells, width: 8))
  }

  /// A column of texts.
  static func texts(_ values: [String?]) -> Column {
    var data: [UInt8] = []
    var offsets: [Int32] = [0]
    for value in values {
      data += Array((value ?? "").utf8)
      offsets.append(Int32(data.count))
    }
    let ends = offsets.withUnsafeBytes { Bytes(copying: $0) }
    return Column(
      count: values.count,
      validity: validity(values.map { $0 != nil }),
      storage: .variable(offsets: ends, data: Bytes(data))
    )
  }

  private static func validity(_ flags: [Bool]) -> Validity? {
    guard flags.contains(false) else { return nil }
    var bits = [UInt8](repeating: 0, count: (flags.count + 7) / 8)
    for (row, flag) in flags.enumerated() where flag { bits[row / 8] |= 1 << UInt8(row % 8) }
    return Validity(bits: Bytes(bits), nullCount: flags.filter { !$0 }.count)
  }

  /// The numbers of a column.
  static func integers(_ column: Column) -> [Int64?] {
    (0..<column.count).map { row in
      guard column.isValid(row) else { return nil }
      return column.bytes(at: row).withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
    }
  }

  /// The texts of a column.
  static func texts(_ column: Column) -> [String?] {
    (0..<column.count).map { row in
      column.isValid(row) ? String(decoding: column.bytes(at: row).array, as: UTF8.self) : nil
    }
  }

  /// A Parquet file with some columns.
  static func file(_ schema: [SchemaNode], _ columns: [Column]) async throws -> MemorySource {
    let sink = MemorySink()
    let writer = try NativeParquetCodec().openWriter(
      sink,
      schema: ParquetSchema(schema),
      properties: WriterProperties()
    )
    try await writer.write(ColumnBatch(rowCount: columns[0].count, columns: columns))
    _ = try await writer.close()
    return MemorySource(await sink.contents, name: "input.parquet")
  }
}

/// Rows of one column, handed out in pieces.
final class ColumnRows: FieldRows {
  private let slice: (Range<Int>) -> Column
  private let count: Int
  private var at = 0

  init(integers values: [Int64?]) {
    slice = { JoinTestData.integers(Array(values[$0])) }
    count = values.count
  }

  init(texts values: [String?]) {
    slice = { JoinTestData.texts(Array(values[$0])) }
    count = values.count
  }

  func next(limit: Int) async throws(BackfillError) -> Column? {
    let end = min(count, at + limit)
    defer { at = end }
    return end > at ? slice(at..<end) : nil
  }
}

/// Keeps what a join writes.
final class Collected: JoinOutput {
  private(set) var integers: [Int64?] = []
  private(set) var texts: [String?] = []

  func write(_ columns: [Column]) async throws(BackfillError) {
    integers += JoinTestData.integers(columns[0])
    texts += JoinTestData.texts(columns[1])
  }
}

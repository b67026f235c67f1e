internal import ByteBuffers
internal import Parquet

/// The new values of a join, indexed by key: what every segment is probed against.
///
/// Held in memory as a whole: fixed-width cells in one block a field, others in the buffers they were decoded into.
public final class NewValues: Sendable {
  /// Fields that are filled, in the order they were asked for.
  public let targets: [FieldSchema]
  /// Rows of the input.
  public let rowCount: Int64
  /// Bytes of cells and index.
  public let byteCount: Int64

  let stores: [CellStore]
  let table: KeyTable
  let keyType: DataType

  init(targets: [FieldSchema], stores: [CellStore], table: consuming KeyTable, keyType: DataType, rowCount: Int64) {
    self.targets = targets
    self.stores = stores
    self.keyType = keyType
    self.rowCount = rowCount
    byteCount = stores.reduce(Int64(table.byteCount)) { $0 + Int64($1.byteCount) }
    self.table = table
  }

  /// Looks the keys of a column up: `rows[i]` becomes a row of the new values, or ``KeyTable/absent``.
  func probe(_ keys: Column, scratch: UnsafeMutablePointer<Int64>, into rows: UnsafeMutablePointer<UInt32>) {
    switch (keys.storage, table.keys) {
    case (.fixed(let values, 8), .integers):
      table.probe(integers: values.base.assumingMemoryBound(to: Int64.self), count: keys.count, into: rows)
    case (.fixed(let values, 4), .integers):
      let narrow = values.base.assumingMemoryBound(to: Int32.self)
      for row in 0..<keys.count { scratch[row] = Int64(narrow[row]) }
      table.probe(integers: scratch, count: keys.count, into: rows)
    case (.variable(let offsets, let data), .bytes(let store)):
      table.probe(
        offsets: offsets.base.assumingMemoryBound(to: Int32.self),
        data: data.base,
        count: keys.count,
        store: store,
        into: rows
      )
    default:
      rows.update(repeating: KeyTable.absent, count: keys.count)
    }
    if keys.nullCount > 0 {
      for row in 0..<keys.count where !keys.isValid(row) { rows[row] = KeyTable.absent }
    }
  }
}

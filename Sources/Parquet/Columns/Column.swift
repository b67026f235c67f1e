public import ByteBuffers

/// Values of one field for a run of rows, in the memory layout of Apache Arrow.
///
/// Nulls take a slot: row `i` of a column is slot `i`, and the content of a null slot is zero or empty.
public struct Column: Sendable {
  /// How the slots lie in memory.
  public indirect enum Storage: Sendable {
    /// `width` bytes a slot, little-endian as in the file. Booleans take one byte, 0 or 1.
    case fixed(Bytes, width: Int)
    /// Slot `i` is `data[offsets[i] ..< offsets[i + 1]]`; offsets are `count + 1` 32-bit integers that begin with 0.
    case variable(offsets: Bytes, data: Bytes)
    /// Slot `i` is the elements `offsets[i] ..< offsets[i + 1]`; offsets as for `variable`.
    ///
    /// A map is a list whose elements are structures of a key and a value.
    case list(offsets: Bytes, elements: Column)
    /// Slot `i` is slot `i` of every field; where the structure is null, so are its fields.
    case structure([Column])
    /// Slot `i` is slot `indices[i]` of `values`; indices are unsigned 32-bit integers, 0 where the slot is null.
    ///
    /// Values may repeat, and some may never be referred to. Only delivered on request.
    case dictionary(indices: Bytes, values: Column)
  }

  /// Number of rows.
  public let count: Int
  /// Which slots hold a value; nil when all do.
  public let validity: Validity?
  /// How the slots lie in memory.
  public let storage: Storage

  /// Creates a column.
  ///
  /// - Parameters:
  ///   - count: number of rows.
  ///   - validity: which slots hold a value; nil when all do.
  ///   - storage: the slots.
  public init(count: Int, validity: Validity?, storage: Storage) {
    self.count = count
    self.validity = validity
    self.storage = storage
  }

  /// Number of nulls.
  public var nullCount: Int { validity?.nullCount ?? 0 }

  /// Bytes of all buffers.
  public var byteCount: Int {
    let bits = validity?.bits.count ?? 0
    switch storage {
    case .fixed(let values, _): return bits + values.count
    case .variable(let offsets, let data): return bits + offsets.count + data.count
    case .list(let offsets, let elements): return bits + offsets.count + elements.byteCount
    case .structure(let fields): return fields.reduce(bits) { $0 + $1.byteCount }
    case .dictionary(let indices, let values): return bits + indices.count + values.byteCount
    }
  }

  /// Bytes of the buffers that grow with the slots: those of all, but for the values of dictionaries.
  var slotByteCount: Int {
    let bits = validity?.bits.count ?? 0
    switch storage {
    case .fixed, .variable: return byteCount
    case .list(let offsets, let elements): return bits + offsets.count + elements.slotByteCount
    case .structure(let fields): return fields.reduce(bits) { $0 + $1.slotByteCount }
    case .dictionary(let indices, _): return bits + indices.count
    }
  }

  /// Whether a slot holds a value.
  ///
  /// - Parameter row: the slot.
  /// - Returns: false for a null.
  public func isValid(_ row: Int) -> Bool {
    validity?.isValid(row) ?? true
  }
}

/// One bit a row, least significant bit first: 1 for a value, 0 for a null.
public struct Validity: Sendable {
  /// The bits, in whole bytes.
  public let bits: Bytes
  /// Number of zero bits among the column's rows.
  public let nullCount: Int

  /// Wraps bits.
  ///
  /// - Parameters:
  ///   - bits: at least one bit a row.
  ///   - nullCount: number of zero bits among the column's rows.
  public init(bits: Bytes, nullCount: Int) {
    self.bits = bits
    self.nullCount = nullCount
  }

  /// Whether a row holds a value.
  ///
  /// - Parameter row: the row.
  /// - Returns: false for a null.
  public func isValid(_ row: Int) -> Bool {
    bits.base.load(fromByteOffset: row >> 3, as: UInt8.self) >> UInt8(row & 7) & 1 == 1
  }
}

/// Some fields of a run of rows.
public struct ColumnBatch: Sendable {
  /// Number of rows, the same in every column.
  public let rowCount: Int
  /// Columns in the order they were asked for.
  public let columns: [Column]

  /// Creates a batch.
  ///
  /// - Parameters:
  ///   - rowCount: number of rows.
  ///   - columns: columns of that many rows.
  public init(rowCount: Int, columns: [Column]) {
    self.rowCount = rowCount
    self.columns = columns
  }
}

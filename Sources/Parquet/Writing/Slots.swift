internal import ByteBuffers

/// The memory of a checked column of values, for the time of one call.
struct Slots {
  /// Slot 0 of a fixed-width column, else the bytes that offsets point into.
  let base: UnsafeRawPointer
  /// The slots of a fixed-width column as bytes that can be kept.
  let owner: Bytes?
  /// Offsets of a variable-width column.
  let offsets: UnsafeRawPointer?
  /// Validity of slot 0 on; nil when every slot holds a value.
  var bits: UnsafeRawPointer?

  /// Nil for a list, or for a column without slots.
  init?(_ column: Column) {
    guard column.count > 0 else { return nil }
    switch column.storage {
    case .fixed(let values, _):
      base = values.base
      owner = values
      offsets = nil
    case .variable(let offsets, let data):
      base = data.base
      owner = nil
      self.offsets = offsets.base
    case .list, .structure, .dictionary: return nil
    }
    bits = column.validity?.bits.base
  }

  /// The same slots without validity.
  var allValid: Slots {
    var copy = self
    copy.bits = nil
    return copy
  }
}

internal import ByteBuffers

/// The least and the greatest of some values, and how many of them are NaN.
struct ValueExtremes {
  let order: ValueOrder
  private var keys: (least: Int64, greatest: Int64)?
  private var values: (least: [UInt8], greatest: [UInt8])?
  private(set) var nanCount: Int64 = 0

  init(_ order: ValueOrder) {
    self.order = order
  }

  /// Whether there is anything that bounds have to take in.
  var isEmpty: Bool { keys == nil && values == nil }

  /// Takes the slots of a column without nulls.
  mutating func add(_ column: Column) {
    guard column.count > 0 else { return }
    switch (order.hasKeys, column.storage) {
    case (true, .fixed(let slots, let width)) where width == order.width:
      let found = extremeKeys(slots.base, width, column.count, order)
      nanCount += Int64(found.nans)
      if found.least <= found.greatest { widen((found.least, found.greatest)) }
    case (false, .fixed), (false, .variable): if order != .none { addBytes(column) }
    default: break
    }
  }

  private mutating func addBytes(_ column: Column) {
    var least = 0
    var greatest = 0
    switch column.storage {
    case .fixed(let slots, let width):
      for index in 1..<max(1, column.count) {
        if order.precedes(slot(slots, index, width), slot(slots, least, width)) { least = index }
        if order.precedes(slot(slots, greatest, width), slot(slots, index, width)) { greatest = index }
      }
    case .variable(let offsets, let data):
      for index in 1..<max(1, column.count) {
        if order.precedes(slot(data, offsets, index), slot(data, offsets, least)) { least = index }
        if order.precedes(slot(data, offsets, greatest), slot(data, offsets, index)) { greatest = index }
      }
    case .list, .structure, .dictionary: return
    }
    widen((column.bytes(at: least).array, column.bytes(at: greatest).array))
  }

  /// Takes what others were found to be.
  mutating func add(_ other: ValueExtremes) {
    nanCount += other.nanCount
    if let found = other.keys { widen(found) }
    if let found = other.values { widen(found) }
  }

  private mutating func widen(_ found: (least: Int64, greatest: Int64)) {
    let known = keys ?? found
    keys = (min(known.least, found.least), max(known.greatest, found.greatest))
  }

  private mutating func widen(_ found: (least: [UInt8], greatest: [UInt8])) {
    let known = values ?? found
    values = (
      precedes(found.least, known.least) ? found.least : known.least,
      precedes(known.greatest, found.greatest) ? found.greatest : known.greatest
    )
  }

  private func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.withUnsafeBytes { l in right.withUnsafeBytes { r in order.precedes(l, r) } }
  }

  /// How a bound relates to the extreme that it bounds.
  enum Relation {
    /// It is that value.
    case equal
    /// It leaves room.
    case looser
    /// A value lies outside of it.
    case violated
  }

  /// Compares a usable bound with the least value, or the greatest.
  func relation(lower bound: Bytes) -> Relation {
    if let keys, let key = order.key(bound.base) {
      return key == keys.least ? .equal : key < keys.least ? .looser : .violated
    }
    guard let least = values?.least else { return .looser }
    let bound = bound.array
    return precedes(least, bound) ? .violated : precedes(bound, least) ? .looser : .equal
  }

  /// Compares a usable bound with the greatest value.
  func relation(upper bound: Bytes) -> Relation {
    if let keys, let key = order.key(bound.base) {
      return key == keys.greatest ? .equal : key > keys.greatest ? .looser : .violated
    }
    guard let greatest = values?.greatest else { return .looser }
    let bound = bound.array
    return precedes(bound, greatest) ? .violated : precedes(greatest, bound) ? .looser : .equal
  }
}

private func slot(_ slots: Bytes, _ index: Int, _ width: Int) -> UnsafeRawBufferPointer {
  UnsafeRawBufferPointer(start: slots.base + index * width, count: width)
}

private func slot(_ data: Bytes, _ offsets: Bytes, _ index: Int) -> UnsafeRawBufferPointer {
  let bounds = offsets.base.assumingMemoryBound(to: Int32.self)
  return UnsafeRawBufferPointer(start: data.base + Int(bounds[index]), count: Int(bounds[index + 1] - bounds[index]))
}

private typealias KeyExtremes = (least: Int64, greatest: Int64, nans: Int)

/// The extremes of the keys of `count` slots; the least is above the greatest when all are NaN.
private func extremeKeys(_ slots: UnsafeRawPointer, _ width: Int, _ count: Int, _ order: ValueOrder) -> KeyExtremes {
  switch order {
  case .boolean: scan(slots, 1, count) { Int64($0.load(as: UInt8.self)) }
  case .int32: scan(slots, 4, count) { Int64($0.loadUnaligned(as: Int32.self)) }
  case .uint32: scan(slots, 4, count) { Int64($0.loadUnaligned(as: UInt32.self)) }
  case .int64: scan(slots, 8, count) { $0.loadUnaligned(as: Int64.self) }
  case .uint64: scan(slots, 8, count) { unsignedKey($0) }
  case .float16(let total): scan(slots, 2, count) { halfKey($0, total) }
  case .float(let total): scan(slots, 4, count) { floatKey($0, total) }
  case .double(let total): scan(slots, 8, count) { doubleKey($0, total) }
  case .none, .int96, .bytes, .decimal: (.max, .min, 0)
  }
}

@inline(__always)
private func scan(
  _ slots: UnsafeRawPointer,
  _ width: Int,
  _ count: Int,
  _ key: (UnsafeRawPointer) -> Int64?
) -> KeyExtremes {
  var found: KeyExtremes = (.max, .min, 0)
  for index in 0..<count {
    guard let key = key(slots + index &* width) else {
      found.nans &+= 1
      continue
    }
    found.least = min(found.least, key)
    found.greatest = max(found.greatest, key)
  }
  return found
}

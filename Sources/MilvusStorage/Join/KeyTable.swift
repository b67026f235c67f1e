internal import ByteBuffers

/// Where keys of the new values are found: open addressing with linear probing, at most half full.
///
/// Slots are never moved or deleted. Rows are numbered as the new values were read; a slot holds `row + 1`, 0 is empty.
struct KeyTable: ~Copyable, @unchecked Sendable {
  // Sendable: filled by the loading task, read-only afterwards.

  /// What a probe gives for a key that is not there.
  static let absent = UInt32.max

  /// Keys as the table sees them.
  enum Keys {
    /// Integers of up to 64 bits.
    case integers
    /// Byte strings, whose cells stay where they were loaded.
    case bytes(CellStore)
  }

  /// 16 bytes a slot, so that a probe touches one cache line: the key (or the hash of a byte string), then `row + 1`.
  private struct Slot {
    var key: UInt64 = 0
    var rowPlusOne: UInt32 = 0
  }

  private let slots: UnsafeMutablePointer<Slot>
  private let slotCount: Int
  private let shift: UInt64
  let keys: Keys

  /// Makes a table for `rows` keys.
  init(rows: Int, keys: Keys) {
    self.keys = keys
    var bits: UInt64 = 4
    while 1 << bits < 2 * rows { bits += 1 }
    slotCount = 1 << bits
    shift = 64 - bits
    slots = .allocate(capacity: slotCount)
    slots.initialize(repeating: Slot(), count: slotCount)
  }

  deinit {
    slots.deallocate()
  }

  /// Bytes of the slots.
  var byteCount: Int { slotCount * MemoryLayout<Slot>.stride }

  /// Bytes that a table of `rows` keys takes.
  static func estimatedBytes(rows: Int64) -> Int64 {
    var slots: Int64 = 16
    while slots < 2 * rows { slots *= 2 }
    return slots * Int64(MemoryLayout<Slot>.stride)
  }

  /// Multiplicative hashing: the high bits of the product are well mixed.
  @inline(__always)
  private static func mix(_ key: UInt64) -> UInt64 {
    let product = key.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return product.low ^ product.high
  }

  /// Adds an integer key; returns the row that already has it, or nil.
  ///
  /// With `replacing` the later row wins.
  mutating func insert(integer key: Int64, row: UInt32, replacing: Bool) -> UInt32? {
    let wanted = UInt64(bitPattern: key)
    var at = Int(KeyTable.mix(wanted) &>> shift)
    while slots[at].rowPlusOne != 0 {
      if slots[at].key == wanted {
        let earlier = slots[at].rowPlusOne - 1
        if replacing { slots[at].rowPlusOne = row + 1 }
        return earlier
      }
      at = (at + 1) & (slotCount - 1)
    }
    slots[at] = Slot(key: wanted, rowPlusOne: row + 1)
    return nil
  }

  /// Adds the byte-string key of a row of the store; returns the row that already has it, or nil.
  mutating func insert(bytesOf row: UInt32, in store: CellStore, replacing: Bool) -> UInt32? {
    let address = store.addresses[Int(row)]
    let length = Int(store.cellLengths[Int(row)])
    let hash = XXHash64.hash(address, count: length)
    var at = Int(hash &>> shift)
    while slots[at].rowPlusOne != 0 {
      if slots[at].key == hash, KeyTable.equal(store, Int(slots[at].rowPlusOne) - 1, address, length) {
        let earlier = slots[at].rowPlusOne - 1
        if replacing { slots[at].rowPlusOne = row + 1 }
        return earlier
      }
      at = (at + 1) & (slotCount - 1)
    }
    slots[at] = Slot(key: hash, rowPlusOne: row + 1)
    return nil
  }

  private static func equal(_ store: CellStore, _ row: Int, _ address: UnsafeRawPointer, _ length: Int) -> Bool {
    guard Int(store.cellLengths[row]) == length else { return false }
    return bytesAreEqual(store.addresses[row], address, length)
  }

  /// Looks integer keys up: `rows[i]` becomes the row that has key `i`, or ``absent``.
  func probe(integers: UnsafePointer<Int64>, count: Int, into rows: UnsafeMutablePointer<UInt32>) {
    for index in 0..<count {
      let wanted = UInt64(bitPattern: integers[index])
      var at = Int(KeyTable.mix(wanted) &>> shift)
      var found = KeyTable.absent
      while slots[at].rowPlusOne != 0 {
        if slots[at].key == wanted {
          found = slots[at].rowPlusOne &- 1
          break
        }
        at = (at &+ 1) & (slotCount &- 1)
      }
      rows[index] = found
    }
  }

  /// Looks byte strings up: slot `i` is `data[offsets[i] ..< offsets[i + 1]]`.
  func probe(
    offsets: UnsafePointer<Int32>,
    data: UnsafeRawPointer,
    count: Int,
    store: CellStore,
    into rows: UnsafeMutablePointer<UInt32>
  ) {
    for index in 0..<count {
      let address = data + Int(offsets[index])
      let length = Int(offsets[index + 1] &- offsets[index])
      let hash = XXHash64.hash(address, count: length)
      var at = Int(hash &>> shift)
      var found = KeyTable.absent
      while slots[at].rowPlusOne != 0 {
        if slots[at].key == hash, KeyTable.equal(store, Int(slots[at].rowPlusOne) - 1, address, length) {
          found = slots[at].rowPlusOne &- 1
          break
        }
        at = (at &+ 1) & (slotCount &- 1)
      }
      rows[index] = found
    }
  }
}

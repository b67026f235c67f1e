internal import ByteBuffers

/// The distinct values of a column chunk, in PLAIN encoding, and the open page's values as positions among them.
///
/// An entry's position is the order of its first occurrence, so the result depends on the values alone. Entries are
/// found through an open-addressed table of positions; the hash is seeded for each encoder, so that values cannot be
/// chosen beforehand to collide.
struct DictionaryEncoder: ~Copyable {
  /// Width of a fixed-width entry; nil for BYTE_ARRAY.
  private let width: Int?
  private let pool: BufferPool
  private let seed = UInt64.random(in: .min ... .max)

  /// Entries in PLAIN encoding.
  private var entries: ByteWriter
  /// Where each BYTE_ARRAY entry begins in `entries`; unused for fixed width.
  private var starts: ByteWriter
  /// 32-bit positions of the open page's values.
  private var indices: ByteWriter
  /// Position + 1 of the entry in each place, 0 for none; a power of two long and at most half full.
  private var table: AlignedBuffer
  private var tableMask: Int

  /// Number of entries.
  private(set) var count = 0
  /// What was there when the open page began.
  private var before = (count: 0, bytes: 0)

  init(width: Int?, pool: BufferPool) {
    self.width = width
    self.pool = pool
    entries = ByteWriter(pool: pool)
    starts = ByteWriter(pool: pool)
    indices = ByteWriter(pool: pool)
    (table, tableMask) = DictionaryEncoder.emptyTable(places: 1024, pool)
  }

  /// Bytes of the entries.
  var byteCount: Int { entries.count }

  /// Number of values in the open page.
  var indexCount: Int { indices.count / 4 }

  /// The entries that the open page added.
  var added: (base: UnsafeRawPointer, byteCount: Int, count: Int) {
    (UnsafeRawPointer(entries.base) + before.bytes, entries.count - before.bytes, count - before.count)
  }

  /// The entries of closed pages, for the dictionary page.
  var closed: (base: UnsafeRawPointer, byteCount: Int, count: Int) {
    (UnsafeRawPointer(entries.base), before.bytes, before.count)
  }

  /// Ends the page: its entries stay.
  mutating func closePage() {
    before = (count, entries.count)
    indices.removeAll()
  }

  /// Forgets everything and keeps the memory.
  mutating func removeAll() {
    entries.removeAll()
    starts.removeAll()
    count = 0
    closePage()
    (table.base).initializeMemory(as: UInt8.self, repeating: 0, count: (tableMask + 1) * 4)
  }

  /// Appends the open page's values as runs of `width` bits each.
  func encodeIndices(width: Int, into out: inout ByteWriter) {
    let first = UnsafePointer(indices.base.assumingMemoryBound(to: UInt32.self))
    HybridEncoder.encode(first, count: indexCount, width: width, into: &out)
  }

  /// Appends the open page's values in PLAIN encoding, looked up among the entries.
  func expandIndices(into out: inout ByteWriter) {
    let base = UnsafeRawPointer(entries.base)
    for at in 0..<indexCount {
      let index = Int(indices.base.load(fromByteOffset: at &* 4, as: UInt32.self))
      let entry: (start: Int, size: Int)
      if let width {
        entry = (index &* width, width)
      } else {
        let start = Int(starts.base.load(fromByteOffset: index &* 4, as: UInt32.self))
        let length = Int(base.loadUnaligned(fromByteOffset: start, as: UInt32.self).littleEndian)
        entry = (start, PlainEncoder.lengthBytes &+ length)
      }
      out.append(UnsafeRawBufferPointer(start: base + entry.start, count: entry.size))
    }
  }

  /// Calls `body` with the entries that the open page uses, in runs of neighbours: base, bytes and number of each run.
  func forEachUsedRun(_ body: (UnsafeRawPointer, Int, Int) -> Void) {
    let marks = pool.take(count + 1)
    let base = UnsafeRawPointer(entries.base)
    withExtendedLifetime(marks) {
      // One place more than there are entries stays unmarked and ends the last run.
      marks.base.initializeMemory(as: UInt8.self, repeating: 0, count: count + 1)
      for at in 0..<indexCount {
        let index = Int(indices.base.load(fromByteOffset: at &* 4, as: UInt32.self))
        marks.base.storeBytes(of: 1, toByteOffset: index, as: UInt8.self)
      }
      var first = 0
      for place in 0...count where marks.base.load(fromByteOffset: place, as: UInt8.self) == 0 {
        if place > first {
          let start = entryStart(first)
          body(base + start, entryStart(place) - start, place - first)
        }
        first = place + 1
      }
    }
  }

  /// Where an entry begins; the end of all for the one behind the last.
  private func entryStart(_ index: Int) -> Int {
    if let width { return index * width }
    return index < count ? Int(starts.base.load(fromByteOffset: index * 4, as: UInt32.self)) : entries.count
  }

  /// Bytes of memory that it takes, at most twice what it needs.
  var heldBytes: Int { 2 * (entries.count + starts.count + indices.count) + 4 * (tableMask + 1) }

  /// Appends fixed-width values that lie close together to the open page.
  mutating func add(fixed source: UnsafeRawPointer, count added: Int) {
    guard let width else { return }
    let place = indices.reserve(added * 4)
    switch width {
    case 4: addWords(source, UInt32.self, added, place)
    case 8: addWords(source, UInt64.self, added, place)
    default:
      for at in 0..<added {
        let index = position(of: source + at &* width, width)
        place.storeBytes(of: index, toByteOffset: at &* 4, as: UInt32.self)
      }
    }
    indices.advance(added * 4)
  }

  /// Appends the present slots of a variable-width column to the open page.
  mutating func add(
    offsets: UnsafeRawPointer,
    data: UnsafeRawPointer,
    bits: UnsafeRawPointer?,
    at: Int,
    count slots: Int
  ) {
    var place = indices.reserve(slots * 4)
    let first = place
    for slot in at..<(at &+ slots) {
      if let bits, !ValidityWords.isSet(bits, slot) { continue }
      let start = PlainEncoder.offset(offsets, slot)
      place.storeBytes(
        of: position(of: data + start, PlainEncoder.offset(offsets, slot &+ 1) &- start),
        as: UInt32.self
      )
      place += 4
    }
    indices.advance(place - first)
  }

  @inline(__always)
  private mutating func addWords<T: FixedWidthInteger & BitwiseCopyable>(
    _ source: UnsafeRawPointer,
    _ type: T.Type,
    _ added: Int,
    _ target: UnsafeMutableRawPointer
  ) {
    let size = MemoryLayout<T>.size
    for at in 0..<added {
      let value = source.loadUnaligned(fromByteOffset: at &* size, as: T.self)
      var place = Int(truncatingIfNeeded: mix(UInt64(truncatingIfNeeded: value) ^ seed)) & tableMask
      var index: UInt32 = 0
      while true {
        let entry = table.base.load(fromByteOffset: place &* 4, as: UInt32.self)
        if entry == 0 {
          index = insert(source + at &* size, size, at: place)
          break
        }
        index = entry &- 1
        if entries.base.load(fromByteOffset: Int(index) &* size, as: T.self) == value { break }
        place = (place &+ 1) & tableMask
      }
      target.storeBytes(of: index, toByteOffset: at &* 4, as: UInt32.self)
    }
  }

  private mutating func position(of value: UnsafeRawPointer, _ length: Int) -> UInt32 {
    var place = Int(truncatingIfNeeded: hash(value, length)) & tableMask
    while true {
      let entry = table.base.load(fromByteOffset: place &* 4, as: UInt32.self)
      guard entry != 0 else { return insert(value, length, at: place) }
      if isEntry(Int(entry &- 1), value, length) { return entry &- 1 }
      place = (place &+ 1) & tableMask
    }
  }

  private func isEntry(_ index: Int, _ value: UnsafeRawPointer, _ length: Int) -> Bool {
    let (body, size) = entry(index)
    return size == length && ByteOrder.compare(body, value, length) == 0
  }

  /// The bytes of an entry, without the length.
  private func entry(_ index: Int) -> (body: UnsafeRawPointer, length: Int) {
    let base = UnsafeRawPointer(entries.base)
    if let width { return (base + index &* width, width) }
    let start = Int(starts.base.load(fromByteOffset: index &* 4, as: UInt32.self))
    let length = Int(base.loadUnaligned(fromByteOffset: start, as: UInt32.self).littleEndian)
    return (base + start + PlainEncoder.lengthBytes, length)
  }

  private mutating func insert(_ value: UnsafeRawPointer, _ length: Int, at place: Int) -> UInt32 {
    let index = UInt32(truncatingIfNeeded: count)
    if width == nil {
      starts.append(integer: UInt32(truncatingIfNeeded: entries.count))
      entries.append(integer: UInt32(truncatingIfNeeded: length))
    }
    entries.append(UnsafeRawBufferPointer(start: value, count: length))
    count += 1
    table.base.storeBytes(of: index &+ 1, toByteOffset: place &* 4, as: UInt32.self)
    if count * 2 > tableMask { growTable() }
    return index
  }

  private mutating func growTable() {
    (table, tableMask) = DictionaryEncoder.emptyTable(places: 2 * (tableMask + 1), pool)
    for index in 0..<count {
      let (body, length) = entry(index)
      var place = Int(truncatingIfNeeded: hash(body, length)) & tableMask
      while table.base.load(fromByteOffset: place &* 4, as: UInt32.self) != 0 { place = (place &+ 1) & tableMask }
      table.base.storeBytes(of: UInt32(truncatingIfNeeded: index + 1), toByteOffset: place &* 4, as: UInt32.self)
    }
  }

  private static func emptyTable(places: Int, _ pool: BufferPool) -> (AlignedBuffer, Int) {
    let table = pool.take(places * 4)
    table.base.initializeMemory(as: UInt8.self, repeating: 0, count: places * 4)
    return (table, places - 1)
  }

  /// Hashes a value; up to seven bytes behind it are loaded and masked away.
  @inline(__always)
  private func hash(_ value: UnsafeRawPointer, _ length: Int) -> UInt64 {
    if width == 4 { return mix(UInt64(value.loadUnaligned(as: UInt32.self)) ^ seed) }
    if width == 8 { return mix(value.loadUnaligned(as: UInt64.self) ^ seed) }
    var state = seed ^ UInt64(truncatingIfNeeded: length)
    var at = 0
    while at &+ 8 <= length {
      state = mix(state ^ value.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      at &+= 8
    }
    guard at < length else { return mix(state) }
    let tail = UInt64(littleEndian: value.loadUnaligned(fromByteOffset: at, as: UInt64.self))
    return mix(state ^ (tail & ((1 &<< UInt64((length &- at) &* 8)) &- 1)))
  }
}

/// Multiplies by an odd constant and folds the 128-bit product, so that every input bit reaches the low bits.
@inline(__always)
private func mix(_ value: UInt64) -> UInt64 {
  let product = (value ^ 0xa076_1d64_78bd_642f).multipliedFullWidth(by: 0xe703_7ed1_a0b4_28db)
  return product.high ^ product.low
}

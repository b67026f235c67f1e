internal import ByteBuffers

extension LeafWriter {
  /// Rows whose entries are made at a time.
  private static let rowsAtATime = 256

  /// Appends rows of a nested column to the page, and ends it where it is full.
  func appendNested(_ column: Column, from: Int, count: Int) throws(ParquetError) {
    var at = from
    while at < from + count {
      let rows = at..<min(at + LeafWriter.rowsAtATime, from + count)
      let maximum = UInt8(truncatingIfNeeded: plan.leaf.maxDefinitionLevel)
      let leaf = shredder.shred(column, rows: rows, path: plan.path, maximum: maximum)
      try appendEntries(of: leaf)
      at = rows.upperBound
    }
  }

  /// Appends the shredder's entries row by row, so that a page ends with the row that fills it.
  private func appendEntries(of leaf: Column) throws(ParquetError) {
    let weights = SlotWeights(leaf, plan)
    var start = 0
    var entry = 0
    let count = shredder.slots.count
    while entry < count {
      let end = shredder.rowEnd(from: entry)
      // Entries without a slot weigh what their levels do, so that many empty lists fill a page too.
      for slot in shredder.slots[entry..<end] { page.weight += slot >= 0 ? weights[Int(slot)] : 1 }
      page.rows += 1
      entry = end
      if isPageFull {
        try append(start..<entry, of: leaf)
        try finishPage()
        start = entry
      }
    }
    try append(start..<entry, of: leaf)
  }

  /// Appends the levels of some entries, and their values in stretches of slots that follow each other.
  private func append(_ entries: Range<Int>, of leaf: Column) throws(ParquetError) {
    guard !entries.isEmpty else { return }
    completeDefinitionLevels()
    page.entries += entries.count
    shredder.repetitions[entries].withUnsafeBytes { repetitionLevels.append($0) }
    shredder.definitions[entries].withUnsafeBytes { definitionLevels.append($0) }
    var waiting = 0..<0
    for entry in entries where shredder.slots[entry] >= 0 {
      let slot = Int(shredder.slots[entry])
      if slot == waiting.upperBound, !waiting.isEmpty {
        waiting = waiting.lowerBound..<slot + 1
      } else {
        try appendStretch(waiting, of: leaf)
        waiting = slot..<slot + 1
      }
    }
    try appendStretch(waiting, of: leaf)
  }

  private func appendStretch(_ range: Range<Int>, of leaf: Column) throws(ParquetError) {
    guard !range.isEmpty else { return }
    let (slots, start) = try plainSlots(leaf, range)
    guard let slots else { return }
    let present = slots.bits.map { ValidityWords.ones($0, start, range.count) } ?? range.count
    appendValues(
      present == range.count ? slots.allValid : slots,
      at: start,
      count: range.count,
      present: present,
      weight: weight(slots, start..<start + range.count)
    )
  }

  /// The memory of some slots as values, and where the first of them is; those of a dictionary are gathered.
  func plainSlots(_ column: Column, _ range: Range<Int>) throws(ParquetError) -> (Slots?, Int) {
    guard case .dictionary = column.storage else { return (Slots(column), range.lowerBound) }
    let values = try DictionaryExpansion.expand(column, range)
    expanded = values
    return (Slots(values), 0)
  }
}

/// Bytes that each slot of a leaf adds to its page.
private struct SlotWeights {
  private let width: Int?
  private let offsets: UnsafeRawPointer?
  private let indices: UnsafePointer<UInt32>?

  init(_ leaf: Column, _ plan: LeafPlan) {
    if case .fixed(let width) = plan.layout { self.width = width } else { width = nil }
    switch leaf.storage {
    case .variable(let offsets, _):
      self.offsets = offsets.base
      indices = nil
    case .dictionary(let indices, let values):
      self.indices = indices.base.assumingMemoryBound(to: UInt32.self)
      if case .variable(let offsets, _) = values.storage { self.offsets = offsets.base } else { offsets = nil }
    default:
      offsets = nil
      indices = nil
    }
  }

  subscript(slot: Int) -> Int {
    if let width { return width }
    guard let offsets else { return PlainEncoder.lengthBytes }
    let at = indices.map { Int($0[slot]) } ?? slot
    return PlainEncoder.offset(offsets, at + 1) - PlainEncoder.offset(offsets, at) + PlainEncoder.lengthBytes
  }
}

internal import ByteBuffers

/// Turns rows of a nested column into the entries of one leaf: level by level on the way down, over all rows at once.
///
/// An entry that ends above the leaf (a null, or an empty list) keeps the levels it has there and has no slot.
struct Shredder {
  /// Slot in the column reached so far, or -1 where the entry has ended.
  private(set) var slots: [Int32] = []
  private(set) var repetitions: [UInt8] = []
  private(set) var definitions: [UInt8] = []

  private var nextSlots: [Int32] = []
  private var nextRepetitions: [UInt8] = []
  private var nextDefinitions: [UInt8] = []

  /// Walks down to the leaf.
  ///
  /// - Parameters:
  ///   - column: a checked column of the field.
  ///   - rows: which of its rows.
  ///   - path: the way to the leaf.
  ///   - maximum: definition level of a value.
  /// - Returns: the leaf's column.
  mutating func shred(_ column: Column, rows: Range<Int>, path: ValuePath, maximum: UInt8) -> Column {
    slots.removeAll(keepingCapacity: true)
    slots.append(contentsOf: rows.lazy.map { Int32(truncatingIfNeeded: $0) })
    repetitions.removeAll(keepingCapacity: true)
    repetitions.append(contentsOf: repeatElement(0, count: rows.count))
    definitions.removeAll(keepingCapacity: true)
    definitions.append(contentsOf: repeatElement(0, count: rows.count))
    var column = column
    for place in path.places {
      endAtNulls(column.validity?.bits, definition: place.definition)
      switch (place.step, column.storage) {
      case (.structure(let field), .structure(let fields)): column = fields[field]
      case (.list, .list(let offsets, let elements)):
        expand(offsets, place)
        column = elements
      default: return column
      }
    }
    markValues(column.validity?.bits, isNullable: path.isNullable, maximum: maximum)
    return column
  }

  /// Ends the entries whose slot is null, and raises the others to `definition`.
  private mutating func endAtNulls(_ bits: Bytes?, definition: UInt8) {
    let count = slots.count
    slots.withUnsafeMutableBufferPointer { slots in
      definitions.withUnsafeMutableBufferPointer { definitions in
        for entry in 0..<count where slots[entry] >= 0 {
          if let bits, !ValidityWords.isSet(bits.base, Int(slots[entry])) {
            slots[entry] = -1
          } else {
            definitions[entry] = definition
          }
        }
      }
    }
  }

  /// Puts the elements of each list in the place of its entry; an empty list ends.
  private mutating func expand(_ offsets: Bytes, _ place: ValuePath.Place) {
    let element = place.definition + 1
    let again = place.repetition + 1
    nextSlots.removeAll(keepingCapacity: true)
    nextRepetitions.removeAll(keepingCapacity: true)
    nextDefinitions.removeAll(keepingCapacity: true)
    for entry in slots.indices {
      let slot = Int(slots[entry])
      let start = slot < 0 ? 0 : PlainEncoder.offset(offsets.base, slot)
      let end = slot < 0 ? 0 : PlainEncoder.offset(offsets.base, slot + 1)
      guard start < end else {
        nextSlots.append(-1)
        nextRepetitions.append(repetitions[entry])
        nextDefinitions.append(definitions[entry])
        continue
      }
      nextSlots.append(contentsOf: (start..<end).lazy.map { Int32(truncatingIfNeeded: $0) })
      nextRepetitions.append(repetitions[entry])
      nextRepetitions.append(contentsOf: repeatElement(again, count: end - start - 1))
      nextDefinitions.append(contentsOf: repeatElement(element, count: end - start))
    }
    swap(&slots, &nextSlots)
    swap(&repetitions, &nextRepetitions)
    swap(&definitions, &nextDefinitions)
  }

  /// Gives the slots of the leaf their last level; slots of nulls stay, since values are taken in stretches of slots.
  private mutating func markValues(_ bits: Bytes?, isNullable: Bool, maximum: UInt8) {
    let null = isNullable ? maximum - 1 : maximum
    for entry in slots.indices where slots[entry] >= 0 {
      let isValue = bits.map { ValidityWords.isSet($0.base, Int(slots[entry])) } ?? true
      definitions[entry] = isValue ? maximum : null
    }
  }

  /// Entries of the row that begins at an entry, and where the next one does.
  func rowEnd(from entry: Int) -> Int {
    var end = entry + 1
    while end < repetitions.count, repetitions[end] != 0 { end += 1 }
    return end
  }
}

internal import ByteBuffers

/// Walks entries of a leaf in lists up to the one that would begin a row too many.
///
/// Checks on the way that every entry that goes on with a list stands in one: the list of repetition level k has
/// entries from definition level `entryLevels[k]` on, in this entry and in the one before.
///
/// - Returns: where it stopped and the rows begun, or nil when the entries contradict each other.
func scanRows(
  _ definitions: UnsafePointer<UInt8>,
  _ repetitions: UnsafePointer<UInt8>,
  _ range: Range<Int>,
  rows: Int,
  entryLevels: UnsafePointer<UInt8>,
  previous: inout UInt8
) -> (end: Int, begun: Int)? {
  var begun = 0
  var before = previous
  var at = range.lowerBound
  while at < range.upperBound {
    let repetition = repetitions[at]
    let definition = definitions[at]
    if repetition == 0 {
      if begun == rows { break }
      begun &+= 1
    } else if min(definition, before) < entryLevels[Int(repetition)] {
      return nil
    }
    before = definition
    at &+= 1
  }
  previous = before
  return (at, begun)
}

/// Tells for each slot of a leaf whether it holds a value; entries of lists that are null or empty have no slot.
///
/// - Returns: number of slots, and of values among them.
func slotFlags(
  _ definitions: UnsafePointer<UInt8>,
  _ range: Range<Int>,
  slotLevel: UInt8,
  maximum: UInt8,
  into flags: UnsafeMutablePointer<UInt8>
) -> (slots: Int, valid: Int) {
  var slots = 0
  var valid = 0
  for at in range {
    let definition = definitions[at]
    let isValue: UInt8 = definition == maximum ? 1 : 0
    // The flag is stored in any case, and the place moves on only behind a slot: no branch to mispredict.
    flags[slots] = isValue
    slots &+= definition >= slotLevel ? 1 : 0
    valid &+= Int(isValue)
  }
  return (slots, valid)
}

/// The slots of a structure or a list, from the levels of one leaf below it.
///
/// - Parameters:
///   - offsets: room for one more than there are entries, or nil for a structure; filled with where each list's elements
///     begin and the end of the last.
///   - flags: room for one byte an entry; filled with 1 for a slot that is not null.
/// - Returns: number of slots, of those that are not null, and of elements.
func nestedSlots(
  _ levels: LevelBuffer,
  _ shape: FieldShape,
  offsets: UnsafeMutablePointer<Int32>?,
  flags: UnsafeMutablePointer<UInt8>
) -> (slots: Int, valid: Int, elements: Int) {
  let definitions = levels.definitions
  let slotLevel = UInt8(shape.slotLevel)
  let definitionLevel = UInt8(shape.definitionLevel)
  let elementLevel = definitionLevel &+ 1
  let depth = UInt8(shape.repetitionLevel)
  var slots = 0
  var valid = 0
  var elements = 0
  for at in 0..<levels.count {
    let definition = definitions[at]
    let repetition = levels.repetitions?[at] ?? 0
    if repetition <= depth, definition >= slotLevel {
      let isValid: UInt8 = definition >= definitionLevel ? 1 : 0
      flags[slots] = isValid
      offsets?[slots] = Int32(truncatingIfNeeded: elements)
      valid &+= Int(isValid)
      slots &+= 1
    }
    elements &+= repetition <= depth &+ 1 && definition >= elementLevel ? 1 : 0
  }
  offsets?[slots] = Int32(truncatingIfNeeded: elements)
  return (slots, valid, elements)
}

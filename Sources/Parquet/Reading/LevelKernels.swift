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
  let from = UnsafeRawPointer(definitions)
  let to = UnsafeMutableRawPointer(flags)
  let lanes = LevelComparison(slotLevel: slotLevel, maximum: maximum)
  var slots = 0
  var valid = 0
  var at = range.lowerBound
  while at &+ 8 <= range.upperBound {
    let eight = UInt64(littleEndian: from.loadUnaligned(fromByteOffset: at, as: UInt64.self))
    let values = lanes.values(eight)
    if lanes.areSlots(eight) {
      to.storeBytes(of: values.littleEndian, toByteOffset: slots, as: UInt64.self)
      slots &+= 8
      // The multiplication sums the bytes.
      valid &+= Int(truncatingIfNeeded: (values &* LevelComparison.ones) &>> 56)
    } else {
      for index in at..<at &+ 8 { slotFlag(definitions[index], slotLevel, maximum, flags, &slots, &valid) }
    }
    at &+= 8
  }
  for index in at..<range.upperBound { slotFlag(definitions[index], slotLevel, maximum, flags, &slots, &valid) }
  return (slots, valid)
}

/// One entry; the sign of a difference, and no comparison, keeps the compiler from branching.
@inline(__always)
private func slotFlag(
  _ definition: UInt8,
  _ slotLevel: UInt8,
  _ maximum: UInt8,
  _ flags: UnsafeMutablePointer<UInt8>,
  _ slots: inout Int,
  _ valid: inout Int
) {
  let isValue = ((UInt(definition ^ maximum) &- 1) &>> 63)
  let isNoSlot = (UInt(definition) &- UInt(slotLevel)) &>> 63
  // The flag is stored in any case, and the place moves on only behind a slot.
  flags[slots] = UInt8(truncatingIfNeeded: isValue)
  slots &+= 1 &- Int(bitPattern: isNoSlot)
  valid &+= Int(bitPattern: isValue)
}

/// Compares eight levels, a byte each, at a time.
private struct LevelComparison {
  static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let tops: UInt64 = 0x8080_8080_8080_8080

  private let slotLevels: UInt64
  private let maxima: UInt64

  init(slotLevel: UInt8, maximum: UInt8) {
    slotLevels = LevelComparison.ones &* UInt64(slotLevel)
    maxima = LevelComparison.ones &* UInt64(maximum)
  }

  /// 1 in each byte that is the maximum, else 0.
  @inline(__always)
  func values(_ levels: UInt64) -> UInt64 {
    let difference = levels ^ maxima
    let unequal = ((difference & ~LevelComparison.tops) &+ ~LevelComparison.tops) | difference
    return (~unequal & LevelComparison.tops) &>> 7
  }

  /// Whether no level is below that of slots.
  @inline(__always)
  func areSlots(_ levels: UInt64) -> Bool {
    // The top bits are set before and compared apart, so that no byte borrows from the next.
    let rest = (levels | LevelComparison.tops) &- (slotLevels & ~LevelComparison.tops)
    let reached = (levels & ~slotLevels) | (~(levels ^ slotLevels) & rest)
    return reached & LevelComparison.tops == LevelComparison.tops
  }
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

internal import ByteBuffers

/// The memory of a checked list column, for the time of one call.
struct ListSlots {
  /// Where each row's elements begin and end.
  let offsets: UnsafeRawPointer
  /// Validity of the rows; nil when none is null.
  let bits: UnsafeRawPointer?
  /// The elements; nil when there are none.
  let elements: Slots?
  /// Definition level of an empty list; one less is a null, one more an element's place.
  let definition: UInt8

  func isNull(_ row: Int) -> Bool {
    guard let bits else { return false }
    return !ValidityWords.isSet(bits, row)
  }

  /// Elements of a row; none where the list is null, whatever the offsets say.
  func range(_ row: Int) -> Range<Int> {
    guard !isNull(row) else { return 0..<0 }
    return PlainEncoder.offset(offsets, row)..<PlainEncoder.offset(offsets, row + 1)
  }
}

extension LeafWriter {
  /// Appends lists to the page, and ends it where it is full.
  func appendLists(_ lists: ListSlots, from: Int, count: Int) throws(ParquetError) {
    // Elements of rows that follow each other mostly do so too: they are copied in one piece.
    var waiting = 0..<0
    for row in from..<(from + count) {
      let range = lists.range(row)
      appendLevels(lists, row, range)
      page.rows += 1
      page.weight += weight(lists.elements, range)
      if !range.isEmpty {
        if range.lowerBound == waiting.upperBound, !waiting.isEmpty {
          waiting = waiting.lowerBound..<range.upperBound
        } else {
          appendElements(lists.elements, waiting)
          waiting = range
        }
      }
      if isPageFull {
        appendElements(lists.elements, waiting)
        waiting = 0..<0
        try finishPage()
      }
    }
    appendElements(lists.elements, waiting)
  }

  /// One entry for an element, or one for a list that is null or empty.
  ///
  ///     repetition   0 at the first entry of a row, 1 at the others
  ///     definition   null list, empty list, null element, value: ascending, as far as the schema allows them
  private func appendLevels(_ lists: ListSlots, _ row: Int, _ range: Range<Int>) {
    let entries = max(1, range.count)
    let repetition = repetitionLevels.reserve(entries)
    repetition.initializeMemory(as: UInt8.self, repeating: 1, count: entries)
    repetition.storeBytes(of: 0, as: UInt8.self)
    repetitionLevels.advance(entries)
    if range.isEmpty || lists.elements?.bits != nil {
      completeDefinitionLevels()
      let definition = definitionLevels.reserve(entries)
      if range.isEmpty {
        let level = lists.isNull(row) ? lists.definition &- 1 : lists.definition
        definition.storeBytes(of: level, as: UInt8.self)
      } else {
        definition.initializeMemory(as: UInt8.self, repeating: highestDefinition, count: entries)
        if let bits = lists.elements?.bits {
          for (entry, element) in range.enumerated() where !ValidityWords.isSet(bits, element) {
            definition.storeBytes(of: highestDefinition - 1, toByteOffset: entry, as: UInt8.self)
          }
        }
      }
      definitionLevels.advance(entries)
    }
    page.entries += entries
  }

  /// Definition level of a value.
  private var highestDefinition: UInt8 { UInt8(truncatingIfNeeded: plan.leaf.maxDefinitionLevel) }

  /// Puts down the levels of the values at the end of the page, which were left out so far.
  func completeDefinitionLevels() {
    let missing = page.entries - definitionLevels.count
    guard missing > 0 else { return }
    definitionLevels.reserve(missing)
      .initializeMemory(as: UInt8.self, repeating: highestDefinition, count: missing)
    definitionLevels.advance(missing)
  }

  func weight(_ elements: Slots?, _ range: Range<Int>) -> Int {
    guard let elements, !range.isEmpty else { return 0 }
    guard case .fixed(let width) = plan.layout else {
      return PlainEncoder.slots(
        offsets: elements.offsets ?? elements.base,
        bits: elements.bits,
        at: range.lowerBound,
        count: range.count,
        reaching: Int.max
      ).weight
    }
    return range.count * width
  }

  private func appendElements(_ elements: Slots?, _ range: Range<Int>) {
    guard let elements, !range.isEmpty else { return }
    let present = elements.bits.map { ValidityWords.ones($0, range.lowerBound, range.count) } ?? range.count
    appendValues(
      present == range.count ? elements.allValid : elements,
      at: range.lowerBound,
      count: range.count,
      present: present,
      weight: weight(elements, range)
    )
  }
}

internal import ByteBuffers
internal import Glibc

/// What was read of one leaf: its slots, and the levels where a column above it is made from them.
struct LeafBatch {
  var column: Column
  var levels: LevelBuffer?
}

/// Puts the leaves of one field together: a structure or a list takes its slots from the levels of its first leaf, and
/// the others have to agree with their number.
struct RecordAssembly {
  let leaves: [LeafBatch]
  /// Position of the first leaf among the schema's.
  let firstLeaf: Int
  let rows: Int

  /// The leaves whose levels a shape is made from.
  static func leavesWithLevels(_ shape: FieldShape) -> Set<Int> {
    var result: Set<Int> = []
    if needsLevels(shape), !shape.leaves.isEmpty { result.insert(shape.leaves.lowerBound) }
    for child in shape.children { result.formUnion(leavesWithLevels(child)) }
    return result
  }

  private static func needsLevels(_ shape: FieldShape) -> Bool {
    switch shape.kind {
    case .values: false
    case .list, .map: true
    case .structure: shape.definitionLevel > shape.slotLevel
    }
  }

  func column(_ shape: FieldShape) throws(ParquetError) -> Column {
    try column(shape, expected: rows)
  }

  private func column(_ shape: FieldShape, expected: Int) throws(ParquetError) -> Column {
    let result: Column
    switch shape.kind {
    case .values(let leaf): result = leaves[leaf.index - firstLeaf].column
    case .structure(let fields): result = try structure(shape, fields, expected)
    case .list(let element):
      result = try list(shape) { (count) throws(ParquetError) in try column(element, expected: count) }
    case .map(let key, let value):
      result = try list(shape) { (count) throws(ParquetError) in
        let columns = [try column(key, expected: count), try column(value, expected: count)]
        return Column(count: count, validity: nil, storage: .structure(columns))
      }
    }
    guard result.count == expected else {
      throw .corrupt("Field '\(shape.name)' has \(result.count) slots where the levels beside it have \(expected).")
    }
    return result
  }

  private func structure(
    _ shape: FieldShape,
    _ fields: [FieldShape],
    _ expected: Int
  ) throws(ParquetError) -> Column {
    var validity: Validity?
    if let levels = levels(of: shape), levels.starts != nil {
      // No entry is null, so nothing above it is: a structure around the list has a slot a row, one in it a slot an entry.
      try check(shape.repetitionLevel == 0 ? levels.startCount : levels.count, expected, shape)
    } else if let levels = levels(of: shape) {
      let flags = BufferPool.shared.take(levels.count)
      let slots = nestedSlots(levels, shape, offsets: nil, flags: flags.base.assumingMemoryBound(to: UInt8.self))
      try check(slots.slots, expected, shape)
      validity = RecordAssembly.validity(flags, slots.slots, slots.valid)
    }
    var columns: [Column] = []
    for field in fields { columns.append(try column(field, expected: expected)) }
    return Column(count: expected, validity: validity, storage: .structure(columns))
  }

  private func list(
    _ shape: FieldShape,
    _ elements: (Int) throws(ParquetError) -> Column
  ) throws(ParquetError) -> Column {
    guard let levels = levels(of: shape) else {
      throw ParquetError(.unsupported, "List '\(shape.name)' has no leaf, so its length is not in the file.")
    }
    if let starts = levels.starts { return try denseList(levels, starts, elements) }
    let offsets = BufferPool.shared.take((levels.count + 1) * 4)
    let flags = BufferPool.shared.take(levels.count)
    let slots = nestedSlots(
      levels,
      shape,
      offsets: offsets.base.assumingMemoryBound(to: Int32.self),
      flags: flags.base.assumingMemoryBound(to: UInt8.self)
    )
    return Column(
      count: slots.slots,
      validity: RecordAssembly.validity(flags, slots.slots, slots.valid),
      storage: .list(
        offsets: Bytes(offsets, count: (slots.slots + 1) * 4),
        elements: try elements(slots.elements)
      )
    )
  }

  /// A list of which every entry holds a value.
  private func denseList(
    _ levels: LevelBuffer,
    _ starts: UnsafeMutablePointer<Int32>,
    _ elements: (Int) throws(ParquetError) -> Column
  ) throws(ParquetError) -> Column {
    let size = (levels.startCount + 1) * 4
    let offsets = BufferPool.shared.take(size)
    memcpy(offsets.base, starts, size - 4)
    offsets.base.storeBytes(of: Int32(truncatingIfNeeded: levels.count), toByteOffset: size - 4, as: Int32.self)
    return Column(
      count: levels.startCount,
      validity: nil,
      storage: .list(offsets: Bytes(offsets, count: size), elements: try elements(levels.count))
    )
  }

  private func check(_ found: Int, _ expected: Int, _ shape: FieldShape) throws(ParquetError) {
    guard found == expected else {
      throw .corrupt("Field '\(shape.name)' has \(found) slots where the levels beside it have \(expected).")
    }
  }

  private func levels(of shape: FieldShape) -> LevelBuffer? {
    guard RecordAssembly.needsLevels(shape), !shape.leaves.isEmpty else { return nil }
    return leaves[shape.leaves.lowerBound - firstLeaf].levels
  }

  private static func validity(_ flags: AlignedBuffer, _ count: Int, _ valid: Int) -> Validity? {
    guard valid < count else { return nil }
    var builder = ValidityBuilder()
    return withExtendedLifetime(flags) {
      builder.append(flags.base.assumingMemoryBound(to: UInt8.self), count: count, valid: valid, at: 0)
      return builder.finish(count)
    }
  }
}

internal import ByteBuffers

/// A field with a list of values a row.
///
/// For an optional list of optional elements the definition levels are 0 null list, 1 empty list, 2 null element,
/// 3 value; each required node takes one away. Repetition level 0 begins a row.
final class ListFieldReader: FieldReader {
  private static let batch = 4096

  private let cursor: LeafCursor
  private let limits: ReaderLimits
  /// Definition level from which on the list is not null.
  private let listDefinition: Int
  private let listIsOptional: Bool
  private var scratch = LevelScratch(capacity: ListFieldReader.batch)
  private var rowsLeft: Int64

  init(_ reader: NativeParquetReader, leaf: LeafColumn, listDefinition: Int, rowGroups: [Int]) {
    cursor = LeafCursor(reader, leaf: leaf, rowGroups: rowGroups)
    limits = reader.options.limits
    self.listDefinition = listDefinition
    listIsOptional = listDefinition > 0
    rowsLeft = rowGroups.reduce(0) { $0 &+ reader.metadata.rowGroups[$1].rowCount }
  }

  func read(_ limit: Int) async throws(ParquetError) -> Column {
    // One more row than is left would be found out by the cursor.
    let limit = Int(clamping: min(Int64(limit), max(1, rowsLeft)))
    let rows: ListRows
    do {
      rows = try ListRows(layout: cursor.leaf.layout, rows: limit, limits: limits)
    } catch {
      throw cursor.located(error)
    }
    while try await fillScratch() {
      do {
        if try consume(into: rows, limit: limit) { break }
      } catch {
        throw cursor.located(error)
      }
    }
    rowsLeft -= Int64(rows.count)
    return rows.finish(listIsOptional: listIsOptional)
  }

  /// Decodes the next levels when all were consumed; false at the end.
  private func fillScratch() async throws(ParquetError) -> Bool {
    if !scratch.isEmpty { return true }
    guard try await cursor.advance(), var page = cursor.page else { return false }
    let take = min(page.entriesLeft, ListFieldReader.batch)
    do {
      try scratch.fill(take, from: &page, leaf: cursor.leaf)
    } catch {
      throw cursor.located(error)
    }
    page.entriesLeft -= take
    // The values of these entries are decoded when they are consumed, from the page they belong to.
    scratch.values = page.values
    cursor.page = page
    return true
  }

  /// Takes entries up to the start of row `limit`; true when it was reached.
  private func consume(into rows: ListRows, limit: Int) throws(ParquetError) -> Bool {
    let first = scratch.position
    let firstRow = rows.count
    var at = first
    var elements = 0
    var valid = 0
    let maximum = UInt8(cursor.leaf.maxDefinitionLevel)
    try rows.elements.reserve(scratch.count - first)
    while at < scratch.count {
      let definition = scratch.definitions[at]
      if scratch.repetitions[at] == 0 {
        if rows.count == limit { break }
        rows.begin(isNull: Int(definition) < listDefinition, firstElement: rows.elements.count + elements)
      } else if at == first, rows.count == 0 || cursor.isAtFirstRow {
        throw .corrupt("A list begins with an element that continues one.")
      } else if Int(definition) <= listDefinition {
        throw .corrupt("A list that is null or empty continues another.")
      }
      if Int(definition) > listDefinition {
        let isValue: UInt8 = definition == maximum ? 1 : 0
        scratch.flags[elements] = isValue
        valid += Int(isValue)
        elements += 1
      }
      at += 1
    }
    scratch.position = at
    try cursor.countRows(rows.count - firstRow)
    try rows.append(elements: elements, valid: valid, flags: scratch.flags, from: scratch.values)
    return at < scratch.count
  }
}

/// Levels of some entries of a page, decoded ahead.
struct LevelScratch {
  private let block: AlignedBuffer
  let definitions: UnsafeMutablePointer<UInt8>
  let repetitions: UnsafeMutablePointer<UInt8>
  /// Whether each element of the entries is a value.
  let flags: UnsafeMutablePointer<UInt8>
  var values: ValueDecoder?
  var count = 0
  var position = 0

  init(capacity: Int) {
    block = AlignedBuffer(capacity: 3 * (capacity + 64))
    definitions = block.base.assumingMemoryBound(to: UInt8.self)
    repetitions = definitions + capacity + 64
    flags = repetitions + capacity + 64
  }

  var isEmpty: Bool { position == count }

  mutating func fill(_ take: Int, from page: inout OpenPage, leaf: LeafColumn) throws(ParquetError) {
    position = 0
    count = 0
    guard var repetition = page.repetitionLevels, var definition = page.definitionLevels else {
      throw .corrupt("A page of lists has no levels.")
    }
    try repetition.decodeLevels(into: repetitions, count: take, maximum: UInt8(leaf.maxRepetitionLevel))
    try definition.decodeLevels(into: definitions, count: take, maximum: UInt8(leaf.maxDefinitionLevel))
    page.repetitionLevels = repetition
    page.definitionLevels = definition
    count = take
  }
}

/// The rows of a list column while they are gathered.
final class ListRows {
  let elements: ColumnBuilder
  private(set) var count = 0
  private var offsets: AlignedBuffer
  private var flags: AlignedBuffer
  private var nullCount = 0
  private let capacity: Int

  init(layout: ColumnBuilder.Layout, rows: Int, limits: ReaderLimits) throws(ParquetError) {
    guard rows < limits.batchBytes / 4 else {
      throw ParquetError(.limitExceeded, "A batch of \(rows) lists exceeds the limit batchBytes. Read fewer at a time.")
    }
    elements = try ColumnBuilder(layout, capacity: rows, byteLimit: limits.batchBytes)
    offsets = BufferPool.shared.take((rows + 1) * 4)
    flags = BufferPool.shared.take(rows)
    capacity = rows
  }

  func begin(isNull: Bool, firstElement: Int) {
    offsets.base.storeBytes(of: Int32(truncatingIfNeeded: firstElement), toByteOffset: count * 4, as: Int32.self)
    flags.base.storeBytes(of: isNull ? 0 : 1, toByteOffset: count, as: UInt8.self)
    nullCount += isNull ? 1 : 0
    count += 1
  }

  func append(
    elements added: Int,
    valid: Int,
    flags: UnsafePointer<UInt8>,
    from values: ValueDecoder?
  ) throws(ParquetError) {
    guard added > 0, let values else { return }
    if valid > 0 { try values.decode(valid, into: elements) }
    if valid == added {
      elements.advanceValid(added)
    } else {
      elements.appendValidity(flags, count: added, valid: valid)
      elements.spread(added, valid: valid)
    }
  }

  func finish(listIsOptional: Bool) -> Column {
    offsets.base.storeBytes(
      of: Int32(truncatingIfNeeded: elements.count),
      toByteOffset: count * 4,
      as: Int32.self
    )
    var validity: Validity?
    if listIsOptional, nullCount > 0 {
      var builder = ValidityBuilder()
      builder.append(
        flags.base.assumingMemoryBound(to: UInt8.self),
        count: count,
        valid: count - nullCount,
        at: 0
      )
      validity = builder.finish(count)
    }
    return Column(
      count: count,
      validity: validity,
      storage: .list(offsets: Bytes(offsets, count: (count + 1) * 4), elements: elements.finish())
    )
  }
}

internal import ByteBuffers

/// Encodes the values of one leaf into pages, and the pages of a row group into a column chunk.
///
/// Pages end at rows that depend on the rows alone: after a number of rows, or with the first row at which the values
/// reach `pageBytes`. It takes checked columns only.
final class LeafWriter {
  /// The open page.
  struct Page {
    var rows = 0
    /// What decides where the page ends: the bytes of its slots.
    var weight = 0
    /// Level entries: values, nulls and empty lists.
    var entries = 0
    /// Present values.
    var values = 0
    /// Bytes of the present values in PLAIN encoding.
    var plainBytes = 0
  }

  /// How the chunk's values are encoded from here on.
  enum Mode {
    case plain
    /// Nothing is known yet of whether the dictionary pays.
    case dictionaryOnTrial
    case dictionary
  }

  /// What the chunk has so far.
  struct Chunk {
    var entries = 0
    var values = 0
    var uncompressedBytes = 0
    /// Data pages by the encoding of their values.
    var pages: [Encoding: Int32] = [:]
    /// Bytes of BYTE_ARRAY values without their lengths.
    var unencodedBytes = 0
    var repetitionHistogram: [Int64] = []
    var definitionHistogram: [Int64] = []
    /// Weight and entries of the largest page so far, which buffers have grown to.
    var largestPage = (weight: 0, entries: 0)
    /// Bytes of encoded pages that have left memory, and where those are that went to the scratch space.
    var movedBytes = 0
    var stored: [Range<Int>] = []

    var dictionaryPages: Int32 { pages[.rleDictionary] ?? 0 }
  }

  let plan: LeafPlan
  let pool: BufferPool
  var page = Page()
  var chunk = Chunk()
  var mode: Mode

  /// Room in front of the values, where levels go so that both can be compressed in one piece.
  let headroom: Int
  /// `headroom`, then the values of the open page in PLAIN encoding.
  var values: ByteWriter
  /// The values of the open page where they are not copied to `values`.
  var borrowed = BorrowedValues()
  /// Whether values may stay in the columns they come in until the row group is written.
  let borrowsValues: Bool
  /// Whether blocks may wait for that with room in them.
  let keepsBlocks: Bool
  /// Booleans of the open page.
  var booleans: BitAppender
  /// Validity of the open page's rows, for a flat optional column.
  var validity: BitAppender
  /// Entries of some rows of a nested column.
  var shredder = Shredder()
  /// Values of a dictionary's slots while they are appended.
  var expanded: Column?
  /// Repetition levels of the open page, one byte an entry, for a nested column.
  var repetitionLevels: ByteWriter
  /// Definition levels of the open page, one byte an entry, but for values that only values follow.
  var definitionLevels: ByteWriter
  var dictionary: DictionaryEncoder
  /// Values without their nulls, on the way into the dictionary; encoded levels.
  var scratch: ByteWriter
  /// Values in another encoding than PLAIN, on the way into `values`.
  var transcoded: ByteWriter
  var pages: ChunkPages
  /// Bounds of the open page.
  var bounds: BoundsCollector
  /// Bounds of the chunk's complete pages.
  var chunkBounds: BoundsCollector
  var index: PageIndexCollector
  var filter: BloomFilter?
  let compressors: Compressors

  init(_ plan: LeafPlan, compressors: Compressors, pool: BufferPool) {
    self.plan = plan
    self.pool = pool
    mode = plan.usesDictionary ? .dictionaryOnTrial : .plain
    keepsBlocks = pool === BufferPool.shared
    borrowsValues = plan.hasBorrowableValues && keepsBlocks
    let compressesLevels = plan.pageVersion == .v1 && plan.column.codec != .uncompressed
    headroom = compressesLevels && plan.leaf.maxDefinitionLevel > 0 ? 16 << 10 : 0
    values = ByteWriter(pool: pool)
    booleans = BitAppender(pool: pool)
    validity = BitAppender(pool: pool)
    repetitionLevels = ByteWriter(pool: pool)
    definitionLevels = ByteWriter(pool: pool)
    scratch = ByteWriter(pool: pool)
    pages = ChunkPages(pool: pool)
    transcoded = ByteWriter(pool: pool)
    let order = plan.column.writesStatistics ? BoundsOrder(plan.leaf) : .none
    bounds = BoundsCollector(order: order)
    chunkBounds = bounds
    index = PageIndexCollector(plan.leaf, order: order)
    filter = LeafWriter.emptyFilter(plan)
    self.compressors = compressors
    if case .fixed(let width) = plan.layout {
      dictionary = DictionaryEncoder(width: width, pool: pool)
    } else {
      dictionary = DictionaryEncoder(width: nil, pool: pool)
    }
    startValues()
  }

  /// Bytes of the row group that this leaf holds: encoded pages, the dictionary, and the open page before encoding.
  var byteCount: Int {
    storedBytes + page.weight + (mode == .plain ? dictionary.closed.byteCount : dictionary.byteCount)
  }

  /// Appends some rows of a checked column of the leaf's field.
  func append(_ column: Column, from: Int, count: Int) throws(ParquetError) {
    do throws(ParquetError) {
      switch column.storage {
      case .fixed, .variable:
        if let slots = Slots(column) { try appendFlat(slots, from: from, count: count) }
      case .dictionary: try appendDictionary(column, from: from, count: count)
      case .list(let offsets, let elements) where plan.path.isListOfValues && !elements.isDictionary:
        let lists = ListSlots(
          offsets: offsets.base,
          bits: column.validity?.bits.base,
          elements: Slots(elements),
          definition: plan.path.places[0].definition
        )
        try appendLists(lists, from: from, count: count)
      case .list, .structure: try appendNested(column, from: from, count: count)
      }
    } catch {
      throw error.located(column: plan.leaf.dottedPath)
    }
  }

  private func appendDictionary(_ column: Column, from: Int, count: Int) throws(ParquetError) {
    var at = from
    while at < from + count {
      let rows = at..<min(at + 4096, from + count)
      let values = try DictionaryExpansion.expand(column, rows)
      if let slots = Slots(values) { try appendFlat(slots, from: 0, count: rows.count) }
      at = rows.upperBound
    }
  }

  private func appendFlat(_ slots: Slots, from: Int, count: Int) throws(ParquetError) {
    var at = from
    let end = from + count
    while at < end {
      let rows: Int
      let weight: Int
      if let fixedRows = plan.fixedPageRows, case .fixed(let width) = plan.layout {
        rows = min(end - at, fixedRows - page.rows)
        weight = rows * width
      } else {
        (rows, weight) = PlainEncoder.slots(
          offsets: slots.offsets ?? slots.base,
          bits: slots.bits,
          at: at,
          count: min(end - at, plan.pageRows - page.rows),
          reaching: plan.pageBytes - page.weight
        )
      }
      let present = slots.bits.map { ValidityWords.ones($0, at, rows) } ?? rows
      if plan.hasNullableValues {
        if let bits = slots.bits, present < rows {
          validity.append(bits, from: at, count: rows)
        } else {
          validity.append(ones: rows)
        }
      }
      appendValues(present == rows ? slots.allValid : slots, at: at, count: rows, present: present, weight: weight)
      page.rows += rows
      page.entries += rows
      page.weight += weight
      at += rows
      if isPageFull { try finishPage() }
    }
  }

  /// Whether the open page ends behind its last row.
  var isPageFull: Bool {
    if let rows = plan.fixedPageRows { return page.rows >= rows }
    return page.rows >= plan.pageRows || page.weight >= plan.pageBytes
  }

  /// Appends slots to the open page.
  ///
  /// - Parameters:
  ///   - slots: the column; without validity when all slots hold a value.
  ///   - at: first slot.
  ///   - count: number of slots.
  ///   - present: slots among them that hold a value.
  ///   - weight: bytes of the slots, at four bytes a null where the width varies.
  func appendValues(_ slots: Slots, at: Int, count: Int, present: Int, weight: Int) {
    page.values += present
    guard present > 0 else { return }
    switch plan.layout {
    case .fixed(let width):
      page.plainBytes += present * width
      if plan.leaf.type == .boolean {
        booleans.append(lowBitsOf: dense(slots, width: width, at: at, count: count), count: present)
      } else if mode == .plain {
        appendPlain(slots, width: width, at: at, count: count, present: present)
      } else {
        dictionary.add(fixed: dense(slots, width: width, at: at, count: count), count: present)
      }
    case .variable:
      guard let offsets = slots.offsets else { return }
      let size = weight - (count - present) * PlainEncoder.lengthBytes
      page.plainBytes += size
      if mode == .plain {
        let target = values.reserve(size + PlainEncoder.slack)
        let written = PlainEncoder.byteArrays(
          offsets: offsets,
          data: slots.base,
          bits: slots.bits,
          at: at,
          count: count,
          into: target
        )
        values.advance(written)
        bounds.add(plain: target, byteCount: written, count: present)
      } else {
        dictionary.add(offsets: offsets, data: slots.base, bits: slots.bits, at: at, count: count)
      }
    }
  }

  private func appendPlain(_ slots: Slots, width: Int, at: Int, count: Int, present: Int) {
    if slots.bits == nil, let owner = slots.owner, borrow(owner[at * width..<(at + count) * width]) {
      return bounds.add(plain: slots.base + at * width, byteCount: count * width, count: count)
    }
    copyBorrowed()
    let target = values.reserve(count * width + PlainEncoder.slack)
    if let bits = slots.bits {
      _ = PlainEncoder.compact(slots.base, width: width, bits: bits, at: at, count: count, into: target)
    } else {
      target.copyMemory(from: slots.base + at * width, byteCount: count * width)
    }
    values.advance(present * width)
    bounds.add(plain: target, byteCount: present * width, count: present)
  }

  /// Fixed-width values without nulls between them: the slots themselves, or a copy that the next call overwrites.
  private func dense(_ slots: Slots, width: Int, at: Int, count: Int) -> UnsafeRawPointer {
    guard let bits = slots.bits else { return slots.base + at * width }
    scratch.removeAll()
    let target = scratch.reserve(count * width + PlainEncoder.slack)
    _ = PlainEncoder.compact(slots.base, width: width, bits: bits, at: at, count: count, into: target)
    return UnsafeRawPointer(target)
  }

  /// Makes room for the levels of the next page.
  func startValues() {
    borrowed.removeAll()
    values.removeAll()
    _ = values.reserve(headroom)
    values.advance(headroom)
  }
}

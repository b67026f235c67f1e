import ByteBuffers
import Testing

@testable import Parquet

/// A written file and its indexes, decoded from where the footer says they are.
struct WrittenIndexes {
  let bytes: Bytes
  let metadata: FileMetadata

  init(_ bytes: [UInt8]) async throws {
    self.bytes = Bytes(bytes)
    metadata = try await NativeParquetCodec().openReader(MemorySource(self.bytes)).metadata
  }

  private func part(_ place: IndexLocation?) throws -> Bytes? {
    guard let place else { return nil }
    let start = Int(place.offset)
    return bytes[start..<start + Int(try #require(place.length))]
  }

  func chunk(_ leaf: Int, group: Int = 0) -> ColumnChunk { metadata.rowGroups[group].columns[leaf] }

  func offsets(_ leaf: Int, group: Int = 0) throws -> OffsetIndex? {
    try part(chunk(leaf, group: group).offsetIndex).map { try OffsetIndex(decoding: $0) }
  }

  func bounds(_ leaf: Int, group: Int = 0) throws -> ColumnIndex? {
    try part(chunk(leaf, group: group).columnIndex).map { try ColumnIndex(decoding: $0) }
  }

  func filter(_ leaf: Int, group: Int = 0) throws -> BloomFilter? {
    try part(chunk(leaf, group: group).bloomFilter).map { try BloomFilter(decoding: $0) }
  }

  func pages(_ leaf: Int, group: Int = 0) async throws -> [PageDescription] {
    var walk = try ParquetPages(MemorySource(bytes), metadata: metadata, rowGroup: group, leaf: leaf)
    var found: [PageDescription] = []
    while let page = try await walk.next() { found.append(page) }
    return found
  }
}

@Suite("Page indexes against the rows of the pages")
struct WritingPageIndexTests {
  /// Present values, level counts and bytes of some rows, by the obvious way.
  private struct Expected {
    var values: [[UInt8]] = []
    var entries = 0
    var repetition: [Int64]
    var definition: [Int64]

    init(_ rows: ArraySlice<Datum>, _ field: SchemaNode, _ leaf: LeafColumn) {
      repetition = [Int64](repeating: 0, count: leaf.maxRepetitionLevel + 1)
      definition = [Int64](repeating: 0, count: leaf.maxDefinitionLevel + 1)
      for row in rows {
        guard leaf.maxRepetitionLevel > 0 else {
          add(row, at: 0, leaf.maxDefinitionLevel)
          continue
        }
        let empty = field.repetition == .optional ? 1 : 0
        if row.isNull {
          note(0, 0)
        } else if row.elements.isEmpty {
          note(0, empty)
        } else {
          for (index, element) in row.elements.enumerated() { add(element, at: index, leaf.maxDefinitionLevel) }
        }
      }
    }

    private mutating func note(_ repetitionLevel: Int, _ definitionLevel: Int) {
      entries += 1
      repetition[repetitionLevel] += 1
      definition[definitionLevel] += 1
    }

    private mutating func add(_ value: Datum, at index: Int, _ definition: Int) {
      note(index == 0 ? 0 : 1, value.isNull ? definition - 1 : definition)
      if !value.isNull { values.append(value.bytes) }
    }
  }

  private static func number(_ bytes: [UInt8], _ type: PhysicalType) -> Double {
    let raw = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    switch type {
    case .int32: return Double(Int32(truncatingIfNeeded: raw))
    case .int64: return Double(Int64(bitPattern: raw))
    case .float: return Double(Float(bitPattern: UInt32(raw)))
    case .double: return Double(bitPattern: raw)
    default: return Double(raw)
    }
  }

  private static func precedes(_ type: PhysicalType) -> ([UInt8], [UInt8]) -> Bool {
    switch type {
    case .byteArray, .fixedLengthByteArray: { $0.lexicographicallyPrecedes($1) }
    default: { number($0, type) < number($1, type) }
    }
  }

  @Test("Indexes, sizes and counts of every page agree with its rows", arguments: 0..<8)
  func everything(seed: Int) async throws {
    let table = TestData.everything(rows: 700, nulls: seed % 4, distinct: [5, 400][seed / 4], seed: UInt64(seed))
    var properties = WriterProperties(
      [.uncompressed, .zstd][seed % 2],
      dictionary: seed % 3 == 0,
      seed % 4 < 2 ? .v1 : .v2
    )
    properties.pageRows = 90
    properties.rowGroupRows = 400
    let file = try await WrittenIndexes(try await table.write(properties).bytes)
    #expect(file.metadata.rowGroups.map(\.rowCount) == [400, 300])
    for (group, start) in [0, 400].enumerated() {
      for (index, leaf) in file.metadata.schema.leaves.enumerated() {
        let rows = table.fields[index].rows[start..<min(start + 400, 700)]
        try await check(file, group, leaf, table.fields[index].node, rows)
      }
    }
  }

  private func check(
    _ file: WrittenIndexes,
    _ group: Int,
    _ leaf: LeafColumn,
    _ field: SchemaNode,
    _ rows: ArraySlice<Datum>
  ) async throws {
    let place: Comment = "\(leaf.dottedPath), row group \(group)"
    let offsets = try #require(try file.offsets(leaf.index, group: group), place)
    let pages = try await file.pages(leaf.index, group: group).filter { $0.kind != .dictionary }
    #expect(offsets.pages.map(\.offset) == pages.map(\.offset), place)
    #expect(offsets.pages.map { Int($0.compressedSize) } == pages.map { $0.headerSize + $0.compressedSize }, place)
    let bounds = try file.bounds(leaf.index, group: group)
    #expect((bounds == nil) == (leaf.type == .int96), place)
    if let bounds { #expect(bounds.pageCount == pages.count, place) }
    let ends = offsets.pages.dropFirst().map(\.firstRow) + [Int64(rows.count)]
    var (repetition, definition): ([Int64], [Int64]) = ([], [])
    for (page, location) in offsets.pages.enumerated() {
      let range = rows.startIndex + Int(location.firstRow)..<rows.startIndex + Int(ends[page])
      let expected = Expected(rows[range], field, leaf)
      #expect(pages[page].valueCount == expected.entries, place)
      if let count = pages[page].rowCount { #expect(count == range.count, place) }
      if leaf.type == .byteArray {
        #expect(offsets.unencodedByteArrayBytes?[page] == Int64(expected.values.reduce(0) { $0 + $1.count }), place)
      } else {
        #expect(offsets.unencodedByteArrayBytes == nil)
      }
      repetition += expected.repetition
      definition += expected.definition
      guard let bounds else { continue }
      let sorted = expected.values.sorted(by: Self.precedes(leaf.type))
      #expect(bounds.nullPages[page] == sorted.isEmpty, place)
      #expect(bounds.minValues[page].array == sorted.first ?? [], place)
      #expect(bounds.maxValues[page].array == sorted.last ?? [], place)
      #expect(bounds.nullCounts?[page] == Int64(expected.entries - sorted.count), place)
      #expect(bounds.nanCounts?[page] == ([.float, .double].contains(leaf.type) ? 0 : nil), place)
    }
    let isList = leaf.maxRepetitionLevel > 0
    let counted = isList && leaf.maxDefinitionLevel > 1
    #expect(bounds == nil || bounds?.repetitionLevelHistograms == (isList ? repetition : nil), place)
    #expect(bounds == nil || bounds?.definitionLevelHistograms == (counted ? definition : nil), place)
    let whole = Expected(rows, field, leaf)
    let sizes = file.chunk(leaf.index, group: group).sizeStatistics
    #expect(sizes?.repetitionLevelHistogram == (isList ? whole.repetition : nil), place)
    #expect(sizes?.definitionLevelHistogram == (counted ? whole.definition : nil), place)
    let total = Int64(whole.values.reduce(0) { $0 + $1.count })
    #expect(sizes?.unencodedByteArrayBytes == (leaf.type == .byteArray ? total : nil), place)
  }

  /// The column index of one optional field with two rows a page.
  private func index(
    _ type: PhysicalType,
    _ rows: [Datum],
    _ logical: LogicalType? = nil,
    dictionary: Bool = false
  ) async throws -> ColumnIndex? {
    let node = SchemaNode("a", type, repetition: .optional, logicalType: logical)
    var properties = WriterProperties(.uncompressed, dictionary: dictionary)
    properties.pageRows = 2
    let file = try await WrittenIndexes(try await TestTable(TestField(node: node, rows: rows)).write(properties).bytes)
    #expect(try file.offsets(0)?.pages.count == (rows.count + 1) / 2)
    return try file.bounds(0)
  }

  @Test("The order of the bounds is told, and pages of nulls are left out of account")
  func boundaryOrders() async throws {
    func order(_ numbers: [Int32?], _ logical: LogicalType? = nil) async throws -> BoundaryOrder? {
      try await index(.int32, numbers.map { $0.map { .int32($0) } ?? .null }, logical)?.boundaryOrder
    }
    #expect(try await order([1, 2, 2, 3, nil, nil, 5, 9]) == .ascending)
    #expect(try await order([9, 8, nil, nil, 8, 7, -1, nil]) == .descending)
    #expect(try await order([1, 9, 2, 8]) == .unordered)
    #expect(try await order([4, 4, 4, 4]) == .ascending)
    #expect(try await order([nil, nil]) == .ascending)
    #expect(try await order([1, 1, -1, -1]) == .descending)
    #expect(try await order([9, 8, 9, 7, 9, 7]) == .descending)
    #expect(try await order([7, 9, 8, 9, 8, 9]) == .ascending)
    #expect(try await order([1, 1, -1, -1], .integer(bitWidth: 32, isSigned: false)) == .ascending)
    let nulls = try await index(.int32, [.null, .null, .int32(1)])
    #expect(nulls?.nullPages == [true, false])
    #expect(nulls?.minValues == [.empty, Bytes([1, 0, 0, 0])])
  }

  @Test("A page of NaN alone has no bounds, so that the chunk has no column index", arguments: [false, true])
  func nanPage(dictionary: Bool) async throws {
    let nan = Datum.double(.nan)
    #expect(try await index(.double, [nan, nan, .double(1)], dictionary: dictionary) == nil)
    let rows = [nan, .double(1), .null, .null, .double(2), .double(2), nan, .double(0)]
    let mixed = try #require(try await index(.double, rows + rows, dictionary: dictionary))
    #expect(mixed.nanCounts == [1, 0, 0, 1, 1, 0, 0, 1])
    #expect(mixed.minValues[3].array == Datum.double(-0.0).bytes && mixed.maxValues[3].array == Datum.double(0).bytes)
  }

  @Test("Long bounds are cut in the index as they are in the chunk, and one that cannot be raised leaves it out")
  func longBounds() async throws {
    let long = Datum.text(String(repeating: "b", count: 100))
    let cut = try await index(.byteArray, [long], .string)
    #expect(cut?.minValues[0].count == 64)
    #expect(cut?.maxValues[0].array == Array((String(repeating: "b", count: 63) + "c").utf8))
    #expect(try await index(.byteArray, [.value([UInt8](repeating: 0xff, count: 65))]) == nil)
  }

  @Test("Indexes, checksums and sizes are left out where they are not wanted")
  func leftOut() async throws {
    var properties = WriterProperties(.uncompressed)
    properties.defaults.writesPageIndex = false
    properties.writesChecksums = false
    properties.writesSizeStatistics = false
    let rows = [Datum.text("a")]
    let table = TestTable(TestField(node: SchemaNode("a", .byteArray), rows: rows))
    let file = try await WrittenIndexes(try await table.write(properties).bytes)
    let chunk = file.chunk(0)
    #expect(chunk.offsetIndex == nil && chunk.columnIndex == nil && chunk.sizeStatistics == nil)
    #expect(try await file.pages(0).map(\.checksum) == [nil])
    properties.defaults.usesDictionary = true
    let many = TestTable(TestField(node: SchemaNode("a", .byteArray), rows: Array(repeating: .text("long"), count: 99)))
    let coded = try await WrittenIndexes(try await many.write(properties).bytes)
    #expect(try await coded.pages(0).map(\.kind) == [.dictionary, .dataV1])
    #expect(try await coded.pages(0).map(\.checksum) == [nil, nil])
    properties.writesChecksums = true
    let summed = try await WrittenIndexes(try await many.write(properties).bytes)
    #expect(try await summed.pages(0).allSatisfy { $0.checksum != nil })
    properties.writesChecksums = false
    properties.defaults.usesDictionary = false
    properties.defaults.writesPageIndex = true
    properties.defaults.writesStatistics = false
    let places = try await WrittenIndexes(try await table.write(properties).bytes)
    #expect(try places.offsets(0) != nil && places.chunk(0).columnIndex == nil)
  }
}

import ByteBuffers
import Synchronization
import Testing

@testable import Parquet

/// A source that notes what is asked of it.
private final class RecordingSource: RandomAccessSource {
  private let below: MemorySource
  private let asked = Mutex<[Range<Int>]>([])

  init(_ bytes: Bytes) {
    below = MemorySource(bytes, name: "recorded")
  }

  var name: String { below.name }
  var size: Int { below.size }
  var ranges: [Range<Int>] { asked.withLock { $0 } }

  func read(_ ranges: [Range<Int>]) async throws -> [Bytes] {
    asked.withLock { $0 += ranges }
    return try await below.read(ranges)
  }

  func forget() { asked.withLock { $0 = [] } }
}

/// What is never fetched: row groups, pages and filters that a predicate has no use for.
///
/// Without these tests, leaving out nothing at all would only be slow.
struct SelectionSkippingTests {
  /// Three row groups of 1000 rows in pages of 200.
  ///
  /// `key` is twice the row; `text` is null in the second row group and nowhere else; `code` is 0 or 2, but 1 in row
  /// 1234; `real` has NaN in the first row group; `wide` has pages of 100 KB, between which nothing is fetched for being
  /// near.
  private static func file() async throws -> WrittenIndexes {
    var random = TestRandom(seed: 5)
    let rows = 0..<3000
    let table = TestTable(
      TestField(node: SchemaNode("key", .int64), rows: rows.map { .int64(Int64(2 * $0)) }),
      TestField(
        node: SchemaNode("text", .byteArray, repetition: .optional, logicalType: .string),
        rows: rows.map { $0 / 1000 == 1 ? .null : .text("text \($0)") }
      ),
      TestField(node: SchemaNode("code", .int32), rows: rows.map { .int32($0 == 1234 ? 1 : Int32($0 % 2) * 2) }),
      TestField(node: SchemaNode("real", .double), rows: rows.map { .double($0 == 7 ? .nan : 1) }),
      TestField(
        node: SchemaNode("wide", .fixedLengthByteArray, length: 512),
        rows: rows.map { _ in .value((0..<512).map { _ in UInt8.random(in: 0...255, using: &random) }) }
      )
    )
    var properties = WriterProperties(.uncompressed)
    properties.pageRows = 200
    properties.rowGroupRows = 1000
    properties.columns[0] = properties.defaults
    properties.columns[0]?.writesBloomFilter = BloomFilterProperties(falsePositiveRate: 0.0001)
    let file = try await WrittenIndexes(try await table.write(properties).bytes)
    #expect(file.metadata.rowGroups.map(\.rowCount) == [1000, 1000, 1000])
    return file
  }

  private static func options(statistics: Bool = false, bloom: Bool = false, index: Bool = false) -> ReaderOptions {
    var options = ReaderOptions()
    options.tailBytes = 8
    options.fetchBytes = 16 << 10
    options.usesStatistics = statistics
    options.usesBloomFilters = bloom
    options.usesPageIndex = index
    return options
  }

  /// Reads with a predicate.
  ///
  /// - Returns: the rows' keys, and which ranges were fetched once the footer was there.
  private func read(
    _ file: WrittenIndexes,
    _ predicate: RowPredicate?,
    _ options: ReaderOptions,
    fields: [Int]? = nil,
    rows wanted: [Range<Int64>]? = nil
  ) async throws -> (rows: [Int], ranges: [Range<Int>]) {
    let source = RecordingSource(file.bytes)
    let reader = try await NativeParquetCodec(readerOptions: options).openReader(source)
    source.forget()
    let batches = try reader.rows(RowSelection(fields: fields, rows: wanted, predicate: predicate))
    var rows: [Int] = []
    while let batch = try await batches.next(limit: 700) {
      rows += (batch.columns[0].withValues(of: Int64.self) { Array($0) } ?? []).map { Int($0) / 2 }
    }
    return (rows, source.ranges)
  }

  /// Row groups whose pages were fetched.
  private func rowGroups(_ ranges: [Range<Int>], of file: WrittenIndexes) -> [Int] {
    file.metadata.rowGroups.indices.filter { group in
      file.metadata.rowGroups[group].columns.contains { chunk in
        let start = Int(chunk.firstPageOffset)
        return ranges.contains { $0.overlaps(start..<start + Int(chunk.compressedSize)) }
      }
    }
  }

  /// Data pages of a leaf that were fetched, by row group and page.
  private func pages(_ ranges: [Range<Int>], of file: WrittenIndexes, leaf: Int) throws -> [[Int]] {
    try file.metadata.rowGroups.indices.flatMap { group in
      let places = try #require(try file.offsets(leaf, group: group)).pages
      return places.indices.filter { page in
        let start = Int(places[page].offset)
        return ranges.contains { $0.overlaps(start..<start + Int(places[page].compressedSize)) }
      }.map { [group, $0] }
    }
  }

  /// Row groups whose part of one kind was fetched.
  private func parts(
    _ ranges: [Range<Int>],
    of file: WrittenIndexes,
    leaf: Int,
    _ kind: (ColumnChunk) -> IndexLocation?
  ) -> [Int] {
    file.metadata.rowGroups.indices.filter { group in
      guard let place = kind(file.chunk(leaf, group: group)) else { return false }
      let start = Int(place.offset)
      return ranges.contains { $0.overlaps(start..<start + Int(place.length ?? 1)) }
    }
  }

  private let key = RowPredicate.column("key")
  private let text = RowPredicate.column("text")
  private let real = RowPredicate.column("real")

  @Test func `statistics leave out row groups`() async throws {
    let file = try await Self.file()
    let cases: [(RowPredicate, Int, groups: [Int])] = [
      (key == 4010, 1, [2]), (key > 5998, 0, []), (key >= 5998, 1, [2]), (key < 2000, 1000, [0]),
      (key.isIn([100, 5000]), 2, [0, 2]), (key.isIn([-2, 6000]), 0, []), (!(key <= 1999), 2000, [1, 2]),
      (text.isNull, 1000, [1]), (text.isNotNull, 2000, [0, 2]), (text != "text 5", 1999, [0, 2]),
      (text < "text 10", 2, [0]), (key.isNull, 0, []),
      // NaN is not 1 and is known to be in the first row group alone.
      (real != 1, 1, [0]), (real == 2, 0, []),
      (.or([key == 0, text == "text 2500"]), 2, [0, 2]), (.and([key >= 2000, text.isNotNull]), 1000, [2]),
    ]
    for (predicate, count, groups) in cases {
      let skipping = try await read(file, predicate, Self.options(statistics: true))
      #expect(skipping.rows.count == count, "\(predicate)")
      #expect(rowGroups(skipping.ranges, of: file) == groups, "\(predicate)")
      #expect(groups != [] || skipping.ranges.isEmpty, "\(predicate): nothing needs to be fetched")
      let all = try await read(file, predicate, Self.options())
      #expect(all.rows == skipping.rows, "\(predicate)")
      #expect(rowGroups(all.ranges, of: file) == [0, 1, 2], "\(predicate): statistics were not to be used")
    }
  }

  @Test func `bloom filters leave out row groups that statistics do not, and no others are fetched`() async throws {
    let file = try await Self.file()
    // Odd numbers are within the bounds, but no keys.
    let cases: [(RowPredicate, Int, groups: [Int], filters: [Int])] = [
      (key == 2001, 0, [], [1]), (key.isIn([1, 2003, 7000]), 0, [], [0, 1]), (key.isIn([1, 2004]), 1, [1], [0, 1]),
      (.or([key == 3, key == 5001]), 0, [], [0, 2]), (.and([key == 2001, text.isNull]), 0, [], [1]),
      (key == 2002, 1, [1], [1]),
      // What these ask for is no list of values.
      (key != 2001, 3000, [0, 1, 2], []), (.and([key > 2000, key < 2002]), 0, [1], []),
    ]
    for (predicate, count, groups, filters) in cases {
      let skipping = try await read(file, predicate, Self.options(statistics: true, bloom: true))
      #expect(skipping.rows.count == count, "\(predicate)")
      #expect(rowGroups(skipping.ranges, of: file) == groups, "\(predicate)")
      #expect(parts(skipping.ranges, of: file, leaf: 0) { $0.bloomFilter } == filters, "\(predicate)")
      let others = try await read(file, predicate, Self.options(statistics: true))
      #expect(others.rows == skipping.rows, "\(predicate)")
      #expect(parts(others.ranges, of: file, leaf: 0) { $0.bloomFilter } == [], "\(predicate)")
      #expect(rowGroups(others.ranges, of: file) != [], "\(predicate)")
    }
    let alone = try await read(file, key == 2001, Self.options(bloom: true))
    #expect(rowGroups(alone.ranges, of: file) == [])
    #expect(parts(alone.ranges, of: file, leaf: 0) { $0.bloomFilter } == [0, 1, 2])
  }

  @Test func `a bloom filter whose length is not told is used, one above the limit is not`() async throws {
    let file = try await Self.file()
    var changed = try ChangeableFile(file.bytes.array)
    for group in 0..<3 { changed.footer[4, group, 1, 0, 3, 15] = nil }
    let older = try await WrittenIndexes(changed.bytes)
    #expect(older.chunk(0).bloomFilter.map { $0.length == nil } == true)
    var options = Self.options(statistics: true, bloom: true)
    #expect(rowGroups(try await read(older, key == 2001, options).ranges, of: older) == [])
    #expect(try await read(older, key == 2002, options).rows == [1001])
    options.limits.bloomFilterBytes = 64
    for limited in [file, older] {
      let large = try await read(limited, key == 2001, options)
      #expect(rowGroups(large.ranges, of: limited) == [1])
      #expect(large.rows == [])
    }
  }

  @Test func `the page index leaves out pages of every column`() async throws {
    let file = try await Self.file()
    let cases: [(RowPredicate, rows: [Int], pages: [[Int]])] = [
      (key.isIn([2398, 2400, 2798]), [1199, 1200, 1399], [[1, 0], [1, 1]]),
      (.and([key >= 3100, key < 3104]), [1550, 1551], [[1, 2]]),
      (.or([key == 0, key == 5998]), [0, 2999], [[0, 0], [2, 4]]),
      (.and([key < 400, text == "text 5"]), [5], [[0, 0]]), (key == 2401, [], []), (key > 5998, [], []),
      (.and([text.isNull, key == 2000]), [1000], [[1, 0]]), (real != 1, [7], [[0, 0]]),
    ]
    for (predicate, rows, expected) in cases {
      let skipping = try await read(file, predicate, Self.options(index: true))
      #expect(skipping.rows == rows, "\(predicate)")
      #expect(try pages(skipping.ranges, of: file, leaf: 4) == expected, "\(predicate)")
      let all = try await read(file, predicate, Self.options())
      #expect(all.rows == rows, "\(predicate)")
      #expect(parts(all.ranges, of: file, leaf: 0) { $0.offsetIndex } == [], "\(predicate)")
      #expect(parts(all.ranges, of: file, leaf: 0) { $0.columnIndex } == [], "\(predicate)")
    }
    // Each test has rows of its own: texts from 200 to 399 are with the keys, and this one is not among them.
    let apart = try await read(file, .and([key >= 400, key < 800, text == "text 850"]), Self.options(index: true))
    #expect(apart.rows == [])
    #expect(rowGroups(apart.ranges, of: file) == [])
  }

  @Test func `only the pages of wanted rows are fetched`() async throws {
    let file = try await Self.file()
    let wanted: [Range<Int64>] = [199..<200, 1599..<1601, 2999..<3000]
    let some = try await read(file, nil, Self.options(index: true), rows: wanted)
    #expect(some.rows == [199, 1599, 1600, 2999])
    #expect(try pages(some.ranges, of: file, leaf: 4) == [[0, 0], [1, 2], [1, 3], [2, 4]])
    let both = try await read(file, key >= 3198, Self.options(index: true), rows: wanted)
    #expect(both.rows == [1599, 1600, 2999])
    #expect(try pages(both.ranges, of: file, leaf: 4) == [[1, 2], [1, 3], [2, 4]])
  }

  @Test func `columns that are not tested are fetched only where the predicate is true`() async throws {
    let file = try await Self.file()
    // Bounds of every page are 0 and 2: only the values tell.
    let found = try await read(file, RowPredicate.column("code") == 1, Self.options(statistics: true, index: true))
    #expect(found.rows == [1234])
    #expect(try pages(found.ranges, of: file, leaf: 4) == [[1, 1]])
    #expect(try pages(found.ranges, of: file, leaf: 1).allSatisfy { $0[0] == 1 })
    // A test of another column is made on what the first one left.
    let code: RowPredicate = RowPredicate.column("code") == 1
    let wide: RowPredicate = RowPredicate.column("wide") != .bytes([])
    let both = try await read(file, .and([code, wide]), Self.options(index: true), fields: [0])
    #expect(both.rows == [1234])
    #expect(try pages(both.ranges, of: file, leaf: 4) == [[1, 1]])
  }

  @Test func `page indexes above the limit are not fetched`() async throws {
    let file = try await Self.file()
    var options = Self.options(index: true)
    options.limits.pageIndexBytes = 16
    let limited = try await read(file, key == 2400, options)
    #expect(limited.rows == [1200])
    #expect(parts(limited.ranges, of: file, leaf: 0) { $0.columnIndex } == [])
    #expect(parts(limited.ranges, of: file, leaf: 0) { $0.offsetIndex } == [])
  }
}

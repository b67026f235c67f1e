import ByteBuffers
import Foundation
import Parquet
import Testing

/// Rows chosen by number, with and without the page index.
@Suite(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
struct SelectionRowsTests {
  /// Ranges that ascend, apart from each other, some adjacent, some empty.
  static func ranges(_ count: Int, _ generator: inout SeededGenerator) -> [Range<Int64>] {
    let cuts = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
      Int64.random(in: 0...Int64(count), using: &generator)
    }
    let sorted = cuts.sorted()
    var ranges: [Range<Int64>] = []
    for index in stride(from: 0, to: sorted.count - 1, by: Bool.random(using: &generator) ? 2 : 1) {
      ranges.append(sorted[index]..<sorted[index + 1])
    }
    return ranges
  }

  @Test func `the rows of ranges are those of a full read`() async throws {
    var generator = SeededGenerator(Surroundings.seed)
    for (name, bytes) in try SelectionFiles.make(seed: Surroundings.seed) {
      let all = try await readTable(MemorySource(Bytes(bytes))) { 1000 }
      for round in 0..<12 {
        let rows = Self.ranges(all.rows.count, &generator)
        let fields = round % 3 == 0 ? nil : Array(all.columns.indices.shuffled(using: &generator).prefix(4))
        var selection = RowSelection(fields: fields, rows: rows)
        if round % 4 == 0 { selection.dictionaryFields = Set(all.columns.indices) }
        var options = ReaderOptions()
        options.usesPageIndex = Bool.random(using: &generator)
        options.fetchBytes = Int.random(in: 1...20_000, using: &generator)
        let most = [1, 10, 300, 5000].randomElement(using: &generator) ?? 1
        let limits = (0..<20_000).map { _ in Int.random(in: 1...most, using: &generator) }
        var next = limits.makeIterator()
        let own = try await readTable(MemorySource(Bytes(bytes)), options: options, selection: selection) {
          next.next() ?? 1
        }
        let wanted = rows.flatMap { Array($0) }.map { row in
          (fields ?? Array(all.columns.indices)).map { all.rows[Int(row)][$0] }
        }
        let truth = CanonicalTable(
          columns: (fields ?? Array(all.columns.indices)).map { all.columns[$0] },
          rows: wanted
        )
        let difference = own.difference(from: truth)
        #expect(difference == nil, "\(name), \(rows), seed \(Surroundings.seed): \(difference ?? "")")
      }
    }
  }

  @Test func `ranges and row groups together deliver the rows of both`() async throws {
    var generator = SeededGenerator(Surroundings.seed)
    for (name, bytes) in try SelectionFiles.make(seed: Surroundings.seed).prefix(4) {
      let source = MemorySource(Bytes(bytes))
      let reader = try await NativeParquetCodec().openReader(source)
      let all = try await readTable(source, selection: RowSelection(fields: [0])) { 1000 }
      let rows = Self.ranges(all.rows.count, &generator)
      let groups = reader.metadata.rowGroups.indices.filter { _ in Bool.random(using: &generator) }
      var truth = CanonicalTable(columns: all.columns, rows: [])
      var start = 0
      for (index, group) in reader.metadata.rowGroups.enumerated() {
        let inGroup = start..<start + Int(group.rowCount)
        start = inGroup.upperBound
        guard groups.contains(index) else { continue }
        truth.rows += inGroup.filter { row in rows.contains { $0.contains(Int64(row)) } }.map { all.rows[$0] }
      }
      let selection = RowSelection(fields: [0], rowGroups: groups, rows: rows)
      let own = try await readTable(source, selection: selection) { 77 }
      #expect(own.difference(from: truth) == nil, "\(name), seed \(Surroundings.seed)")
    }
  }

  @Test func `a few rows are read with a few pages`() async throws {
    for (name, bytes) in try SelectionFiles.make(seed: Surroundings.seed) {
      var read: [Bool: Int] = [:]
      var indexBytes = 0
      for usesIndex in [true, false] {
        let source = CountingSource(bytes, name: name)
        var options = ReaderOptions()
        options.usesPageIndex = usesIndex
        options.tailBytes = 8
        let reader = try await NativeParquetCodec(readerOptions: options).openReader(source)
        let before = source.bytesRead
        let fields = ["key", "real", "sorted_text", "list"].compactMap(reader.metadata.schema.fieldIndex(named:))
        let rows = try reader.rows(RowSelection(fields: fields, rows: [200..<202]))
        #expect(try await rows.next(limit: 10)?.rowCount == 2)
        #expect(try await rows.next(limit: 10) == nil)
        read[usesIndex] = source.bytesRead - before
        indexBytes = reader.metadata.rowGroups.flatMap(\.columns).reduce(0) { $0 + Int($1.offsetIndex?.length ?? 0) }
      }
      let (with, without) = (try #require(read[true]), try #require(read[false]))
      // Gaps of 64 KiB are fetched: these files are smaller, so that less is read but before and behind the rows; the
      // index itself has to be read too.
      #expect(with < without + indexBytes, "\(name): \(with) bytes with the index, \(without) without")
    }
  }

  @Test func `ranges that do not ascend or leave the file are refused`() async throws {
    let (_, bytes) = try #require(try SelectionFiles.make(seed: 1).first)
    let reader = try await NativeParquetCodec().openReader(MemorySource(Bytes(bytes)))
    let end = reader.metadata.rowCount
    let behind = Range<Int64>(uncheckedBounds: (0, end + 1))
    let before = Range<Int64>(uncheckedBounds: (-1, 3))
    let first: Range<Int64> = 5..<7
    let overlapping: Range<Int64> = 6..<9
    let earlier: Range<Int64> = 1..<2
    let wrong: [[Range<Int64>]] = [[first, overlapping], [first, earlier], [behind], [before]]
    for rows in wrong {
      let error = try #require(throws: ParquetError.self) { try reader.rows(RowSelection(rows: rows)) }
      #expect(error.code == .invalidArgument)
    }
    let none = try reader.rows(RowSelection(rows: []))
    #expect(try await none.next(limit: 1) == nil)
  }
}

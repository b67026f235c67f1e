import ByteBuffers
import Foundation
import Parquet
import Testing

/// Damaged page indexes: the pages they point at are read right or refused, and nothing traps.
@Suite(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
struct SelectionHostileTests {
  private static func places(_ metadata: FileMetadata, _ which: (ColumnChunk) -> IndexLocation?) -> [Int] {
    metadata.rowGroups.flatMap(\.columns).compactMap(which).flatMap { place in
      Array(Int(place.offset)..<Int(place.offset) + Int(place.length ?? 0))
    }
  }

  @Test func `damaged places of pages give the same rows or an error`() async throws {
    var generator = SeededGenerator(Surroundings.seed)
    for (name, bytes) in try SelectionFiles.make(seed: Surroundings.seed).prefix(6) {
      let source = MemorySource(Bytes(bytes))
      let all = try await readTable(source) { 1000 }
      let metadata = try await NativeParquetCodec().openReader(source).metadata
      let places = Self.places(metadata) { $0.offsetIndex }
      for _ in 0..<60 {
        var changed = bytes
        changed[try #require(places.randomElement(using: &generator))] = UInt8.random(in: 0...255, using: &generator)
        let rows = SelectionRowsTests.ranges(all.rows.count, &generator)
        let selection = RowSelection(rows: rows)
        guard let own = try? await readTable(MemorySource(Bytes(changed)), selection: selection, limit: { 100 }) else {
          continue
        }
        let truth = CanonicalTable(columns: all.columns, rows: rows.flatMap { $0.map { all.rows[Int($0)] } })
        let difference = own.difference(from: truth)
        #expect(difference == nil, "\(name), \(rows), seed \(Surroundings.seed): \(difference ?? "")")
      }
    }
  }

  @Test func `damaged bounds of pages add and change no rows`() async throws {
    var generator = SeededGenerator(Surroundings.seed)
    for (name, bytes) in try SelectionFiles.make(seed: Surroundings.seed).prefix(6) {
      let source = MemorySource(Bytes(bytes))
      let all = try await readTable(source) { 1000 }
      let metadata = try await NativeParquetCodec().openReader(source).metadata
      let places = Self.places(metadata) { $0.columnIndex }
      let filter = RowFilter(schema: metadata.schema, table: all)
      var predicates = RandomPredicates(filter, seed: Surroundings.seed)
      let fields = ["key", "text", "nested", "list"].compactMap(metadata.schema.fieldIndex(named:))
      let rows = all.rows.map { row in fields.map { row[$0] } }
      for _ in 0..<40 {
        var changed = bytes
        changed[try #require(places.randomElement(using: &generator))] = UInt8.random(in: 0...255, using: &generator)
        let predicate = predicates.next()
        let selection = RowSelection(fields: fields, predicate: predicate)
        guard let own = try? await readTable(MemorySource(Bytes(changed)), selection: selection, limit: { 100 }) else {
          continue
        }
        // Wrong bounds may leave rows out, but each row that comes is one of those wanted, and in its place.
        var wanted = filter.rows(predicate)[...]
        for (index, row) in own.rows.enumerated() {
          wanted = wanted.drop { rows[$0] != row }
          guard wanted.popFirst() == nil else { continue }
          Issue.record("\(name), \(predicate), seed \(Surroundings.seed): row \(index) is not one of those wanted")
          break
        }
      }
    }
  }
}

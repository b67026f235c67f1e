import ByteBuffers
import Foundation
import Parquet
import Testing

/// Rows chosen by predicates, against a plain filter of a full read, with every way of leaving out rows on and off.
struct SelectionPredicateTests {
  /// Files of the corpus with statistics, page indexes or bloom filters worth a look, or with types of their own.
  static let corpusFiles = [
    "data_index_bloom_encoding_stats", "data_index_bloom_encoding_with_length", "alltypes_tiny_pages",
    "alltypes_tiny_pages_plain", "int32_with_null_pages", "nan_in_stats", "floating_orders_nan_count",
    "binary_truncated_min_max", "single_nan", "alltypes_plain", "int96_from_spark", "byte_array_decimal",
    "fixed_length_decimal", "int32_decimal", "int64_decimal", "float16_nonzeros_and_nans", "float16_zeros_and_nans",
    "nulls.snappy", "nested_structs.rust", "sort_columns", "fixed_length_byte_array", "nonnullable.impala",
    "datapage_v1-uncompressed-checksum", "dict-page-offset-zero", "list_columns", "page_v2_empty_compressed",
  ]

  private func check(_ name: String, _ bytes: [UInt8], predicates count: Int) async throws {
    let source = MemorySource(Bytes(bytes), name: name)
    let all = try await readTable(source) { 1000 }
    let schema = try await NativeParquetCodec().openReader(source).metadata.schema
    let filter = RowFilter(schema: schema, table: all)
    var predicates = RandomPredicates(filter, seed: Surroundings.seed)
    for _ in 0..<count {
      let predicate = predicates.next()
      let truth = CanonicalTable(columns: all.columns, rows: filter.rows(predicate).map { all.rows[$0] })
      let limit = Int.random(in: 1...500, using: &predicates.generator)
      for options in SelectionOptions.all {
        let own = try await readTable(source, options: options, selection: RowSelection(predicate: predicate)) { limit }
        guard let difference = own.difference(from: truth) else { continue }
        let ways = "\(options.usesStatistics) \(options.usesBloomFilters) \(options.usesPageIndex)"
        Issue.record("\(name), \(predicate), \(ways), seed \(Surroundings.seed): \(difference)")
      }
    }
  }

  @Test(.enabled(if: Surroundings.corpus != nil, "the corpus is not here"), arguments: corpusFiles)
  func `a predicate delivers the rows of the corpus for which it is true`(_ name: String) async throws {
    let path = try #require(Surroundings.corpus).appendingPathComponent("data/\(name).parquet")
    let bytes = try Surroundings.bytes(path)
    try await check(name, bytes, predicates: 6)
  }

  @Test(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
  func `a predicate delivers the rows of files of pyarrow for which it is true`() async throws {
    for (name, bytes) in try SelectionFiles.make(seed: Surroundings.seed) {
      try await check(name, bytes, predicates: 5)
    }
  }

  @Test(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
  func `a predicate and ranges deliver the rows of both`() async throws {
    var generator = SeededGenerator(Surroundings.seed)
    for (name, bytes) in try SelectionFiles.make(seed: Surroundings.seed).prefix(6) {
      let source = MemorySource(Bytes(bytes), name: name)
      let all = try await readTable(source) { 1000 }
      let schema = try await NativeParquetCodec().openReader(source).metadata.schema
      var predicates = RandomPredicates(RowFilter(schema: schema, table: all), seed: Surroundings.seed)
      for _ in 0..<10 {
        let predicate = predicates.next(depth: 1)
        let rows = SelectionRowsTests.ranges(all.rows.count, &generator)
        let wanted = predicates.filter.rows(predicate).filter { row in rows.contains { $0.contains(Int64(row)) } }
        let truth = CanonicalTable(columns: all.columns, rows: wanted.map { all.rows[$0] })
        let own = try await readTable(source, selection: RowSelection(rows: rows, predicate: predicate)) { 50 }
        guard let difference = own.difference(from: truth) else { continue }
        Issue.record("\(name), \(predicate), \(rows), seed \(Surroundings.seed): \(difference)")
      }
    }
  }
}

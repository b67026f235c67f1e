import ByteBuffers
import Foundation
import Parquet
import Testing

/// Values that go to their places without a page between, and lists whose levels stay bits: whatever the rows, the ways
/// they are cut and the threads, the values are those that their formulas give.
@Suite(.enabled(if: Surroundings.python != nil, "there is no Python with pyarrow"))
struct PlacedValuesTests {
  private static let rowCount = 30_000

  /// Cells by formulas; pyarrow writes the same ones.
  private static let script = """
    n = 30000
    def lists(row):
        # No list is null or empty, but for a few around row 12,000; lengths differ behind row 20,000.
        if 12000 <= row < 12040 and row % 3 == 0: return None if row % 2 else []
        return [(row * 31 + i) % 1009 for i in range(5 if row < 20000 else 1 + row % 7)]
    def structs(row):
        return [dict(a=(row + i) % 97, b=None if (row + i) % 11 == 0 else str(row + i)) for i in range(3)]
    f = lambda name, type, null=True: pa.field(name, type, nullable=null)
    element = pa.field('element', pa.int32(), nullable=False)
    schema = pa.schema([
        f('id', pa.int64(), False), f('full', pa.int32()), f('some', pa.int64()),
        f('fixed', pa.binary(16), False), f('few', pa.float64()),
        f('list', pa.list_(element)), f('structs', pa.list_(pa.struct([f('a', pa.int32(), False), f('b', pa.string())])))])
    rows = range(n)
    table = pa.table([
        [row * 7919 % 1000003 for row in rows], [row % 77777 for row in rows],
        [None if row % 10 == 3 else row * 3 for row in rows],
        [(row * row).to_bytes(16, 'little') for row in rows],
        [None if 5000 <= row < 15000 else row / 4 for row in rows],
        [lists(row) for row in rows], [structs(row) for row in rows]], schema=schema)
    """

  private static func row(_ row: Int) -> [CanonicalValue] {
    func whole(_ value: Int) -> CanonicalValue { .whole(Int128(value)) }
    var list = CanonicalValue.list((0..<(row < 20_000 ? 5 : 1 + row % 7)).map { whole((row * 31 + $0) % 1009) })
    if 12_000..<12_040 ~= row, row % 3 == 0 { list = row % 2 == 1 ? .null : .list([]) }
    let bytes = (0..<16).map { $0 < 8 ? UInt8(truncatingIfNeeded: (row * row) >> (8 * $0)) : 0 }
    let text = String(validating: bytes, as: UTF8.self) ?? "0x" + bytes.map { String(format: "%02x", $0) }.joined()
    let structs = (0..<3).map { index in
      let number = row + index
      let text: CanonicalValue = number % 11 == 0 ? .null : .text(String(number))
      return CanonicalValue.structure(names: ["a", "b"], values: [whole(number % 97), text])
    }
    return [
      whole(row * 7919 % 1_000_003), whole(row % 77_777), row % 10 == 3 ? .null : whole(row * 3), .text(text),
      5_000..<15_000 ~= row ? .null : .real(Double(row) / 4), list, .list(structs),
    ]
  }

  private static let truth = CanonicalTable(
    columns: ["id", "full", "some", "fixed", "few", "list", "structs"],
    rows: (0..<rowCount).map { row($0) }
  )

  private static func file(_ options: String) throws -> [UInt8] {
    try Pyarrow.file(
      script,
      "use_dictionary=False, row_group_size=21000, write_page_index=True, data_page_size=1 << 20, \(options)"
    )
  }

  private static let variants = [
    "compression='none'", "compression='none', data_page_version='2.0'", "compression='snappy'",
    "compression='zstd', data_page_version='2.0'", "compression='none', max_rows_per_page=700",
  ]

  @Test(arguments: variants)
  func `every way to the rows delivers what was written`(_ options: String) async throws {
    let bytes = try Self.file(options)
    var generator = SeededGenerator(Surroundings.seed)
    for most in [1, 700, 60_000] {
      for source in [MemorySource(Bytes(bytes)), CountingSource(bytes)] as [any RandomAccessSource] {
        // Batches of one row take long, so only some rows are read so.
        let mostRows = most == 1 ? 1000 : Int.max
        var truth = Self.truth
        let own = try await readTable(source, mostRows: mostRows) { Int.random(in: 1...most, using: &generator) }
        if most == 1 { truth.rows.removeSubrange(own.rows.count...) }
        let difference = own.difference(from: truth)
        #expect(difference == nil, "batches of up to \(most), seed \(Surroundings.seed): \(difference ?? "")")
      }
    }
  }

  @Test(arguments: variants)
  func `rows chosen by number are those of the formulas`(_ options: String) async throws {
    let bytes = try Self.file(options)
    var generator = SeededGenerator(Surroundings.seed)
    for _ in 0..<4 {
      let rows = SelectionRowsTests.ranges(Self.rowCount, &generator)
      let most = [50, 3000, 60_000].randomElement(using: &generator) ?? 1
      let own = try await readTable(MemorySource(Bytes(bytes)), selection: RowSelection(rows: rows)) { most }
      let wanted = rows.flatMap { $0.map { Self.truth.rows[Int($0)] } }
      let difference = own.difference(from: CanonicalTable(columns: Self.truth.columns, rows: wanted))
      #expect(difference == nil, "\(rows) by \(most), seed \(Surroundings.seed): \(difference ?? "")")
    }
  }

  @Test(arguments: [2, 3, 8])
  func `threads change neither the rows nor their order`(_ threads: Int) async throws {
    var generator = SeededGenerator(Surroundings.seed)
    for options in Self.variants.prefix(2) {
      let bytes = try Self.file(options)
      for (budget, most) in [(4 << 30, 900), (32 << 20, 5000)] {
        var reading = ReaderOptions()
        reading.threads = threads
        reading.limits.memoryBytes = budget
        // The limit changes, so that batches that were read ahead are cut.
        let own = try await readTable(MemorySource(Bytes(bytes)), options: reading) {
          Int.random(in: most / 2...most, using: &generator)
        }
        let difference = own.difference(from: Self.truth)
        #expect(difference == nil, "\(options), \(budget), seed \(Surroundings.seed): \(difference ?? "")")
      }
    }
  }

  @Test func `an error in a later row group comes behind the rows of those before it`() async throws {
    var bytes = try Self.file("compression='zstd'")
    let intact = try await NativeParquetCodec().openReader(MemorySource(Bytes(bytes)))
    let chunk = intact.metadata.rowGroups[1].columns[0]
    // The first page's header, and what follows, becomes something else.
    for at in Int(chunk.dataPageOffset)..<Int(chunk.dataPageOffset) + 64 { bytes[at] = 0xff }
    var options = ReaderOptions()
    options.threads = 2
    let reader = try await NativeParquetCodec(readerOptions: options).openReader(MemorySource(Bytes(bytes)))
    let rows = try reader.rows(RowSelection(fields: [0]))
    var count = 0
    let error = await #expect(throws: ParquetError.self) {
      while let batch = try await rows.next(limit: 1000) { count += batch.rowCount }
    }
    #expect(error?.rowGroup == 1)
    #expect(count == 21_000)
  }

  @Test func `a reader that is dropped, or whose task is cancelled, leaves nobody waiting`() async throws {
    let bytes = try Self.file("compression='snappy'")
    var options = ReaderOptions()
    options.threads = 3
    // So little that the tasks wait for room.
    options.limits.memoryBytes = 32 << 20
    let reader = try await NativeParquetCodec(readerOptions: options).openReader(MemorySource(Bytes(bytes)))
    for batches in 0..<3 {
      let rows = try reader.rows(RowSelection())
      for _ in 0..<batches { _ = try await rows.next(limit: 100) }
    }
    let task = Task {
      let rows = try reader.rows(RowSelection())
      var count = 0
      while let batch = try await rows.next(limit: 10) {
        count += batch.rowCount
        if count == 200 { withUnsafeCurrentTask { $0?.cancel() } }
      }
      return count
    }
    // Whether it ends with an error or with all rows, it ends.
    _ = await task.result
  }
}

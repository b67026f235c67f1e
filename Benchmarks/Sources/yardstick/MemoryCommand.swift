import ArgumentParser
import ByteBuffers
import ObjectStores
import Parquet

struct MemoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory",
    abstract: "Writes or reads one large file within a memory budget and tells the peak of resident memory.",
    discussion: """
      --write makes FILE with one row group of rows of an id, a vector of 512 bytes and a word. Without it FILE is read \
      whole. Peak memory is that of the process: run one of them at a time.

      EXAMPLES
        yardstick memory --write --file big.parquet --bytes 2147483648 --budget 256
        yardstick memory --file big.parquet --budget 64
      """
  )

  @Option(help: "The file.")
  var file: String

  @Flag(help: "Write the file instead of reading it.")
  var write = false

  @Flag(help: "FILE is of another writer: its rows are read and not compared.")
  var foreign = false

  @Option(help: "Bytes of vectors to write.")
  var bytes = 2 << 30

  @Option(help: "Bytes of a row group.")
  var rowGroupBytes = 1 << 40

  @Option(help: "Memory budget in MiB.")
  var budget = 64

  func run() async throws {
    let stopwatch = Stopwatch()
    let parts = file.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.dropLast().joined(separator: "/")
    let store = try LocalStore(root: folder.isEmpty ? (file.hasPrefix("/") ? "/" : ".") : folder)
    let key = ObjectKey(String(parts.last ?? ""))
    let count = write ? try await writeFile(store, key) : try await readFile(store, key)
    let members = [#""case": "memory-\#(write ? "write" : "read")""#] + stopwatch.figures()
    print("{\((members + [#""budget_mb": \#(budget)"#, #""bytes": \#(count)"#]).joined(separator: ", "))}")
  }

  private func writeFile(_ store: LocalStore, _ key: ObjectKey) async throws -> Int64 {
    let schema = ParquetSchema([
      SchemaNode("id", .int64),
      SchemaNode("vec", .fixedLengthByteArray, length: MemoryRows.width),
      SchemaNode("word", .byteArray, repetition: .optional, logicalType: .string),
    ])
    var properties = WriterProperties()
    properties.defaults.codec = .uncompressed
    properties.rowGroupRows = Int(Int32.max)
    properties.rowGroupBytes = rowGroupBytes
    properties.memoryBudget = budget << 20
    let object = try await store.putStream(key, PutStreamOptions(.overwrite, durability: .deferred))
    var codec = NativeParquetCodec()
    codec.makeScratch = { try TemporaryFileScratch(folder: "/tmp") }
    let writer = try codec.openWriter(ObjectSink(object), schema: schema, properties: properties)
    let rows = bytes / MemoryRows.width
    var done = 0
    while done < rows {
      let batch = MemoryRows.batch(first: done, count: min(4096, rows - done))
      try await writer.write(batch)
      done += batch.rowCount
    }
    let written = try await writer.close()
    _ = try await object.finish()
    return written.byteCount
  }

  private func readFile(_ store: LocalStore, _ key: ObjectKey) async throws -> Int64 {
    var options = ReaderOptions()
    options.limits.memoryBytes = budget << 20
    let reader = try await NativeParquetCodec(readerOptions: options).openReader(try await ObjectSource(key, in: store))
    let batches = try reader.rows(RowSelection())
    var rows = 0
    var bytes: Int64 = 0
    while let batch = try await batches.next(limit: 1 << 20) {
      if !foreign { try MemoryRows.check(batch, first: rows) }
      rows += batch.rowCount
      bytes += batch.columns.reduce(0) { $0 + Int64($1.byteCount) }
    }
    return bytes
  }
}

/// Rows whose content follows from their number.
enum MemoryRows {
  static let width = 512

  struct Wrong: Error {
    let row: Int
  }

  static func batch(first: Int, count: Int) -> ColumnBatch {
    let ids = BufferPool.shared.take(8 * count)
    let vectors = BufferPool.shared.take(width * count)
    let offsets = BufferPool.shared.take(4 * (count + 1))
    let words = BufferPool.shared.take(16 * count)
    offsets.base.storeBytes(of: 0, as: Int32.self)
    for row in 0..<count {
      let id = Int64(first + row)
      ids.base.storeBytes(of: id, toByteOffset: 8 * row, as: Int64.self)
      for word in 0..<width / 8 {
        vectors.base.storeBytes(
          of: id &* 0x9e37_79b9 &+ Int64(word),
          toByteOffset: width * row + 8 * word,
          as: Int64.self
        )
      }
      words.base.storeBytes(of: id, toByteOffset: 8 * row, as: Int64.self)
      offsets.base.storeBytes(of: Int32(8 * (row + 1)), toByteOffset: 4 * (row + 1), as: Int32.self)
    }
    return ColumnBatch(
      rowCount: count,
      columns: [
        Column(count: count, validity: nil, storage: .fixed(Bytes(ids, count: 8 * count), width: 8)),
        Column(count: count, validity: nil, storage: .fixed(Bytes(vectors, count: width * count), width: width)),
        Column(
          count: count,
          validity: nil,
          storage: .variable(offsets: Bytes(offsets, count: 4 * (count + 1)), data: Bytes(words, count: 8 * count))
        ),
      ]
    )
  }

  /// Compares the first and the last row of a batch.
  static func check(_ batch: ColumnBatch, first: Int) throws {
    for row in Set([0, batch.rowCount - 1]) {
      let expected = MemoryRows.batch(first: first + row, count: 1)
      for (column, wanted) in zip(batch.columns, expected.columns) where column.bytes(at: row) != wanted.bytes(at: 0) {
        throw Wrong(row: first + row)
      }
    }
  }
}

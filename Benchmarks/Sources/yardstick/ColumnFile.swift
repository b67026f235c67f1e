import ObjectStores
import Parquet

/// A file of one column, NAME.CODEC.parquet.
struct ColumnFile {
  let name: String
  let codec: String
  private let key: ObjectKey

  /// A whole column, batch by batch, as the file has it.
  struct Values {
    let schema: ParquetSchema
    let batches: [ColumnBatch]

    var rowCount: Int { batches.reduce(0) { $0 + $1.rowCount } }
    var byteCount: Int { batches.reduce(0) { $0 + $1.columns.reduce(0) { $0 + $1.byteCount } } }
  }

  /// Rows of a row group, of the files that are read and of those that are written; and of a batch.
  private static let rowGroupRows = 1 << 20
  private static let batchRows = 1 << 16

  /// The files of a folder, by name.
  static func all(in store: LocalStore) async throws -> [ColumnFile] {
    var files: [ColumnFile] = []
    for try await object in store.objects(prefix: "") {
      let parts = object.key.text.split(separator: ".")
      guard parts.count == 3, parts[2] == "parquet" else { continue }
      files.append(ColumnFile(name: String(parts[0]), codec: String(parts[1]), key: object.key))
    }
    return files.sorted { ($0.name, $0.codec) < ($1.name, $1.codec) }
  }

  /// Whether it is written again: files of special encodings are only read.
  var isWritten: Bool { !["i64_delta", "f32_bss"].contains(name) }

  /// The name of the file that it is written to.
  var written: ObjectKey { ObjectKey("columns-\(name).\(codec).parquet") }

  /// Reads the column, with strings of a dictionary left as indices and a dictionary.
  func read(from store: LocalStore, threads: Int) async throws -> Values {
    let source = try await ObjectSource(key, in: store)
    var options = ReaderOptions()
    options.threads = threads
    let reader = try await NativeParquetCodec(readerOptions: options).openReader(source)
    var selection = RowSelection()
    if name == "dict" { selection.dictionaryFields = [0] }
    let rows = try reader.rows(selection)
    var batches: [ColumnBatch] = []
    while let batch = try await rows.next(limit: ColumnFile.batchRows) { batches.append(batch) }
    return Values(schema: reader.metadata.schema, batches: batches)
  }

  /// Writes the column, compressed as this file is, and returns the bytes of the new file.
  func write(_ values: Values, to store: LocalStore, threads: Int) async throws -> Int64 {
    var properties = WriterProperties()
    properties.rowGroupRows = ColumnFile.rowGroupRows
    properties.threads = threads
    properties.defaults.usesDictionary = name == "dict"
    switch codec {
    case "snappy": properties.defaults.codec = .snappy
    case "zstd": (properties.defaults.codec, properties.defaults.level) = (.zstd, 3)
    default: properties.defaults.codec = .uncompressed
    }
    let object = try await store.putStream(written, PutStreamOptions(.overwrite, durability: .deferred))
    let writer = try NativeParquetCodec().openWriter(
      ObjectSink(object),
      schema: values.schema,
      properties: properties
    )
    for batch in values.batches { try await writer.write(batch) }
    let written = try await writer.close()
    _ = try await object.finish()
    return written.byteCount
  }
}

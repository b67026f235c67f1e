import MilvusStorage
import ObjectStores
import Parquet

/// The output of one segment: a Parquet file for each field.
final class SegmentFiles: JoinOutput {
  private var files: [(object: any ObjectWriter, writer: any ParquetFileWriter)] = []

  init(_ fields: [FieldSchema], folder: String, in store: LocalStore, codec: ColumnCodec) async throws {
    for field in fields {
      let key = ObjectKey("\(folder)/\(field.name).parquet")
      let object = try await store.putStream(key, PutStreamOptions(.overwrite, durability: .deferred))
      let writer = try NativeParquetCodec().openWriter(
        ObjectSink(object),
        schema: ParquetSchema([SegmentFiles.node(field)]),
        properties: codec.properties(of: field)
      )
      files.append((object, writer))
    }
  }

  private static func node(_ field: FieldSchema) -> SchemaNode {
    if let width = field.vectorByteCount {
      return SchemaNode(field.name, .fixedLengthByteArray, length: width, repetition: .optional)
    }
    return field.dataType == .int32
      ? SchemaNode(field.name, .int32, repetition: .optional)
      : SchemaNode(field.name, .byteArray, repetition: .optional, logicalType: .string)
  }

  func write(_ columns: [Column]) async throws(BackfillError) {
    for (file, column) in zip(files, columns) {
      do {
        try await file.writer.write(ColumnBatch(rowCount: column.count, columns: [column]))
      } catch {
        throw BackfillError(.write, error.description, underlying: error)
      }
    }
  }

  /// Finishes the files; returns their bytes.
  func close() async throws -> Int64 {
    var bytes: Int64 = 0
    for file in files {
      bytes += try await file.writer.close().byteCount
      _ = try await file.object.finish()
    }
    return bytes
  }
}

internal import ByteBuffers
internal import Parquet

/// Column files of one run of rows while they are written: one Parquet file for each field.
final class ColumnFiles: JoinOutput {
  private var files: [(sink: MemorySink, writer: any ParquetFileWriter)] = []
  private let fields: [FieldSchema]
  /// Bytes of the cells, by field, as servers count them.
  private(set) var originalSizes: [Int64]

  init(
    _ fields: [FieldSchema],
    codec: any ParquetCodec,
    compression: OutputCompression
  ) throws(BackfillError) {
    self.fields = fields
    originalSizes = fields.map { _ in 0 }
    for field in fields {
      let sink = MemorySink()
      do {
        let schema = ParquetSchema([try BinlogColumnType(field).schemaNode(nullable: field.isNullable)])
        let properties = WriterProperties(for: [field], compression: compression)
        files.append((sink, try codec.openWriter(sink, schema: schema, properties: properties)))
      } catch {
        throw BackfillError.wrapping(error, as: .write).located(field: field.name)
      }
    }
  }

  func write(_ columns: [Column]) async throws(BackfillError) {
    for (index, column) in columns.enumerated() {
      originalSizes[index] += fields[index].originalSize(of: column)
      do {
        try await files[index].writer.write(ColumnBatch(rowCount: column.count, columns: [column]))
      } catch {
        throw BackfillError.wrapping(error, as: .write).located(field: fields[index].name)
      }
    }
  }

  /// Finishes the files.
  func close() async throws(BackfillError) -> [Bytes] {
    var payloads: [Bytes] = []
    for (index, file) in files.enumerated() {
      do {
        _ = try await file.writer.close()
      } catch {
        throw BackfillError.wrapping(error, as: .write).located(field: fields[index].name)
      }
      payloads.append(await file.sink.contents)
    }
    return payloads
  }
}

/// One Parquet file with all fields: the Spark connector's layout.
final class CombinedFile: JoinOutput {
  private let writer: any ParquetFileWriter

  init(
    _ fields: [FieldSchema],
    sink: MemorySink,
    codec: any ParquetCodec,
    compression: OutputCompression
  ) throws(BackfillError) {
    var nodes: [SchemaNode] = []
    for field in fields {
      var node = try BinlogColumnType(field).schemaNode(nullable: field.isNullable, name: field.name)
      node.fieldID = Int32(exactly: field.id)
      nodes.append(node)
    }
    do {
      let properties = WriterProperties(for: fields, compression: compression)
      writer = try codec.openWriter(sink, schema: ParquetSchema(nodes), properties: properties)
    } catch {
      throw BackfillError.wrapping(error, as: .write)
    }
  }

  func write(_ columns: [Column]) async throws(BackfillError) {
    do {
      try await writer.write(ColumnBatch(rowCount: columns.first?.count ?? 0, columns: columns))
    } catch {
      throw BackfillError.wrapping(error, as: .write)
    }
  }

  /// Finishes the file.
  func close() async throws(BackfillError) {
    do {
      _ = try await writer.close()
    } catch {
      throw BackfillError.wrapping(error, as: .write)
    }
  }
}

extension WriterProperties {
  /// The profile that every consumer of column files reads: PLAIN, pages v1, zstd or none.
  init(for fields: [FieldSchema], compression: OutputCompression) {
    self.init()
    for (index, field) in fields.enumerated() {
      switch compression {
      case .automatic:
        columns[index] = ColumnProperties(codec: field.dataType.isDenseVector ? .uncompressed : .zstd)
      case .none: columns[index] = ColumnProperties(codec: .uncompressed)
      case .zstd(let level): columns[index] = ColumnProperties(codec: .zstd, level: level)
      }
      if field.dataType.isVector { columns[index]?.writesStatistics = false }
    }
  }
}

extension FieldSchema {
  /// Bytes of the values of a column as servers count them: the type's width, or the bytes of the cells.
  func originalSize(of column: Column) -> Int64 {
    switch dataType {
    case .int8: return Int64(column.count)
    case .int16: return 2 * Int64(column.count)
    default: break
    }
    switch column.storage {
    case .fixed(_, let width): return Int64(width) * Int64(column.count)
    case .variable(_, let data): return Int64(data.count)
    case .list, .structure, .dictionary: return Int64(column.byteCount)
    }
  }
}

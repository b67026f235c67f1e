internal import ByteBuffers
internal import ObjectStores
internal import Parquet

/// One column file with its container and the footers of its payloads read and checked.
struct OpenBinlog: Sendable {
  /// One insert event.
  struct Part: Sendable {
    let offset: Int
    let file: any ParquetFileReader
    let rowCount: Int
  }

  let object: BinlogObject
  let binlog: Binlog
  let parts: [Part]
  /// Rows of all parts.
  let rowCount: Int

  /// Opens a column file of a segment.
  init(
    _ object: BinlogObject,
    field: FieldSchema,
    segment: V1Segment,
    store: any ObjectStore,
    codec: any ParquetCodec
  ) async throws(BackfillError) {
    self.object = object
    let path = object.key.text
    do throws(BackfillError) {
      let source = ObjectSource(object.metadata, in: store)
      binlog = try await Binlog(opening: source, prefixSize: Binlog.usefulPrefix(of: source))
      try OpenBinlog.checkDescriptor(binlog.descriptor, field: field, segment: segment)
      var parts: [Part] = []
      var total = 0
      for event in binlog.events {
        let part = try await OpenBinlog.open(event, of: binlog, field: field, codec: codec)
        guard let sum = try? checkedAdd(total, part.rowCount) else {
          throw BackfillError(.dataRead, "The file claims an impossible number of rows.")
        }
        total = sum
        parts.append(part)
      }
      self.parts = parts
      rowCount = total
    } catch {
      throw error.located(path: path, segment: segment.id, field: field.name)
    }
  }

  /// The folder names decide which field is read, so the file must say the same.
  private static func checkDescriptor(
    _ descriptor: BinlogDescriptor,
    field: FieldSchema,
    segment: V1Segment
  ) throws(BackfillError) {
    guard descriptor.field == field.id else {
      throw BackfillError(
        .dataRead,
        "The file lies in the folder of field \(field.id) but says that it holds field \(descriptor.field)."
      )
    }
    guard descriptor.segment == segment.id else {
      throw BackfillError(
        .dataRead,
        "The file lies in the folder of segment \(segment.id) but says that it belongs to segment \(descriptor.segment)."
      )
    }
    let isText = descriptor.payloadType.isText && field.dataType.isText
    guard descriptor.payloadType == field.dataType || isText else {
      throw BackfillError(
        .dataRead,
        "The file says that it holds \(descriptor.payloadType); the schema's field is \(field.dataType)."
      )
    }
  }

  private static func open(
    _ event: BinlogEvent,
    of binlog: Binlog,
    field: FieldSchema,
    codec: any ParquetCodec
  ) async throws(BackfillError) -> Part {
    let base = event.payload.lowerBound
    guard event.kind == .insert else {
      throw BackfillError(
        .dataRead,
        "The file holds an event of type \(event.kind.rawValue); rows are in insert events (1).",
        offset: base - BinlogLayout.headerSize - BinlogLayout.dataSize + 8
      )
    }
    let file: any ParquetFileReader
    do {
      file = try await codec.openReader(binlog.payload(of: event))
    } catch {
      throw BackfillError.payload(error, at: base, path: binlog.source.name)
    }
    guard let column = file.metadata.schema.fields.first else {
      throw BackfillError(.dataRead, "The payload has no column.", offset: base)
    }
    if let problem = BinlogColumnType.mismatch(column, field) {
      throw BackfillError(.dataRead, problem, offset: base)
    }
    guard let rows = Int(exactly: file.metadata.rowCount), rows >= 0 else {
      throw BackfillError(.dataRead, "The payload claims \(file.metadata.rowCount) rows.", offset: base)
    }
    return Part(offset: base, file: file, rowCount: rows)
  }
}

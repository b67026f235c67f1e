public import ObjectStores
public import Parquet

extension SegmentInspection {
  /// Inspects a segment by the headers and footers of all its files and collects every problem.
  ///
  /// - Parameters:
  ///   - segment: what a listing found.
  ///   - schema: the collection's schema.
  ///   - store: the store that was listed.
  ///   - codec: reads the footers.
  /// - Throws: ``BackfillError/Code/cancelled`` only; everything else is among ``problems``.
  public init(
    _ segment: V1Segment,
    schema: CollectionSchema,
    store: any ObjectStore,
    codec: any ParquetCodec
  ) async throws(BackfillError) {
    self.init(segment: segment, rowCount: nil, chunkRows: [], fields: [], problems: [], warnings: [])
    do {
      let reader = try await SegmentReader(segment, schema: schema, store: store, codec: codec)
      rowCount = reader.rowCount
      chunkRows = reader.chunkRows
    } catch {
      try note(error)
    }
    for id in segment.fieldIDs {
      guard let field = schema.field(id: id) else {
        addUnknown(id)
        continue
      }
      try await add(field, store: store, codec: codec)
    }
    for field in CollectionSchema.systemFields + schema.fields where segment.fields[field.id] == nil {
      noteAbsent(field)
    }
  }

  private mutating func note(_ error: BackfillError) throws(BackfillError) {
    guard error.code != .cancelled else { throw error }
    problems.append(error.located(segment: segment.id))
  }

  /// Files of a field that the schema does not have are left alone; only their sizes are known.
  private mutating func addUnknown(_ id: Int64) {
    let files = segment.fields[id] ?? []
    let bytes = files.reduce(0) { $0 + $1.metadata.size }
    fields.append(Field(id: id, name: nil, dataType: nil, files: [], missingChunks: 0, byteCount: bytes))
    warnings.append("Segment \(segment.id) has \(files.count) files of field \(id), which the schema does not have.")
  }

  private mutating func noteAbsent(_ field: FieldSchema) {
    if field.isSystem {
      let message = "The segment has no files of the system field \(field.name)."
      problems.append(BackfillError(.dataRead, message, segment: segment.id, field: field.name))
    } else if !field.isNullable, field.defaultValue == nil, !field.isPrimaryKey {
      warnings.append(
        "Segment \(segment.id) has no files of field '\(field.name)', which is neither nullable nor has a default value."
      )
    }
  }

  private mutating func add(
    _ field: FieldSchema,
    store: any ObjectStore,
    codec: any ParquetCodec
  ) async throws(BackfillError) {
    let objects = segment.fields[field.id] ?? []
    var found = Field(
      id: field.id,
      name: field.name,
      dataType: field.dataType,
      files: [],
      missingChunks: max(0, chunkRows.count - objects.count),
      byteCount: objects.reduce(0) { $0 + $1.metadata.size }
    )
    if rowCount != nil, objects.count > chunkRows.count {
      let message = "The field has \(objects.count) files, but the key field has \(chunkRows.count)."
      problems.append(BackfillError(.dataRead, message, segment: segment.id, field: field.name))
    }
    for (index, object) in objects.enumerated() {
      do {
        let open = try await OpenBinlog(object, field: field, segment: segment, store: store, codec: codec)
        checkPlace(open.binlog.descriptor, object)
        let chunk = chunkRows.count - objects.count + index
        if chunkRows.indices.contains(chunk), chunkRows[chunk] != open.rowCount {
          problems.append(rowProblem(open, chunk: chunk, field: field))
        }
        let chunks = open.parts.flatMap { $0.file.metadata.rowGroups }.compactMap(\.columns.first)
        found.files.append(File(object: object, rowCount: open.rowCount, codecs: Set(chunks.map(\.codec))))
      } catch {
        // What is wrong with the key's first bad file was noted when the segment was opened.
        if !problems.contains(where: { $0.path == error.path && $0.message == error.message }) { try note(error) }
      }
    }
    fields.append(found)
  }

  private func rowProblem(_ open: OpenBinlog, chunk: Int, field: FieldSchema) -> BackfillError {
    BackfillError(
      .dataRead,
      "The file has \(open.rowCount) rows, but chunk \(chunk) of the key field has \(chunkRows[chunk]).",
      path: open.object.key.text,
      segment: segment.id,
      field: field.name
    )
  }

  /// Servers go by the folder names, except index nodes, which believe the file.
  private mutating func checkPlace(_ descriptor: BinlogDescriptor, _ object: BinlogObject) {
    guard descriptor.partition != segment.partition || descriptor.collection != segment.collection else { return }
    warnings.append(
      "\(object.key) says that it belongs to partition \(descriptor.partition) of collection \(descriptor.collection)."
    )
  }
}

internal import ObjectStores
internal import Parquet

/// Turns listed segments into work: opens the binlogs that are used, checks them, names the outputs, finds the plan's id.
struct JoinTaskBuilder: Sendable {
  let configuration: BackfillConfiguration
  let root: any ObjectStore
  let output: any ObjectStore
  let isOutputMissing: Bool
  let schema: CollectionSchema
  let keyField: FieldSchema
  let targets: [FieldSchema]
  let files: [NewValuesFile]
  let inputs: [InputObject]

  /// Segments that are looked at at a time while planning, and binlogs of each.
  private static let opensAtOnce = 8

  func build(_ listing: SegmentListing, estimatedMemory: Int64) async throws(BackfillError) -> JoinTask {
    var warnings = listing.warnings
    if !listing.deleteSegments.isEmpty {
      warnings.append("\(listing.deleteSegments.count) segments hold deletes only (L0) and are left alone.")
    }
    let journals = try await Journal.plans(in: output)
    let (planID, segments) = try identify(listing.segments, journals)
    try refuseExisting(segments, journals)
    let tasks = try await concurrentMap(segments, limit: JoinTaskBuilder.opensAtOnce) {
      (_, segment) throws(BackfillError) in
      try await task(segment)
    }
    if tasks.allSatisfy({ $0.rows == 0 }) {
      warnings.append("The collection has no rows: there is nothing to join.")
    }
    return JoinTask(
      configuration: configuration,
      root: root,
      output: output,
      isOutputMissing: isOutputMissing,
      schema: schema,
      keyField: keyField,
      targets: targets,
      files: files,
      inputs: inputs,
      segments: tasks,
      deleteSegments: listing.deleteSegments,
      warnings: warnings,
      planID: planID,
      estimatedMemory: estimatedMemory,
      memoryBudget: JoinPlanner.memoryBudget(configuration)
    )
  }

  // MARK: Identity

  /// The plan's id, and the segments without what the plan itself has written so far.
  private func identify(
    _ segments: [V1Segment],
    _ journals: [PlanRecord]
  ) throws(BackfillError) -> (String, [V1Segment]) {
    var found = (identity(segments), segments)
    // Output in place is listed as input; a journal tells which files are a plan's own.
    for journal in journals {
      let own = journal.keys
      let without = segments.map { $0.removing(own) }
      let id = identity(without)
      if id == journal.planID { found = (id, without) }
    }
    if let wanted = configuration.resume, wanted != found.0 {
      throw BackfillError(
        .engineConfiguration,
        "Plan \(wanted) cannot be resumed: with these inputs the plan is \(found.0). "
          + "Something changed since; run without naming a plan to start anew."
      )
    }
    return found
  }

  private func identity(_ segments: [V1Segment]) -> String {
    var identity = PlanIdentity()
    identity.add("collection", schema.collectionID ?? 0)
    identity.add("mode", configuration.mode.rawValue)
    identity.add("layout", configuration.layout.rawValue)
    identity.add("compression", "\(configuration.compression)")
    identity.add("duplicates", configuration.onDuplicateKey.rawValue)
    identity.add("nulls", configuration.onNull.rawValue)
    identity.add("complete", configuration.completeTree ? 1 : 0)
    identity.add("custom path", configuration.customOutputPath ?? "")
    for field in [keyField] + targets { identity.add("field", field.identity) }
    for (input, file) in zip(inputs, files) {
      identity.add("input", "\(input.location) \(input.metadata.size) \(input.metadata.etag)")
      for (field, converter) in zip(file.fields, file.converters) {
        identity.add("column", "\(field) \(converter.source) \(converter.target.id)")
      }
    }
    for segment in segments {
      identity.add("segment", segment.id)
      for field in usedFields() {
        for file in segment.fields[field.id] ?? [] {
          identity.add("binlog", "\(file.key.text) \(file.metadata.size) \(file.metadata.etag)")
        }
      }
    }
    return identity.finalize()
  }

  /// Fields that are read: the primary key, whose files cut the rows; the join key; existing values.
  private func usedFields() -> [FieldSchema] {
    var fields = [schema.primaryKey]
    if keyField.id != schema.primaryKey.id { fields.append(keyField) }
    if configuration.mode.readsExisting { fields += targets }
    return fields
  }

  // MARK: Checks

  /// Refuses to write a field in place that already has data: StorageV1 would read both files as rows.
  private func refuseExisting(_ segments: [V1Segment], _ journals: [PlanRecord]) throws(BackfillError) {
    guard configuration.layout == .milvus, configuration.outputRoot == nil else { return }
    var problems = ProblemList()
    for field in targets {
      let holders = segments.filter { !($0.fields[field.id] ?? []).isEmpty }
      guard let first = holders.first, let key = first.fields[field.id]?.first?.key.text else { continue }
      let writer = journals.first { $0.keys.contains(key) }
      let origin = writer.map { " They were written by plan \($0.planID); resume or remove that plan first." } ?? ""
      problems.add(
        "Field '\(field.name)' already has data in \(holders.count) segments, the first is \(first.id) (\(key)).\(origin) "
          + "Write to a separate tree instead (outputRoot, --output-root)."
      )
    }
    try problems.check(.schemaValidation)
  }

  private func task(_ segment: V1Segment) async throws(BackfillError) -> JoinTask.SegmentTask {
    let reader = try await SegmentReader(segment, schema: schema, store: root, codec: configuration.codec)
    var used: [BinlogObject] = []
    var neighbours: [Neighbour] = []
    for field in usedFields() {
      for (chunk, file) in try reader.chunks(of: field).enumerated() {
        guard let file else { continue }
        used.append(file)
        if field.id != schema.primaryKey.id { neighbours.append(Neighbour(field: field, file: file, chunk: chunk)) }
      }
    }
    _ = try await concurrentMap(neighbours, limit: JoinTaskBuilder.opensAtOnce) { (_, one) throws(BackfillError) in
      try await check(one, reader)
    }
    return JoinTask.SegmentTask(
      reader: reader,
      outputs: outputs(segment, reader.keyContainers.map(\.object.logID)),
      bytesToRead: used.reduce(0) { $0 + Int64(clamping: $1.metadata.size) },
      filesToRead: used.count
    )
  }

  /// A file beside one of the key's.
  private struct Neighbour {
    let field: FieldSchema
    let file: BinlogObject
    let chunk: Int
  }

  /// Opens a file and checks that it has the rows of the key's file beside it.
  private func check(_ one: Neighbour, _ reader: SegmentReader) async throws(BackfillError) {
    let open = try await OpenBinlog(
      one.file,
      field: one.field,
      segment: reader.segment,
      store: root,
      codec: configuration.codec
    )
    guard open.rowCount == reader.chunkRows[one.chunk] else {
      throw reader.rowMismatch(one.file, rows: open.rowCount, chunk: one.chunk, field: one.field)
    }
  }

  // MARK: Outputs

  private func outputs(_ segment: V1Segment, _ logIDs: [Int64]) -> [ObjectKey] {
    if configuration.layout == .connector {
      let folder = StoragePaths.prefix(
        StoragePaths.insertLog,
        collection: segment.collection,
        partition: segment.partition,
        segment: segment.id
      )
      let base = configuration.customOutputPath.map { ObjectKey($0) } ?? ObjectKey(String(folder.text.dropLast()))
      return [base.appending("new_field/binlog_0/task_0_0/\(segment.id).parquet")]
    }
    return targets.flatMap { field in
      logIDs.map { logID in
        StoragePaths.insertBinlog(
          collection: segment.collection,
          partition: segment.partition,
          segment: segment.id,
          field: field.id,
          log: logID
        )
      }
    }
  }
}

extension V1Segment {
  /// The segment without some files.
  func removing(_ keys: Set<String>) -> V1Segment {
    var copy = self
    copy.fields = fields.mapValues { $0.filter { !keys.contains($0.key.text) } }.filter { !$0.value.isEmpty }
    return copy
  }
}

extension FieldSchema {
  /// What of a field decides what is written.
  var identity: String {
    "\(id) \(name) \(dataType) \(elementType) \(isNullable) \(dimension ?? 0) \(maxLength ?? 0) \(maxCapacity ?? 0)"
  }
}

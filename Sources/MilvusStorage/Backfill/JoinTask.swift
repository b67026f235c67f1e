internal import ByteBuffers
internal import ObjectStores
internal import Parquet

/// Everything that a run needs, resolved and checked: what planning ends in.
struct JoinTask: Sendable {
  struct SegmentTask: Sendable {
    /// The opened key files and the rows of each, which cut the output files.
    var reader: SegmentReader
    var outputs: [ObjectKey]
    var bytesToRead: Int64
    var filesToRead: Int

    var segment: V1Segment { reader.segment }
    var rows: Int64 { Int64(reader.rowCount) }

    /// Existing values of the targets; nil where they are not read.
    func existing(_ task: JoinTask) throws(BackfillError) -> [SegmentColumnReader?] {
      var readers: [SegmentColumnReader?] = []
      for field in task.targets {
        readers.append(task.configuration.mode.readsExisting ? try reader.column(field) : nil)
      }
      return readers
    }
  }

  let configuration: BackfillConfiguration
  let root: any ObjectStore
  /// Where output goes; while its folder is missing, a store without objects.
  var output: any ObjectStore
  /// Whether the output's folder has to be made before anything is written.
  var isOutputMissing: Bool
  let schema: CollectionSchema
  let keyField: FieldSchema
  let targets: [FieldSchema]
  let files: [NewValuesFile]
  let inputs: [InputObject]
  let segments: [SegmentTask]
  let deleteSegments: [V1Segment]
  let warnings: [String]
  let planID: String
  let estimatedMemory: Int64
  let memoryBudget: Int64

  var journal: Journal { Journal(store: output, planID: planID) }

  /// How nulls of each target are written.
  var nullRules: [NullRule] {
    targets.map { field in
      // A dense vector is FIXED_LEN_BYTE_ARRAY in StorageV1, which servers read without nulls.
      if field.isNullable, !field.dataType.isDenseVector { return .allowed }
      if configuration.onNull == .default, let cell = field.cellForNull { return .replaced(by: cell) }
      return .refused
    }
  }

  var record: PlanRecord {
    PlanRecord(
      planID: planID,
      collection: schema.collectionID ?? 0,
      mode: configuration.mode.rawValue,
      fields: targets.map(\.name),
      segments: segments.map {
        PlanRecord.Segment(
          id: $0.segment.id,
          partition: $0.segment.partition,
          rows: $0.rows,
          keys: $0.outputs.map(\.text)
        )
      },
      copies: copies.map(\.key.text)
    )
  }

  /// Everything of the collection that the join does not write, when the separate tree is to be complete.
  var copies: [ObjectMetadata] {
    guard configuration.completeTree else { return [] }
    let replaced = Set(targets.map(\.id))
    var objects: [ObjectMetadata] = []
    for segment in segments.map(\.segment) + deleteSegments {
      for (field, files) in segment.fields.sorted(by: { $0.key < $1.key }) where !replaced.contains(field) {
        objects += files.map(\.metadata)
      }
      objects += segment.deltaLogs.map(\.metadata)
      for (_, files) in segment.statsLogs.sorted(by: { $0.key < $1.key }) { objects += files.map(\.metadata) }
    }
    return objects
  }

  /// Folder, or file, of a segment's output.
  func outputPath(_ segment: SegmentTask) -> String {
    if configuration.layout == .connector { return segment.outputs.first?.text ?? "" }
    let place = segment.segment
    let folder = StoragePaths.prefix(
      StoragePaths.insertLog,
      collection: place.collection,
      partition: place.partition,
      segment: place.id
    )
    return String(folder.text.dropLast())
  }
}

/// A file of new values and where it came from.
struct InputObject: Sendable {
  var location: String
  var metadata: ObjectMetadata
  var source: ObjectSource
}

internal import ByteBuffers

/// The JSON document that names everything a join wrote; Milvus adopts segments by it.
///
/// Keys are those of reference "Milvus storage formats", 6.9: camelCase for the original ones, snake_case for the
/// storage-specific ones. Times are 0: the document of a plan has the same bytes whoever runs it and however long it took.
struct ResultDocument: Codable, Hashable, Sendable {
  struct Binlogs: Codable, Hashable, Sendable {
    var field_id: Int64
    var binlog_files: [String]
    var row_counts: [Int64]
  }

  struct Segment: Codable, Hashable, Sendable {
    var version: Int64 = -1
    var rowCount: Int64
    var sourceRowCount: Int64
    var matchedRowCount: Int64
    var executionTimeMs: Int64 = 0
    var outputPath: String
    var manifestPaths: [String]
    var storage_version: Int64 = 0
    var binlogs: [Binlogs]?
    var usedSourceByField: [String: Int64]?
    var usedDataFileByField: [String: Int64]?
  }

  var success = true
  var planId: String
  var collectionId: Int64
  var partitionId: Int64
  var schemaVersion: Int32
  var segmentsProcessed: Int
  var totalSourceRows: Int64
  var totalBackfillDataRows: Int64
  var totalMatchedRows: Int64
  var totalRowsWritten: Int64
  var executionTimeMs: Int64 = 0
  var newFieldNames: [String]
  var segments: [String: Segment]
  var totalUsedSourceByField: [String: Int64]?
  var totalUsedDataFileByField: [String: Int64]?
}

extension ResultDocument {
  /// Makes the document of a result.
  init(_ result: BackfillResult, mode: JoinMode) {
    planId = result.planID
    collectionId = result.collectionID
    partitionId = result.partitionID
    schemaVersion = result.schemaVersion
    segmentsProcessed = result.segmentsProcessed
    totalSourceRows = result.totalSourceRows
    totalBackfillDataRows = result.totalBackfillDataRows
    totalMatchedRows = result.totalMatchedRows
    totalRowsWritten = result.totalRowsWritten
    newFieldNames = result.newFieldNames
    let hasProvenance = mode != .replace
    totalUsedSourceByField = hasProvenance ? result.usedSourceByField : nil
    totalUsedDataFileByField = hasProvenance ? result.usedDataFileByField : nil
    segments = [:]
    for (id, segment) in result.segmentResults {
      segments["\(id)"] = ResultDocument.entry(segment, hasProvenance: hasProvenance)
    }
  }

  private static func entry(_ segment: SegmentBackfillResult, hasProvenance: Bool) -> Segment {
    var byField: [Int64: Binlogs] = [:]
    for file in segment.files {
      guard let field = file.fieldID else { continue }
      var entry = byField[field] ?? Binlogs(field_id: field, binlog_files: [], row_counts: [])
      entry.binlog_files.append(file.key)
      entry.row_counts.append(file.rowCount)
      byField[field] = entry
    }
    let loose = segment.files.filter { $0.fieldID == nil }.map(\.key)
    return Segment(
      rowCount: segment.rowCount,
      sourceRowCount: segment.sourceRowCount,
      matchedRowCount: segment.matchedRowCount,
      outputPath: segment.outputPath,
      manifestPaths: loose,
      binlogs: byField.isEmpty ? nil : byField.values.sorted { $0.field_id < $1.field_id },
      usedSourceByField: hasProvenance ? segment.usedSourceByField : nil,
      usedDataFileByField: hasProvenance ? segment.usedDataFileByField : nil
    )
  }

  /// The document's bytes.
  func encoded() throws(BackfillError) -> Bytes {
    try Journal.encode(self)
  }
}

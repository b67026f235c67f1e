/// What a segment join did.
public struct BackfillResult: Sendable, Hashable {
  /// Whether every segment was processed.
  public var success: Bool
  /// Number of segments.
  public var segmentsProcessed: Int
  /// Rows written, over all segments.
  public var totalRowsWritten: Int64
  /// Rows of the segments.
  public var totalSourceRows: Int64
  /// Rows of the new values.
  public var totalBackfillDataRows: Int64
  /// Rows whose key the new values have.
  public var totalMatchedRows: Int64
  /// Where each segment's output is, relative to the output's root.
  public var manifestPaths: [String]
  /// What was done with each segment, by id.
  public var segmentResults: [Int64: SegmentBackfillResult]
  /// Milliseconds from start to end.
  public var executionTimeMs: Int64
  /// Id of the collection.
  public var collectionID: Int64
  /// Id of the partition when there is only one, else 0.
  public var partitionID: Int64
  /// Schema version of the collection; 0 when it is not known.
  public var schemaVersion: Int32
  /// Fields that were filled.
  public var newFieldNames: [String]
  /// Rows that kept their value, by field.
  public var usedSourceByField: [String: Int64]
  /// Rows that got a new value, by field.
  public var usedDataFileByField: [String: Int64]
  /// Rows that got no value, by field, before defaults took their place.
  public var nullsByField: [String: Int64]
  /// Identity of the plan: the same inputs have the same.
  public var planID: String
  /// Whether an earlier run had done everything, so that this one only checked it.
  public var wasAlreadyComplete: Bool
  /// What the user should know, one sentence each.
  public var warnings: [String]
  /// Where the result document was written.
  public var resultPaths: [String]

  /// Whether all segments succeeded.
  public var allSegmentsSuccessful: Bool { segmentResults.values.allSatisfy(\.success) }

  /// Seconds from start to end.
  public var executionTimeSec: Double { Double(executionTimeMs) / 1000 }

  /// A few lines for a person.
  public var summary: String {
    var lines = [
      wasAlreadyComplete
        ? "Backfill was already complete: every file was checked, nothing was changed." : "Backfill completed.",
      "  collection        \(collectionID)\(partitionID > 0 ? ", partition \(partitionID)" : "")",
      "  fields            \(newFieldNames.joined(separator: ", "))",
      "  segments          \(segmentsProcessed)",
      "  rows              \(totalRowsWritten) written, \(totalMatchedRows) of them matched by \(totalBackfillDataRows) new rows",
    ]
    for field in newFieldNames {
      guard let kept = usedSourceByField[field], let new = usedDataFileByField[field] else { continue }
      lines.append("  \(field): \(new) new, \(kept) kept, \(nullsByField[field] ?? 0) null")
    }
    lines.append("  time              \(executionTimeSec) s")
    lines.append("  plan              \(planID)")
    lines += resultPaths.map { "  result            \($0)" }
    lines += warnings.map { "  warning: \($0)" }
    return lines.joined(separator: "\n")
  }

  /// One line for each segment, for a person.
  public var segmentSummary: String {
    segmentResults.values.sorted { $0.segmentID < $1.segmentID }.map { segment in
      "segment \(segment.segmentID): \(segment.rowCount) rows, \(segment.matchedRowCount) matched, "
        + "\(segment.files.count) files, \(segment.executionTimeMs) ms"
    }.joined(separator: "\n")
  }
}

/// What was done with one segment.
public struct SegmentBackfillResult: Sendable, Hashable {
  /// Id of the segment.
  public var segmentID: Int64
  /// Id of its partition.
  public var partitionID: Int64
  /// Whether it succeeded.
  public var success: Bool
  /// Rows written.
  public var rowCount: Int64
  /// Rows of the segment.
  public var sourceRowCount: Int64
  /// Rows whose key the new values have.
  public var matchedRowCount: Int64
  /// Milliseconds that it took; 0 when an earlier run did it.
  public var executionTimeMs: Int64
  /// Folder, or file, of its output.
  public var outputPath: String
  /// Files that were written.
  public var files: [WrittenObject]
  /// Rows that kept their value, by field.
  public var usedSourceByField: [String: Int64]
  /// Rows that got a new value, by field.
  public var usedDataFileByField: [String: Int64]
}

/// One object that a join wrote.
public struct WrittenObject: Sendable, Hashable, Codable {
  /// Its key.
  public var key: String
  /// Field that it holds; nil when it holds several.
  public var fieldID: Int64?
  /// Rows in it.
  public var rowCount: Int64
  /// Bytes of it.
  public var byteCount: Int64
  /// XXH64 of its bytes, as 16 hexadecimal digits.
  public var checksum: String
}

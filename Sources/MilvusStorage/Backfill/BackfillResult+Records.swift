extension BackfillResult {
  /// Adds up what was recorded for the segments.
  init(_ task: JoinTask, _ records: [SegmentRecord], inputRows: Int64, times: [Int64: Int64]) {
    let names = task.targets.map(\.name)
    var segments: [Int64: SegmentBackfillResult] = [:]
    var totals = JoinCounts(fields: names.count)
    for (record, segment) in zip(records, task.segments) {
      segments[record.segment] = SegmentBackfillResult(
        segmentID: record.segment,
        partitionID: record.partition,
        success: true,
        rowCount: record.rows,
        sourceRowCount: segment.rows,
        matchedRowCount: record.matched,
        executionTimeMs: times[record.segment] ?? 0,
        outputPath: task.outputPath(segment),
        files: record.files,
        usedSourceByField: BackfillResult.byName(names, record.usedExisting),
        usedDataFileByField: BackfillResult.byName(names, record.usedNew)
      )
      totals.add(record.counts)
    }
    let partitions = Set(task.segments.map(\.segment.partition))
    self.init(
      success: true,
      segmentsProcessed: records.count,
      totalRowsWritten: totals.rows,
      totalSourceRows: task.rows,
      totalBackfillDataRows: inputRows,
      totalMatchedRows: totals.matched,
      manifestPaths: task.segments.map { task.outputPath($0) },
      segmentResults: segments,
      executionTimeMs: 0,
      collectionID: task.schema.collectionID ?? 0,
      partitionID: partitions.count == 1 ? partitions.first ?? 0 : 0,
      schemaVersion: task.schema.version,
      newFieldNames: names,
      usedSourceByField: task.configuration.mode == .replace ? [:] : BackfillResult.byName(names, totals.usedExisting),
      usedDataFileByField: task.configuration.mode == .replace ? [:] : BackfillResult.byName(names, totals.usedNew),
      nullsByField: BackfillResult.byName(names, totals.nulls),
      planID: task.planID,
      wasAlreadyComplete: false,
      warnings: task.warnings,
      resultPaths: []
    )
  }

  private static func byName(_ names: [String], _ counts: [Int64]) -> [String: Int64] {
    Dictionary(zip(names, counts), uniquingKeysWith: { $1 })
  }
}

extension SegmentRecord {
  fileprivate var counts: JoinCounts {
    var counts = JoinCounts(fields: usedNew.count)
    counts.rows = rows
    counts.matched = matched
    counts.usedExisting = usedExisting
    counts.usedNew = usedNew
    counts.nulls = nulls
    return counts
  }
}

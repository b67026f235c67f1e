extension BackfillResult {
  /// Adds up what was recorded for the segments.
  init(_ task: JoinTask, _ records: [SegmentRecord], inputRows: Int64, times: [Int64: Int64]) {
    let names = task.targets.map(\.name)
    var segments: [Int64: SegmentBackfillResult] = [:]
    var totals = (existing: names.map { _ in Int64(0) }, new: names.map { _ in Int64(0) })
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
      for field in names.indices {
        totals.existing[field] += record.usedExisting[field]
        totals.new[field] += record.usedNew[field]
      }
    }
    let partitions = Set(task.segments.map(\.segment.partition))
    self.init(
      success: true,
      segmentsProcessed: records.count,
      totalRowsWritten: records.reduce(0) { $0 + $1.rows },
      totalSourceRows: task.rows,
      totalBackfillDataRows: inputRows,
      totalMatchedRows: records.reduce(0) { $0 + $1.matched },
      manifestPaths: task.segments.map { task.outputPath($0) },
      segmentResults: segments,
      executionTimeMs: 0,
      collectionID: task.schema.collectionID ?? 0,
      partitionID: partitions.count == 1 ? partitions.first ?? 0 : 0,
      schemaVersion: task.schema.version,
      newFieldNames: names,
      usedSourceByField: task.configuration.mode == .replace ? [:] : BackfillResult.byName(names, totals.existing),
      usedDataFileByField: task.configuration.mode == .replace ? [:] : BackfillResult.byName(names, totals.new),
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

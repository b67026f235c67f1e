import Backfill
import CommandLineSupport

extension JoinPlan {
  /// The plan as one JSON object and a line end.
  var json: [UInt8] {
    var out = JSONWriter(isPretty: true)
    out.beginObject()
    out.field("planID", planID)
    out.field("collectionID", collectionID)
    out.field("mode", mode)
    out.field("joinKey", joinKey)
    out.field("strategy", strategy)
    out.field("strategyReason", strategyReason)
    out.field("estimatedMemory", estimatedMemory)
    out.field("memoryBudget", memoryBudget)
    out.texts("fields", fields)
    out.texts("inputFiles", inputFiles)
    out.field("inputRows", inputRows)
    out.field("inputBytes", inputBytes)
    out.field("rows", rows)
    out.field("bytesToRead", bytesToRead)
    out.key("segments")
    out.beginArray()
    for segment in segments {
      out.beginObject()
      out.field("id", segment.id)
      out.field("partition", segment.partition)
      out.field("rows", segment.rows)
      out.field("filesToRead", segment.filesToRead)
      out.field("bytesToRead", segment.bytesToRead)
      out.field("isDone", segment.isDone)
      out.texts("outputs", segment.outputs)
      out.endObject()
    }
    out.endArray()
    out.texts("warnings", warnings)
    out.endObject()
    return out.take() + [UInt8(ascii: "\n")]
  }
}

extension BackfillResult {
  /// The result as one JSON object and a line end.
  var json: [UInt8] {
    var out = JSONWriter(isPretty: true)
    out.beginObject()
    out.field("success", success)
    out.field("planID", planID)
    out.field("wasAlreadyComplete", wasAlreadyComplete)
    out.field("collectionID", collectionID)
    out.field("partitionID", partitionID)
    out.field("segmentsProcessed", segmentsProcessed)
    out.field("totalRowsWritten", totalRowsWritten)
    out.field("totalSourceRows", totalSourceRows)
    out.field("totalBackfillDataRows", totalBackfillDataRows)
    out.field("totalMatchedRows", totalMatchedRows)
    out.field("executionTimeMs", executionTimeMs)
    out.texts("newFieldNames", newFieldNames)
    out.counts("usedSourceByField", usedSourceByField)
    out.counts("usedDataFileByField", usedDataFileByField)
    out.key("segments")
    out.beginArray()
    for segment in segmentResults.values.sorted(by: { $0.segmentID < $1.segmentID }) {
      out.beginObject()
      out.field("id", segment.segmentID)
      out.field("partition", segment.partitionID)
      out.field("rowCount", segment.rowCount)
      out.field("matchedRowCount", segment.matchedRowCount)
      out.field("executionTimeMs", segment.executionTimeMs)
      out.field("outputPath", segment.outputPath)
      out.texts("files", segment.files.map(\.key))
      out.endObject()
    }
    out.endArray()
    out.texts("warnings", warnings)
    out.texts("resultPaths", resultPaths)
    out.endObject()
    return out.take() + [UInt8(ascii: "\n")]
  }
}

extension JSONWriter {
  mutating func texts(_ name: String, _ values: [String]) {
    key(name)
    beginArray()
    for text in values { value(text) }
    endArray()
  }

  mutating func counts(_ name: String, _ counts: [String: Int64]) {
    key(name)
    beginObject()
    for (field, count) in counts.sorted(by: { $0.key < $1.key }) { self.field(field, count) }
    endObject()
  }
}

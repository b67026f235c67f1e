import ArgumentParser
import Backfill
import CommandLineSupport

struct InspectCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show the segments of a collection: rows, files, fields, deletes, sizes; find what is wrong with them.",
    discussion: """
      Reads headers and footers, not the values. Exits with 1 when something is wrong.

      EXAMPLE
        milvus-backfill inspect --root milvus --collection-id 47 --schema s.json -v
      """
  )

  @OptionGroup var collection: CollectionOptions
  @OptionGroup var common: CommonOptions

  func perform(_ console: Console) async throws -> ProgramExit {
    var reader = ConfigurationReader()
    try collection.apply(to: &reader)
    let configuration = try reader.finishCollection()
    let stored = try await StoredCollection(opening: configuration)
    var inspections: [SegmentInspection] = []
    let line = console.progress("inspecting", total: Int64(stored.listing.segments.count), unit: .items("segments"))
    for segment in stored.listing.segments {
      try Task.checkCancellation()
      let inspection = try await SegmentInspection(
        segment,
        schema: stored.schema,
        store: stored.store,
        codec: configuration.codec
      )
      inspections.append(inspection)
      line.advance(by: 1)
    }
    line.finish()
    for warning in stored.listing.warnings + inspections.flatMap(\.warnings) { console.warn(warning) }
    if console.options.json {
      try console.write(json(stored, inspections))
    } else {
      try print(stored, inspections, console)
    }
    return inspections.allSatisfy(\.problems.isEmpty) ? .done : .partial
  }

  private func print(_ stored: StoredCollection, _ inspections: [SegmentInspection], _ console: Console) throws {
    let rows = inspections.reduce(0) { $0 + ($1.rowCount ?? 0) }
    let bytes = inspections.reduce(UInt64(0)) { $0 + $1.segment.dataByteCount }
    let name = stored.schema.name.isEmpty ? "" : " '\(stored.schema.name)'"
    try console.print(
      "collection \(stored.schema.collectionID ?? 0)\(name): \(inspections.count) segments, \(rows) rows, "
        + "\(formatBytes(Int64(clamping: bytes))), StorageV1"
    )
    for segment in stored.listing.deleteSegments {
      try console.print(
        "L0 segment \(segment.id) of partition \(segment.partition): \(segment.deltaLogs.count) delete files"
      )
    }
    for inspection in inspections {
      let segment = inspection.segment
      let rowText = inspection.rowCount.map { "\($0) rows" } ?? "unknown rows"
      try console.print(
        "segment \(segment.id) of partition \(segment.partition): \(rowText) in \(inspection.chunkRows.count) chunks, "
          + "\(formatBytes(Int64(clamping: segment.dataByteCount))), \(segment.deltaLogs.count) delete files"
      )
      for field in inspection.fields where console.options.verbose > 0 {
        let codecs = Set(field.files.flatMap(\.codecs)).map(\.description).sorted().joined(separator: ", ")
        try console.print(
          "  field \(field.id) \(field.name ?? "(not in the schema)") \(field.dataType.map(\.description) ?? ""): "
            + "\(field.files.count) files, \(formatBytes(Int64(clamping: field.byteCount))) \(codecs)"
        )
      }
      for problem in inspection.problems { try console.print("  PROBLEM: \(problem)") }
    }
  }

  private func json(_ stored: StoredCollection, _ inspections: [SegmentInspection]) -> [UInt8] {
    var out = JSONWriter(isPretty: true)
    out.beginObject()
    out.field("collectionID", stored.schema.collectionID)
    out.field("name", stored.schema.name)
    out.field("storageVersion", 0)
    out.field("rows", inspections.reduce(0) { $0 + ($1.rowCount ?? 0) })
    out.key("segments")
    out.beginArray()
    for inspection in inspections { write(inspection, to: &out) }
    out.endArray()
    out.key("deleteSegments")
    out.beginArray()
    for segment in stored.listing.deleteSegments {
      out.beginObject()
      out.field("id", segment.id)
      out.field("partition", segment.partition)
      out.field("deleteFiles", segment.deltaLogs.count)
      out.endObject()
    }
    out.endArray()
    out.endObject()
    return out.take() + [UInt8(ascii: "\n")]
  }

  private func write(_ inspection: SegmentInspection, to out: inout JSONWriter) {
    out.beginObject()
    out.field("id", inspection.segment.id)
    out.field("partition", inspection.segment.partition)
    out.field("rows", inspection.rowCount)
    out.field("bytes", inspection.segment.dataByteCount)
    out.field("deleteFiles", inspection.segment.deltaLogs.count)
    out.key("rowsPerChunk")
    out.beginArray()
    for rows in inspection.chunkRows { out.value(rows) }
    out.endArray()
    out.key("fields")
    out.beginArray()
    for field in inspection.fields {
      out.beginObject()
      out.field("id", field.id)
      out.field("name", field.name)
      out.field("type", field.dataType?.description)
      out.field("files", field.files.count)
      out.field("missingChunks", field.missingChunks)
      out.field("bytes", field.byteCount)
      out.endObject()
    }
    out.endArray()
    out.texts("problems", inspection.problems.map(\.description))
    out.endObject()
  }
}

internal import ByteBuffers
internal import ObjectStores
internal import Parquet

/// Joins one segment and writes its files: create-only, made durable as a group, opened again, recorded.
struct SegmentWriter: Sendable {
  let task: JoinTask
  let join: SegmentJoin

  func run(
    _ segment: JoinTask.SegmentTask,
    progress: @escaping @Sendable (Int64) -> Void
  ) async throws(BackfillError) -> SegmentRecord {
    do throws(BackfillError) {
      let (files, counts) =
        task.configuration.layout == .connector
        ? try await writeCombined(segment, progress) : try await writeBinlogs(segment, progress)
      do {
        try await task.output.flush(files.map { ObjectKey($0.key) })
      } catch {
        throw BackfillError.wrapping(error, as: .write)
      }
      try await FileCheck(task: task).check(files, full: false)
      let record = SegmentRecord(
        segment: segment.segment.id,
        partition: segment.segment.partition,
        rows: counts.rows,
        matched: counts.matched,
        usedExisting: counts.usedExisting,
        usedNew: counts.usedNew,
        nulls: counts.nulls,
        files: files
      )
      try await task.journal.finish(record)
      return record
    } catch {
      throw error.located(segment: segment.segment.id)
    }
  }

  // MARK: One binlog for each field and key binlog

  private typealias Puts = BoundedTasks<WrittenObject>

  /// Files are put while the next ones are joined.
  private func writeBinlogs(
    _ segment: JoinTask.SegmentTask,
    _ progress: @Sendable (Int64) -> Void
  ) async throws(BackfillError) -> ([WrittenObject], JoinCounts) {
    let outcome = await withTaskGroup(of: Puts.Group.Element.self) { group in
      do throws(BackfillError) {
        return Result<([WrittenObject], JoinCounts), BackfillError>.success(
          try await joinAndPut(segment, &group, progress)
        )
      } catch {
        group.cancelAll()
        return .failure(error)
      }
    }
    return try outcome.get()
  }

  private func joinAndPut(
    _ segment: JoinTask.SegmentTask,
    _ group: inout Puts.Group,
    _ progress: @Sendable (Int64) -> Void
  ) async throws(BackfillError) -> ([WrittenObject], JoinCounts) {
    let keys = try segment.reader.column(task.keyField)
    let existing = try segment.existing(task)
    for reader in [keys] + existing.compactMap({ $0 }) { reader.openAhead() }
    var counts = JoinCounts(fields: task.targets.count)
    var puts = Puts(limit: SideBySide.requests, mostBytes: SideBySide.bytes)
    for (index, chunk) in segment.reader.keyContainers.enumerated() where !puts.hasFailed {
      let rows = Int64(segment.reader.chunkRows[index])
      let files = try ColumnFiles(
        task.targets,
        codec: task.configuration.codec,
        compression: task.configuration.compression
      )
      let joined = try await join.join(
        keys: LimitedRows(keys, rows: rows),
        existing: existing.map { reader in reader.map { LimitedRows($0, rows: rows) } },
        firstRow: counts.rows,
        into: files
      )
      guard joined.rows == rows else {
        throw BackfillError(.segmentProcessing, "\(joined.rows) rows were joined of \(rows).", remedy: .library)
      }
      counts.add(joined)
      for (field, payload) in try await files.close().enumerated() {
        let size = files.originalSizes[field]
        let writer = BinlogWriter(beside: chunk.binlog, field: task.targets[field], originalSize: size)
        let bytes = try writer.wrap(payload)
        let place = segment.outputs[field * segment.reader.keyContainers.count + index]
        let id = task.targets[field].id
        await puts.add(to: &group, bytes: Int64(bytes.count)) { () throws(BackfillError) in
          try await put(bytes, place, id, rows)
        }
      }
      progress(rows)
    }
    return (inOrderOfOutputs(try await puts.finish(&group), segment), counts)
  }

  /// Files are put chunk by chunk, and recorded field by field.
  private func inOrderOfOutputs(_ files: [WrittenObject], _ segment: JoinTask.SegmentTask) -> [WrittenObject] {
    let chunks = segment.reader.keyContainers.count
    let fields = task.targets.count
    return (0..<fields).flatMap { field in (0..<chunks).map { files[$0 * fields + field] } }
  }

  private func put(
    _ bytes: Bytes,
    _ key: ObjectKey,
    _ field: Int64,
    _ rows: Int64
  ) async throws(BackfillError) -> WrittenObject {
    try await putOnce(key, bytes, in: task.output, planID: task.planID, durability: .deferred)
    return WrittenObject(
      key: key.text,
      fieldID: field,
      rowCount: rows,
      byteCount: Int64(bytes.count),
      checksum: checksum(bytes)
    )
  }

  // MARK: One Parquet file with all fields

  private func writeCombined(
    _ segment: JoinTask.SegmentTask,
    _ progress: @Sendable (Int64) -> Void
  ) async throws(BackfillError) -> ([WrittenObject], JoinCounts) {
    let sink = MemorySink()
    let file = try CombinedFile(
      task.targets,
      sink: sink,
      codec: task.configuration.codec,
      compression: task.configuration.compression
    )
    let keys = try segment.reader.column(task.keyField)
    let existing = try segment.existing(task)
    for reader in [keys] + existing.compactMap({ $0 }) { reader.openAhead() }
    let counts = try await join.join(keys: keys, existing: existing, into: file)
    try await file.close()
    let bytes = await sink.contents
    let key = segment.outputs[0]
    try await putOnce(key, bytes, in: task.output, planID: task.planID, durability: .deferred)
    progress(counts.rows)
    let written = WrittenObject(
      key: key.text,
      fieldID: nil,
      rowCount: counts.rows,
      byteCount: Int64(bytes.count),
      checksum: checksum(bytes)
    )
    return ([written], counts)
  }
}

/// How much of one segment goes over the network side by side.
///
/// A store that is far away takes as long for one small request as for many at the same time.
enum SideBySide {
  /// Requests, or short runs of them.
  static let requests = 16
  /// Bytes in memory for them, where they are whole files.
  static let bytes: Int64 = 32 << 20
}

/// The next rows of a field, up to a number.
final class LimitedRows: FieldRows {
  private let rows: any FieldRows
  private var left: Int64

  init(_ rows: any FieldRows, rows count: Int64) {
    self.rows = rows
    left = count
  }

  func next(limit: Int) async throws(BackfillError) -> Column? {
    let wanted = Int(clamping: min(Int64(limit), left))
    guard wanted > 0, let column = try await rows.next(limit: wanted) else { return nil }
    left -= Int64(column.count)
    return column
  }
}

internal import Parquet

/// Finds rows that would get a null where none is allowed, before anything is written.
///
/// Only keys are read. A field needs the check where a row without a new value has no existing value to fall back on;
/// nulls among the new values of such fields were refused when they were read, except those of dense vectors.
struct NullCheck: Sendable {
  let task: JoinTask
  let newValues: NewValues

  /// Targets that need the check in a segment.
  private func fields(_ segment: JoinTask.SegmentTask) -> [Int] {
    task.nullRules.indices.filter { index in
      guard task.nullRules[index] == .refused else { return false }
      let files = segment.segment.fields[task.targets[index].id] ?? []
      // Existing values of a field that cannot be null cover every row, unless the field was added later.
      let covers = task.configuration.mode.readsExisting && files.count == segment.reader.chunkRows.count
      return !covers || task.targets[index].isNullable
    }
  }

  /// Whether any segment has to be read for the check.
  var isNeeded: Bool { task.segments.contains { !fields($0).isEmpty } }

  func run(_ segment: JoinTask.SegmentTask) async throws(BackfillError) {
    let checked = fields(segment)
    guard !checked.isEmpty else { return }
    let join = SegmentJoin(
      newValues,
      mode: task.configuration.mode,
      nullRules: task.nullRules,
      batchSize: task.configuration.batchSize
    )
    do throws(BackfillError) {
      _ = try await join.join(
        keys: try segment.reader.column(task.keyField),
        existing: try segment.existing(task),
        into: Nowhere()
      )
    } catch {
      throw error.located(segment: segment.segment.id)
    }
  }

  private final class Nowhere: JoinOutput {
    func write(_ columns: [Column]) async throws(BackfillError) {}
  }
}

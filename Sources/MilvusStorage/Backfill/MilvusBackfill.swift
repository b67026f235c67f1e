internal import ByteBuffers
internal import ObjectStores

/// Adds columns to a Milvus collection on object storage by joining new values with the keys of every segment.
public enum MilvusBackfill {
  /// Called with what happens during a run, from any task.
  public typealias ProgressHandler = @Sendable (BackfillProgress) -> Void

  /// Runs a segment join from start to end.
  ///
  /// Nothing is written before configuration, schema, new values and the segments' headers were checked. A run that is
  /// interrupted is resumed by running it again; a run that was complete is checked and changes nothing.
  ///
  /// - Parameters:
  ///   - configuration: what to do.
  ///   - progress: called with what happens.
  /// - Returns: what was done, or why nothing, or not everything, was.
  public static func run(
    _ configuration: BackfillConfiguration,
    progress: @escaping ProgressHandler = { _ in }
  ) async -> Result<BackfillResult, BackfillError> {
    do throws(BackfillError) {
      return .success(try await BackfillRun(configuration, progress).run())
    } catch {
      return .failure(error)
    }
  }

  /// Runs a segment join with one location of new values.
  ///
  /// - Parameters:
  ///   - backfillDataPath: location of the new values; takes the place of the configuration's.
  ///   - configuration: what to do.
  ///   - progress: called with what happens.
  /// - Returns: what was done, or why nothing, or not everything, was.
  public static func run(
    backfillDataPath: String,
    configuration: BackfillConfiguration,
    progress: @escaping ProgressHandler = { _ in }
  ) async -> Result<BackfillResult, BackfillError> {
    var configuration = configuration
    configuration.input = [backfillDataPath]
    return await run(configuration, progress: progress)
  }

  /// Says what a run would do, and writes nothing.
  ///
  /// - Parameter configuration: what to do.
  /// - Returns: the plan, or why there is none.
  public static func plan(_ configuration: BackfillConfiguration) async -> Result<JoinPlan, BackfillError> {
    do throws(BackfillError) {
      let task = try await JoinPlanner(configuration: configuration).plan()
      let done = try await concurrentMap(task.segments.map(\.segment.id), limit: SideBySide.requests) {
        (_, segment) throws(BackfillError) in
        try await task.journal.finished(segment) != nil ? segment : nil
      }
      return .success(JoinPlan(task, done: Set(done.compactMap { $0 })))
    } catch {
      return .failure(error)
    }
  }
}

extension JoinPlan {
  /// Describes a resolved task.
  init(_ task: JoinTask, done: Set<Int64>) {
    let configuration = task.configuration
    planID = task.planID
    collectionID = task.schema.collectionID ?? 0
    mode = configuration.mode.rawValue
    strategy = "gather"
    strategyReason =
      "the new values need about \(task.estimatedMemory >> 20) MiB of a budget of \(task.memoryBudget >> 20) MiB"
    joinKey = task.keyField.name
    fields = task.targets.map(\.name)
    inputFiles = task.inputs.map(\.location)
    inputRows = task.files.reduce(0) { $0 + $1.rowCount }
    inputBytes = task.inputs.reduce(0) { $0 + Int64(clamping: $1.metadata.size) }
    estimatedMemory = task.estimatedMemory
    memoryBudget = task.memoryBudget
    warnings = task.warnings
    segments = task.segments.map {
      Segment(
        id: $0.segment.id,
        partition: $0.segment.partition,
        rows: $0.rows,
        filesToRead: $0.filesToRead,
        bytesToRead: $0.bytesToRead,
        outputs: $0.outputs.map(\.text),
        isDone: done.contains($0.segment.id)
      )
    }
  }
}

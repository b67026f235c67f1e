internal import ByteBuffers
internal import Glibc
internal import ObjectStores
internal import Synchronization

/// One run: plan, load, check, join, publish.
struct BackfillRun {
  private let configuration: BackfillConfiguration
  private let tracker: ProgressTracker
  private let clock = ContinuousClock()

  init(_ configuration: BackfillConfiguration, _ handler: @escaping MilvusBackfill.ProgressHandler) {
    self.configuration = configuration
    tracker = ProgressTracker(handler)
  }

  func run() async throws(BackfillError) -> BackfillResult {
    let start = clock.now
    tracker.begin(.planning, rows: 0, segments: 0)
    let planner = JoinPlanner(configuration: configuration)
    var task = try await planner.plan()
    if let document = try await task.journal.result() {
      return try await verify(task, document, start)
    }
    let target = try await ResultTarget(configuration)
    let records: [SegmentRecord]
    let times: [Int64: Int64]
    let inputRows: Int64
    if task.segments.isEmpty {
      task = try planner.makingOutput(task)
      (records, times, inputRows) = ([], [:], task.files.reduce(0) { $0 + $1.rowCount })
    } else {
      let newValues = try await load(task)
      try await check(task, newValues)
      task = try planner.makingOutput(task)
      (records, times) = try await join(task, newValues)
      inputRows = newValues.rowCount
    }
    var result = BackfillResult(task, records, inputRows: inputRows, times: times)
    let document = try ResultDocument(result, mode: configuration.mode).encoded()
    try await task.journal.publish(document)
    try await target?.publish(document, planID: task.planID)
    result.resultPaths = [task.journal.resultKey.text] + (target.map { [$0.location] } ?? [])
    result.executionTimeMs = milliseconds(since: start)
    return result
  }

  private func load(_ task: JoinTask) async throws(BackfillError) -> NewValues {
    let rows = task.files.reduce(Int64(0)) { $0 + $1.rowCount }
    tracker.begin(.loading, rows: rows, segments: 0)
    return try await NewValues(
      task.files,
      onDuplicateKey: configuration.onDuplicateKey,
      memoryLimit: task.memoryBudget
    ) { [tracker] done in
      tracker.set(rows: done)
    }
  }

  private var parallelism: Int {
    configuration.parallelism ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  /// Finds nulls that cannot be written, before anything is.
  private func check(_ task: JoinTask, _ newValues: NewValues) async throws(BackfillError) {
    let check = NullCheck(task: task, newValues: newValues)
    guard check.isNeeded else { return }
    tracker.begin(.checking, rows: task.rows, segments: task.segments.count)
    _ = try await concurrentMap(task.segments, limit: parallelism) { [tracker] (_, segment) throws(BackfillError) in
      try await check.run(segment)
      tracker.finish(rows: segment.rows)
    }
  }

  private func join(
    _ task: JoinTask,
    _ newValues: NewValues
  ) async throws(BackfillError) -> ([SegmentRecord], [Int64: Int64]) {
    do throws(BackfillError) {
      try await task.journal.begin(task.record)
    } catch {
      // Nothing can be written at all, so nothing of the first segment either.
      throw error.located(segment: task.segments.first?.segment.id)
    }
    if configuration.completeTree { try await TreeCopy(task: task).run(limit: parallelism) }
    tracker.begin(.joining, rows: task.rows, segments: task.segments.count)
    let writer = SegmentWriter(
      task: task,
      join: SegmentJoin(
        newValues,
        mode: configuration.mode,
        nullRules: task.nullRules,
        batchSize: configuration.batchSize
      )
    )
    let done = try await concurrentMap(task.segments, limit: parallelism) {
      [self] (_, segment) throws(BackfillError) in
      try await process(segment, task, writer)
    }
    return (done.map(\.0), Dictionary(done.map { ($0.0.segment, $0.1) }, uniquingKeysWith: { $1 }))
  }

  /// Writes a segment, or checks what an earlier run wrote.
  private func process(
    _ segment: JoinTask.SegmentTask,
    _ task: JoinTask,
    _ writer: SegmentWriter
  ) async throws(BackfillError) -> (SegmentRecord, Int64) {
    if let record = try await task.journal.finished(segment.segment.id) {
      try await FileCheck(task: task).check(record.files, full: true)
      tracker.finish(rows: segment.rows)
      return (record, 0)
    }
    let start = clock.now
    let record = try await writer.run(segment) { [tracker] rows in tracker.add(rows: rows) }
    tracker.finish(rows: 0)
    return (record, milliseconds(since: start))
  }

  /// The plan was complete: checks every file and reports what the first run did.
  private func verify(
    _ task: JoinTask,
    _ document: Bytes,
    _ start: ContinuousClock.Instant
  ) async throws(BackfillError) -> BackfillResult {
    tracker.begin(.verifying, rows: task.rows, segments: task.segments.count)
    let records = try await concurrentMap(task.segments, limit: parallelism) {
      [tracker] (_, segment) throws(BackfillError) -> SegmentRecord in
      guard let record = try await task.journal.finished(segment.segment.id) else {
        throw BackfillError(
          .write,
          "The plan has a result, but its journal lacks a segment. Remove the plan's journal and run again.",
          remedy: .environment,
          path: task.journal.resultKey.text,
          segment: segment.segment.id
        )
      }
      try await FileCheck(task: task).check(record.files, full: true)
      tracker.finish(rows: segment.rows)
      return record
    }
    let inputRows = task.files.reduce(Int64(0)) { $0 + $1.rowCount }
    var result = BackfillResult(task, records, inputRows: inputRows, times: [:])
    result.wasAlreadyComplete = true
    let target = try await ResultTarget(configuration, allowing: document)
    try await target?.publish(document, planID: task.planID)
    result.resultPaths = [task.journal.resultKey.text] + (target.map { [$0.location] } ?? [])
    result.executionTimeMs = milliseconds(since: start)
    return result
  }

  private func milliseconds(since start: ContinuousClock.Instant) -> Int64 {
    let (seconds, attoseconds) = (clock.now - start).components
    return seconds * 1000 + attoseconds / 1_000_000_000_000_000
  }
}

extension JoinTask {
  /// Rows of all segments.
  var rows: Int64 { segments.reduce(0) { $0 + $1.rows } }
}

/// The place that the caller named for the result document, besides the journal.
struct ResultTarget {
  let location: String
  private let store: any ObjectStore
  private let key: ObjectKey

  /// Opens the place; nil when none is named.
  ///
  /// An object that is there already is refused before anything is written,
  /// unless it is the very document that would be written.
  init?(_ configuration: BackfillConfiguration, allowing document: Bytes? = nil) async throws(BackfillError) {
    guard let location = configuration.outputResult else { return nil }
    self.location = location
    do {
      (store, key) = try configuration.resolver.object(location)
      guard try await store.headIfPresent(key) != nil else { return }
      let found = try await store.read(key).1
      if found == document { return }
    } catch {
      throw BackfillError.wrapping(error, as: .write, path: location)
    }
    throw BackfillError(
      .engineConfiguration,
      "The result document's place is taken. Choose another place (outputResult, --output-result), or remove what is there.",
      path: location
    )
  }

  func publish(_ document: Bytes, planID: String) async throws(BackfillError) {
    try await putOnce(key, document, in: store, planID: planID, durability: .immediate)
  }
}

/// Counts rows and segments of a phase and tells the caller, from any task.
final class ProgressTracker: Sendable {
  private let state = Mutex(
    BackfillProgress(phase: .planning, rowsDone: 0, rowsTotal: 0, segmentsDone: 0, segmentsTotal: 0)
  )
  private let handler: MilvusBackfill.ProgressHandler

  init(_ handler: @escaping MilvusBackfill.ProgressHandler) {
    self.handler = handler
  }

  func begin(_ phase: BackfillProgress.Phase, rows: Int64, segments: Int) {
    update {
      $0 = BackfillProgress(phase: phase, rowsDone: 0, rowsTotal: rows, segmentsDone: 0, segmentsTotal: segments)
    }
  }

  func set(rows: Int64) {
    update { $0.rowsDone = rows }
  }

  func add(rows: Int64) {
    update { $0.rowsDone += rows }
  }

  func finish(rows: Int64) {
    update {
      $0.rowsDone += rows
      $0.segmentsDone += 1
    }
  }

  private func update(_ change: (inout BackfillProgress) -> Void) {
    let now = state.withLock { state in
      change(&state)
      return state
    }
    handler(now)
  }
}

/// Child tasks of which so many, with so many bytes in all, run at the same time.
///
/// One that alone has more bytes than allowed runs by itself. After a failure the others are cancelled, and no more begin.
struct BoundedTasks<Output: Sendable> {
  typealias Outcome = Result<Output, BackfillError>
  typealias Group = TaskGroup<(index: Int, bytes: Int64, outcome: Outcome)>

  private let limit: Int
  private let mostBytes: Int64
  private var running = 0
  private var runningBytes: Int64 = 0
  /// By the order in which the tasks were added; nil while they run.
  private var outcomes: [Outcome?] = []
  private(set) var hasFailed = false

  init(limit: Int, mostBytes: Int64 = .max) {
    self.limit = max(1, limit)
    self.mostBytes = mostBytes
  }

  /// Begins a task, after others have ended where there are too many; does nothing once a task has failed.
  mutating func add(
    to group: inout Group,
    bytes: Int64 = 0,
    _ body: @escaping @Sendable () async throws(BackfillError) -> Output
  ) async {
    while !hasFailed, running == limit || running > 0 && runningBytes > mostBytes - bytes { await takeOne(of: &group) }
    guard !hasFailed else { return }
    let index = outcomes.count
    outcomes.append(nil)
    running += 1
    runningBytes += bytes
    group.addTask { (index, bytes, await outcome(body)) }
  }

  /// Waits for all tasks, and returns what they gave in the order in which they were added.
  mutating func finish(_ group: inout Group) async throws(BackfillError) -> [Output] {
    while running > 0 { await takeOne(of: &group) }
    var outputs: [Output] = []
    var failures: [BackfillError] = []
    for outcome in outcomes {
      switch outcome {
      case .success(let output): outputs.append(output)
      case .failure(let error): failures.append(error)
      case nil: break
      }
    }
    // Tasks that only ended because another one failed say nothing of the cause.
    if let cause = failures.first(where: { $0.code != .cancelled }) ?? failures.first { throw cause }
    return outputs
  }

  private mutating func takeOne(of group: inout Group) async {
    guard let ended = await group.next() else {
      running = 0
      return
    }
    running -= 1
    runningBytes -= ended.bytes
    outcomes[ended.index] = ended.outcome
    if case .failure = ended.outcome, !hasFailed {
      hasFailed = true
      group.cancelAll()
    }
  }
}

/// Runs `body` for every item and returns the results in the items' order.
///
/// The first failure, in the items' order among those that ended, cancels the rest and is thrown.
///
/// - Parameters:
///   - items: what is worked on.
///   - limit: items at the same time at most.
///   - mostBytes: bytes of the items at the same time at most; one that alone has more goes by itself.
///   - bytes: bytes of an item.
///   - body: the work.
func concurrentMap<Item: Sendable, Output: Sendable>(
  _ items: [Item],
  limit: Int,
  mostBytes: Int64 = .max,
  bytes: (Item) -> Int64 = { _ in 0 },
  _ body: @escaping @Sendable (Int, Item) async throws(BackfillError) -> Output
) async throws(BackfillError) -> [Output] {
  let outcome = await withTaskGroup(of: BoundedTasks<Output>.Group.Element.self) { group in
    var tasks = BoundedTasks<Output>(limit: limit, mostBytes: mostBytes)
    for (index, item) in items.enumerated() where !tasks.hasFailed {
      await tasks.add(to: &group, bytes: bytes(item)) { () throws(BackfillError) in try await body(index, item) }
    }
    do throws(BackfillError) {
      return Result<[Output], BackfillError>.success(try await tasks.finish(&group))
    } catch {
      return .failure(error)
    }
  }
  return try outcome.get()
}

@concurrent
private func outcome<Output: Sendable>(
  _ body: @Sendable () async throws(BackfillError) -> Output
) async -> Result<Output, BackfillError> {
  do throws(BackfillError) {
    return .success(try await body())
  } catch {
    return .failure(error)
  }
}

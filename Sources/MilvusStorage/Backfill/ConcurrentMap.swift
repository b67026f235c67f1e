/// Runs `body` for every item, at most `limit` at a time, and returns the results in the items' order.
///
/// The first failure, in the items' order among those that ended, cancels the rest and is thrown.
func concurrentMap<Item: Sendable, Result: Sendable>(
  _ items: [Item],
  limit: Int,
  _ body: @escaping @Sendable (Int, Item) async throws(BackfillError) -> Result
) async throws(BackfillError) -> [Result] {
  let outcomes = await withTaskGroup(of: (Int, Swift.Result<Result, BackfillError>).self) { group in
    var outcomes: [Swift.Result<Result, BackfillError>?] = Array(repeating: nil, count: items.count)
    var next = 0
    var failed = false
    while next < min(limit, items.count) {
      let index = next
      group.addTask { await run(index, items[index], body) }
      next += 1
    }
    while let (index, outcome) = await group.next() {
      outcomes[index] = outcome
      if case .failure = outcome, !failed {
        failed = true
        group.cancelAll()
      }
      if next < items.count, !failed {
        let index = next
        group.addTask { await run(index, items[index], body) }
        next += 1
      }
    }
    return outcomes
  }
  var results: [Result] = []
  var failures: [BackfillError] = []
  for outcome in outcomes {
    switch outcome {
    case .success(let result): results.append(result)
    case .failure(let error): failures.append(error)
    case nil: break
    }
  }
  // Tasks that only ended because another one failed say nothing of the cause.
  if let cause = failures.first(where: { $0.code != .cancelled }) ?? failures.first { throw cause }
  return results
}

@concurrent
private func run<Item: Sendable, Result: Sendable>(
  _ index: Int,
  _ item: Item,
  _ body: @Sendable (Int, Item) async throws(BackfillError) -> Result
) async -> (Int, Swift.Result<Result, BackfillError>) {
  do throws(BackfillError) {
    return (index, .success(try await body(index, item)))
  } catch {
    return (index, .failure(error))
  }
}

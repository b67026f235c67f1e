internal import Synchronization

/// Spreads work over a number of tasks: what came first is begun first.
final class EncodingLanes: Sendable {
  typealias Work = @Sendable () -> Void

  private struct State {
    /// In the order in which it came, the last first.
    var waiting: [Work] = []
    var running = 0
  }

  /// Tasks that work at the same time.
  let count: Int
  private let state = Mutex(State())

  init(count: Int) {
    self.count = count
  }

  /// Calls `body` with each number below `count`.
  ///
  /// - Returns: what the calls returned, in the order of their numbers.
  /// - Throws: the error of the lowest number that has one; every call has ended by then.
  func map<T: Sendable>(
    _ count: Int,
    _ body: @escaping @Sendable (Int) throws(ParquetError) -> T
  ) async throws(ParquetError) -> [T] {
    guard count > 0 else { return [] }
    let round = Round<T>(count)
    await withCheckedContinuation { continuation in
      round.begin(continuation)
      add(
        (0..<count).map { number in
          {
            do throws(ParquetError) {
              round.end(number, .success(try body(number)))
            } catch {
              round.end(number, .failure(error))
            }
          }
        }
      )
    }
    return try round.results()
  }

  private func add(_ work: [Work]) {
    let fresh = state.withLock { state in
      state.waiting.insert(contentsOf: work.reversed(), at: 0)
      let fresh = min(count - state.running, work.count)
      state.running += fresh
      return fresh
    }
    for _ in 0..<fresh {
      Task {
        while let work = next() { work() }
      }
    }
  }

  private func next() -> Work? {
    state.withLock { state in
      let work = state.waiting.popLast()
      if work == nil { state.running -= 1 }
      return work
    }
  }
}

/// The calls of one ``EncodingLanes/map(_:_:)``.
private final class Round<T: Sendable>: Sendable {
  private struct State {
    var results: [Result<T, ParquetError>?]
    var left: Int
    var caller: CheckedContinuation<Void, Never>?
  }

  private let state: Mutex<State>

  init(_ count: Int) {
    state = Mutex(State(results: Array(repeating: nil, count: count), left: count))
  }

  func begin(_ caller: CheckedContinuation<Void, Never>) {
    state.withLock { $0.caller = caller }
  }

  func end(_ number: Int, _ result: Result<T, ParquetError>) {
    let caller = state.withLock { state in
      state.results[number] = result
      state.left -= 1
      return state.left == 0 ? state.caller : nil
    }
    caller?.resume()
  }

  func results() throws(ParquetError) -> [T] {
    var values: [T] = []
    for result in state.withLock({ $0.results }) {
      if let result { values.append(try result.get()) }
    }
    return values
  }
}

internal import ObjectStores
internal import Synchronization

/// How many requests may be under way: one more for each round of successes, half as many when the store asks for fewer.
struct AdaptiveLimitState: Sendable {
  let most: Int
  /// The present limit, whose fraction counts towards the next request.
  private(set) var limit: Double
  private(set) var running = 0
  /// Requests begun before this number were under way at the last cut, and do not count for another.
  private var cutAt = 0
  private var begun = 0

  init(most: Int) {
    self.most = max(1, most)
    limit = Double(self.most)
  }

  var hasRoom: Bool { running < max(1, Int(limit)) }

  /// Begins a request.
  ///
  /// - Returns: its number.
  mutating func begin() -> Int {
    running += 1
    begun += 1
    return begun
  }

  mutating func end() {
    running -= 1
  }

  mutating func succeed() {
    limit = min(Double(most), limit + 1 / max(1, limit))
  }

  /// Notes that the store asked for fewer requests.
  ///
  /// - Returns: whether there are fewer now.
  @discardableResult
  mutating func slowDown(_ number: Int) -> Bool {
    guard number > cutAt else { return false }
    limit = max(1, limit / 2)
    cutAt = begun
    return true
  }
}

/// Requests wait here, first come first served, while there are too many under way.
final class AdaptiveLimit: Sendable {
  private struct State {
    var limit: AdaptiveLimitState
    var waiting: [(id: Int, continuation: CheckedContinuation<Int?, Never>)] = []
    var nextID = 0
    var cancelled: Set<Int> = []
  }

  private let state: Mutex<State>

  init(most: Int) {
    state = Mutex(State(limit: AdaptiveLimitState(most: most)))
  }

  /// Requests under way.
  var running: Int { state.withLock { $0.limit.running } }

  /// The present limit.
  var limit: Double { state.withLock { $0.limit.limit } }

  /// Waits for room.
  ///
  /// - Returns: the request's number; nil if the task was cancelled.
  func begin() async -> Int? {
    let (number, id) = state.withLock { state -> (Int?, Int) in
      if state.waiting.isEmpty, state.limit.hasRoom { return (state.limit.begin(), 0) }
      state.nextID += 1
      return (nil, state.nextID)
    }
    if let number { return number }
    let got = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer: Int?? = state.withLock { state in
          if state.cancelled.remove(id) != nil { return .some(nil) }
          if state.waiting.isEmpty, state.limit.hasRoom { return state.limit.begin() }
          state.waiting.append((id, continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let found = state.withLock { state -> CheckedContinuation<Int?, Never>? in
        guard let index = state.waiting.firstIndex(where: { $0.id == id }) else {
          state.cancelled.insert(id)
          return nil
        }
        return state.waiting.remove(at: index).continuation
      }
      found?.resume(returning: nil)
    }
    // It may have been cancelled when it had its number already.
    state.withLock { _ = $0.cancelled.remove(id) }
    return got
  }

  /// How a request ended.
  enum Outcome {
    case success
    case slowDown
    case other
  }

  /// Ends a request and lets others begin.
  ///
  /// - Returns: whether fewer are allowed because of it.
  @discardableResult
  func end(_ number: Int, _ outcome: Outcome) -> Bool {
    var isCut = false
    let next = state.withLock { state -> [(CheckedContinuation<Int?, Never>, Int)] in
      state.limit.end()
      switch outcome {
      case .success: state.limit.succeed()
      case .slowDown: isCut = state.limit.slowDown(number)
      case .other: break
      }
      var next: [(CheckedContinuation<Int?, Never>, Int)] = []
      while !state.waiting.isEmpty, state.limit.hasRoom {
        next.append((state.waiting.removeFirst().continuation, state.limit.begin()))
      }
      return next
    }
    for (continuation, number) in next { continuation.resume(returning: number) }
    return isCut
  }
}

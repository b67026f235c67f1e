internal import Synchronization

/// Lets a number of tasks through at a time, first come first served.
final class FairGate: Sendable {
  private typealias Waiter = CheckedContinuation<Bool, Never>

  private struct State {
    var free: Int
    /// Numbers in the order of their coming; some may have given up, those before `first` have gone.
    var line: [UInt64] = []
    var first = 0
    var waiters: [UInt64: Waiter] = [:]
    var lastNumber: UInt64 = 0

    /// Takes a free place unless somebody waits for one.
    mutating func takePlace() -> Bool {
      guard free > 0, waiters.isEmpty else { return false }
      free -= 1
      return true
    }

    mutating func append(_ number: UInt64, _ waiter: Waiter) {
      line.append(number)
      waiters[number] = waiter
    }

    /// Takes the one out of the line that waits longest.
    mutating func next() -> Waiter? {
      while first < line.count {
        first += 1
        if let waiter = waiters.removeValue(forKey: line[first - 1]) {
          shorten()
          return waiter
        }
      }
      return nil
    }

    /// Takes one out of the line that gives up; nil when it is not in it.
    mutating func remove(_ number: UInt64) -> Waiter? {
      defer { shorten() }
      return waiters.removeValue(forKey: number)
    }

    /// Drops what is left of those that went once it is the larger part.
    private mutating func shorten() {
      guard line.count > 2 * waiters.count + 64 else { return }
      line = line[first...].filter { waiters[$0] != nil }
      first = 0
    }
  }

  private let state: Mutex<State>
  private let places: Int

  /// Creates a gate with a number of places, at least 1.
  init(places: Int) {
    self.places = places
    state = Mutex(State(free: places))
  }

  /// Places that are taken.
  var taken: Int { state.withLock { places - $0.free } }

  /// Tasks that wait.
  var waiting: Int { state.withLock { $0.waiters.count } }

  /// Waits for a place.
  ///
  /// - Returns: false, without a place, when the task was cancelled.
  func enter() async -> Bool {
    if Task.isCancelled { return false }
    let number: UInt64? = state.withLock { state in
      if state.takePlace() { return nil }
      state.lastNumber += 1
      return state.lastNumber
    }
    guard let number else { return true }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { wait(number, $0) }
    } onCancel: {
      giveUp(number)
    }
  }

  /// Gives the place to the one that waits longest.
  func leave() {
    let next = state.withLock { state in
      let next = state.next()
      if next == nil { state.free += 1 }
      return next
    }
    next?.resume(returning: true)
  }

  private func wait(_ number: UInt64, _ continuation: Waiter) {
    let isFree = state.withLock { state in
      // One may have become free since the number was drawn.
      if state.takePlace() { return true }
      state.append(number, continuation)
      return false
    }
    if isFree { return continuation.resume(returning: true) }
    // A cancellation that came before found nobody in the line.
    if Task.isCancelled { giveUp(number) }
  }

  private func giveUp(_ number: UInt64) {
    state.withLock { $0.remove(number) }?.resume(returning: false)
  }
}

/// How often, how long and how fast a failed request is repeated.
///
/// Waits are decorrelated jitter: each is drawn between `baseDelay` and three times the one before, at most `longestDelay`.
public struct RetryPolicy: Sendable, Hashable {
  /// Times a request is sent at most.
  ///
  /// The default leaves the end to ``longestTotal``: waits that are drawn may all be short, and a dozen of them would be
  /// over before a server that is away for ten seconds was back, one time in three.
  public var attempts = 40
  /// No repetition begins later than so long after the first attempt.
  public var longestTotal: Duration = .seconds(180)
  /// The same while the store has not answered any request at all: its address may be wrong.
  public var longestUnreached: Duration = .seconds(60)
  /// The shortest wait.
  public var baseDelay: Duration = .milliseconds(100)
  /// The longest wait, but for what a server asks for.
  public var longestDelay: Duration = .seconds(15)
  /// Repetitions that all requests of a store share: each takes one, each success gives one back.
  ///
  /// A store that answers nothing but errors is thus not asked ever more often. The default is what some hundred
  /// requests at the same time need to outlive ten seconds.
  public var budget = 5000

  /// Creates the default policy.
  public init() {}
}

/// The repetitions that a store has left.
struct RetryBudget: Sendable {
  private let most: Int
  private(set) var left: Int

  init(_ most: Int) {
    self.most = most
    left = most
  }

  mutating func succeed() {
    left = min(most, left + 1)
  }

  /// Takes one repetition; false when there is none.
  mutating func take() -> Bool {
    guard left > 0 else { return false }
    left -= 1
    return true
  }
}

/// Decides after a failure whether a request is sent again, and when; without clock and chance of its own.
struct RetryMachine: Sendable {
  /// What a failure calls for.
  enum Cause: Sendable, Equatable {
    /// It may go away by itself: errors of the server and the network.
    case passing
    /// The store asks for fewer requests, perhaps to wait.
    case throttled(after: Duration?)
    /// The request was not wrong but for its clock, its region or its keys, which are others now.
    case corrected
    /// It will not go away.
    case final
  }

  enum Decision: Sendable, Equatable {
    case retry(after: Duration)
    case giveUp
  }

  /// Corrections of one request: clock, region, endpoint and keys, once each.
  private static let mostCorrections = 4

  let policy: RetryPolicy
  private(set) var attempts = 1
  private var corrections = 0
  /// Times that the request was sent, or is about to be.
  var sendings: Int { attempts + corrections }
  private var lastDelay: Duration

  init(_ policy: RetryPolicy) {
    self.policy = policy
    lastDelay = policy.baseDelay
  }

  /// What to do after a failure.
  ///
  /// - Parameters:
  ///   - cause: what the failure calls for.
  ///   - elapsed: since the first attempt.
  ///   - chance: 0..<1, for the wait.
  ///   - budget: what all requests share.
  ///   - wasReached: whether the store has answered any request.
  mutating func decide(
    _ cause: Cause,
    elapsed: Duration,
    chance: Double,
    budget: inout RetryBudget,
    wasReached: Bool = true
  ) -> Decision {
    let asked: Duration?
    switch cause {
    case .final: return .giveUp
    case .corrected:
      guard corrections < RetryMachine.mostCorrections else { return .giveUp }
      corrections += 1
      return .retry(after: .zero)
    case .passing: asked = nil
    case .throttled(let after): asked = after
    }
    let longest = min(policy.longestDelay, max(policy.baseDelay, lastDelay * 3))
    let drawn = policy.baseDelay + (longest - policy.baseDelay) * chance
    let delay = max(drawn, asked ?? .zero)
    let most = wasReached ? policy.longestTotal : min(policy.longestTotal, policy.longestUnreached)
    guard attempts < policy.attempts, elapsed + delay < most, budget.take() else { return .giveUp }
    attempts += 1
    lastDelay = drawn
    return .retry(after: delay)
  }
}

/// Decides how long to wait so that no more than so many tokens are taken per second, a burst aside.
///
/// Time is a value that the caller passes. Tokens flow in evenly up to the burst; who takes more than there are leaves a
/// debt and waits until it is paid, so an amount larger than the burst is possible, and whoever comes later waits behind.
struct TokenBucket: Sendable, Equatable {
  /// The longest wait that is ever asked for, in nanoseconds: some 30 years.
  static let longestWait: Int64 = 1_000_000_000_000_000_000

  private let perNanosecond: Double
  private let burst: Double
  /// Tokens there were at `time`; a debt when negative.
  private var level: Double
  private var time: Int64?

  /// Creates a full bucket.
  ///
  /// - Parameters:
  ///   - rate: tokens per second, above 0.
  ///   - burst: the most tokens that gather, at least 0.
  init(rate: Double, burst: Double) {
    perNanosecond = rate / 1_000_000_000
    self.burst = burst
    level = burst
  }

  /// Takes tokens.
  ///
  /// - Parameters:
  ///   - tokens: how many, at least 0.
  ///   - now: nanoseconds on a clock that does not go back.
  /// - Returns: nanoseconds to wait before they may be used.
  mutating func take(_ tokens: Double, at now: Int64) -> Int64 {
    refill(now)
    level -= tokens
    guard level < 0 else { return 0 }
    return Int64(min((-level / perNanosecond).rounded(.up), Double(TokenBucket.longestWait)))
  }

  /// Puts tokens back that were taken and not used.
  mutating func putBack(_ tokens: Double) {
    level = min(burst, level + tokens)
  }

  private mutating func refill(_ now: Int64) {
    defer { time = max(now, time ?? now) }
    guard let time, now > time else { return }
    level = min(burst, level + (Double(now) - Double(time)) * perNanosecond)
  }
}

/// Buckets for requests and for bytes, either of which may be missing.
struct Throttle: Sendable, Equatable {
  /// What an operation takes.
  struct Demand: Sendable, Equatable {
    var requests = 0
    /// Nil for one that moves none; 0 waits for those that are owed.
    var bytes: Int?
  }

  private var requests: TokenBucket?
  private var bytes: TokenBucket?

  init(requests: TokenBucket?, bytes: TokenBucket?) {
    self.requests = requests
    self.bytes = bytes
  }

  /// Takes what an operation needs.
  ///
  /// - Parameters:
  ///   - demand: what it needs.
  ///   - now: nanoseconds on a clock that does not go back.
  /// - Returns: nanoseconds to wait before it may begin.
  mutating func take(_ demand: Demand, at now: Int64) -> Int64 {
    max(
      demand.requests > 0 ? requests?.take(Double(demand.requests), at: now) ?? 0 : 0,
      demand.bytes.flatMap { bytes?.take(Double($0), at: now) } ?? 0
    )
  }

  /// Puts back what an operation took that did not begin.
  mutating func putBack(_ demand: Demand) {
    requests?.putBack(Double(demand.requests))
    bytes?.putBack(Double(demand.bytes ?? 0))
  }
}

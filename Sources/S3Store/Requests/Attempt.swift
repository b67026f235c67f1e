internal import ObjectStores

/// How one sending of a request ended.
struct Attempt {
  /// What went wrong, and what that calls for.
  struct Failure {
    var cause: RetryMachine.Cause
    var failure: S3Failure
    /// Whether the server may have done what was asked for.
    var mayHaveHappened = false
    /// Whether the connection is not to be used again.
    var needsFreshConnection = false
    /// Bytes that had arrived at their place.
    var received = 0

    init(_ cause: RetryMachine.Cause, _ failure: S3Failure) {
      self.cause = cause
      self.failure = failure
    }
  }

  var response: HTTPResponse?
  var body: HTTPBody?
  var failure: Failure?

  /// What the limit of requests at the same time learns from it.
  var outcome: AdaptiveLimit.Outcome {
    guard let failure else { return .success }
    if case .throttled = failure.cause { return .slowDown }
    return .other
  }
}

extension S3Failure {
  /// The same with what was tried, where anything was.
  func after(_ attempts: Int, _ elapsed: Duration) -> S3Failure {
    guard attempts > 1, error.code != .cancelled else { return self }
    var failure = self
    let seconds = elapsed.components.seconds
    failure.error = error.saying("\(error.message) (\(attempts) attempts in \(seconds) s)")
    return failure
  }
}

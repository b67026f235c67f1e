internal import ByteBuffers
internal import Logging
internal import ObjectStores

extension S3Log {
  /// An attempt that is under way, and what is known of it before it ends.
  struct Watch {
    let begun: ContinuousClock.Instant
    let host: String
  }

  /// Begins to watch an attempt; nil when nobody wants to know.
  func begin(_ client: S3Client) -> Watch? {
    guard logger(.trace) != nil else { return nil }
    return Watch(begun: .now, host: client.host)
  }

  /// Tells how an attempt ended.
  ///
  /// - Parameters:
  ///   - watch: from its beginning; nil tells nothing.
  ///   - request: what was sent.
  ///   - attempt: what became of it.
  ///   - number: of the attempt, from 1.
  func end(_ watch: Watch?, _ request: S3Request, _ attempt: Attempt, _ number: Int) {
    guard let watch, let logger = logger(.trace) else { return }
    var metadata = S3Log.metadata(request)
    metadata["method"] = "\(request.method.rawValue)"
    metadata["host"] = "\(watch.host)"
    metadata["attempt"] = "\(number)"
    metadata["duration-ms"] = "\((ContinuousClock.now - watch.begun).inMilliseconds)"
    if let range = request.range { metadata["range"] = "\(range.lowerBound)..<\(range.upperBound)" }
    let sent = request.body.reduce(0) { $0 + $1.count }
    if sent > 0 { metadata["bytes-sent"] = "\(sent)" }
    if let response = attempt.response {
      metadata["status"] = "\(response.status)"
      if let id = response.header("x-amz-request-id") { metadata["request-id"] = "\(id)" }
      if request.method != .head, let bytes = response.header("content-length").flatMap({ UInt64($0) }) {
        metadata["bytes-received"] = "\(bytes)"
      }
    }
    if let failure = attempt.failure { metadata["error"] = "\(failure.failure.error.message)" }
    logger.trace("S3 request", metadata: metadata, source: S3Log.source)
  }

  /// Tells that fewer requests are sent at the same time from now on.
  func cut(to limit: Double) {
    guard let logger = logger(.debug) else { return }
    let metadata: Logger.Metadata = ["concurrency": "\(max(1, Int(limit)))"]
    logger.debug("S3 asks for fewer requests", metadata: metadata, source: S3Log.source)
  }

  /// Tells that a request is repeated.
  ///
  /// - Parameters:
  ///   - request: what failed.
  ///   - failure: why.
  ///   - delay: before the next attempt.
  ///   - number: of the next attempt.
  func again(_ request: S3Request, _ failure: Attempt.Failure, after delay: Duration, _ number: Int) {
    guard let logger = logger(.debug) else { return }
    var metadata = S3Log.metadata(request)
    metadata["attempt"] = "\(number)"
    metadata["delay-ms"] = "\(delay.inMilliseconds)"
    metadata["reason"] = "\(failure.failure.error.message)"
    if let status = failure.failure.status { metadata["status"] = "\(status)" }
    logger.debug("S3 request is repeated", metadata: metadata, source: S3Log.source)
  }

  /// Tells that a request is not repeated any more, although another attempt might have helped.
  func gaveUp(_ request: S3Request, _ failure: Attempt.Failure, after attempts: Int, _ elapsed: Duration) {
    guard failure.cause != .final, let logger = logger(.warning) else { return }
    var metadata = S3Log.metadata(request)
    metadata["attempts"] = "\(attempts)"
    metadata["duration-ms"] = "\(elapsed.inMilliseconds)"
    metadata["reason"] = "\(failure.failure.error.message)"
    logger.warning("S3 request is given up", metadata: metadata, source: S3Log.source)
  }

  /// Tells that the server's clock differs.
  func learned(clockOffset seconds: Int64) {
    guard let logger = logger(.debug) else { return }
    logger.debug("S3 has another time", metadata: ["offset-s": "\(seconds)"], source: S3Log.source)
  }

  /// Tells that the bucket is elsewhere.
  func learned(region: String, host: String?) {
    guard let logger = logger(.debug) else { return }
    var metadata: Logger.Metadata = ["region": "\(region)"]
    if let host { metadata["host"] = "\(host)" }
    logger.debug("S3 bucket is elsewhere", metadata: metadata, source: S3Log.source)
  }

  static let source = "S3Store"

  private static func metadata(_ request: S3Request) -> Logger.Metadata {
    var metadata: Logger.Metadata = ["operation": "\(request.action)"]
    if let key = request.key { metadata["key"] = "\(key.text)" }
    return metadata
  }
}

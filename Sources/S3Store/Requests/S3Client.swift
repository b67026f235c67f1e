internal import ByteBuffers
internal import Glibc
internal import ObjectStores
internal import Synchronization

/// Sends requests for one bucket: signs them, repeats what failed, and learns region and clock from the server.
final class S3Client: Sendable {
  /// What has to be known of the server to write to it, as far as it is known.
  struct Bearings: Sendable {
    var region: String
    var host: String?
    /// What region and host amount to.
    var endpoint: S3Endpoint
    /// Seconds that the server's clock is ahead.
    var clockOffset: Int64 = 0
  }

  private struct Learned {
    var bearings: Bearings
    var budget: RetryBudget
    var usesBareETags: Bool
    var retries = 0
    /// Whether any answer has come.
    var wasReached = false
  }

  let configuration: S3Configuration
  let credentials: CredentialCache
  let limit: AdaptiveLimit
  let signer = SigV4Signer()
  let log: S3Log
  let engine: CurlEngine
  private let settings: HTTPSettings
  private let learned: Mutex<Learned>

  init(_ configuration: S3Configuration, engine: CurlEngine = .shared) throws(ObjectStoreError) {
    let endpoint = try S3Endpoint(configuration, region: configuration.region)
    self.configuration = configuration
    self.engine = engine
    log = S3Log(configuration.logger, bucket: configuration.bucket)
    limit = AdaptiveLimit(most: configuration.concurrency)
    var settings = HTTPSettings()
    settings.connectTimeout = configuration.connectTimeout
    settings.stallTimeout = configuration.stallTimeout
    settings.certificateAuthorityFile = configuration.certificateAuthorityFile
    settings.proxy = configuration.proxy
    self.settings = settings
    credentials = CredentialCache(configuration.credentials.connected(settings), log: log)
    learned = Mutex(
      Learned(
        bearings: Bearings(region: configuration.region, endpoint: endpoint),
        budget: RetryBudget(configuration.retry.budget),
        usesBareETags: configuration.etagQuoting == .bare
      )
    )
  }

  /// Times that requests were sent again.
  var retries: Int { learned.withLock { $0.retries } }

  /// Where requests go now, for the log.
  var host: String { learned.withLock { $0.bearings.endpoint.authority } }

  /// Whether entity tags are written without quotes in the conditions of puts.
  var usesBareETags: Bool { learned.withLock { $0.usesBareETags } }

  func useBareETags() {
    learned.withLock { $0.usesBareETags = true }
  }

  /// Sends a request until it succeeds or there is no hope.
  ///
  /// - Returns: the answer, of success.
  func send(_ request: S3Request) async throws(S3Failure) -> HTTPResponse {
    try await open(request).response
  }

  /// The same, with the body of an answer that is streamed; a short one is in the answer all the same.
  func open(_ original: S3Request) async throws(S3Failure) -> (response: HTTPResponse, body: HTTPBody?) {
    var request = original
    var machine = RetryMachine(configuration.retry)
    let begun = ContinuousClock.now
    var mayHaveHappened = false
    var isFresh = false
    while true {
      if request.isAbandoned() { throw S3Failure(error: .cancelled(request.key)) }
      guard let number = await limit.begin() else { throw S3Failure(error: .cancelled(request.key)) }
      let watch = log.begin(self)
      let attempt = await attempt(request, isFresh)
      if limit.end(number, attempt.outcome) { log.cut(to: limit.limit) }
      log.end(watch, request, attempt, machine.sendings)
      if let response = attempt.response, attempt.failure == nil {
        learned.withLock { learned in
          learned.budget.succeed()
          learned.wasReached = true
        }
        return (response, attempt.body)
      }
      var failure = attempt.failure ?? Attempt.Failure(.final, S3Failure(error: .cancelled(request.key)))
      mayHaveHappened = mayHaveHappened || failure.mayHaveHappened
      failure.failure.mayHaveHappened = mayHaveHappened
      let elapsed = ContinuousClock.now - begun
      let decision = learned.withLock { learned in
        if failure.failure.status != nil { learned.wasReached = true }
        let decision = machine.decide(
          failure.cause,
          elapsed: elapsed,
          chance: Double.random(in: 0..<1),
          budget: &learned.budget,
          wasReached: learned.wasReached
        )
        if decision != .giveUp { learned.retries += 1 }
        return decision
      }
      guard case .retry(let delay) = decision else {
        log.gaveUp(request, failure, after: machine.sendings, elapsed)
        throw failure.failure.after(machine.attempts, elapsed)
      }
      log.again(request, failure, after: delay, machine.sendings)
      isFresh = failure.needsFreshConnection
      _ = request.resume(after: failure.received)
      if delay > .zero { try await sleep(delay, request.key) }
    }
  }

  private func sleep(_ delay: Duration, _ key: ObjectKey?) async throws(S3Failure) {
    do {
      try await Task.sleep(for: delay)
    } catch {
      throw S3Failure(error: .cancelled(key))
    }
  }

  // MARK: - One attempt

  private func attempt(_ request: S3Request, _ isFresh: Bool) async -> Attempt {
    let keys: S3Credentials?
    do throws(ObjectStoreError) {
      keys = configuration.signing == .none ? nil : try await credentials.current()
    } catch {
      return Attempt(failure: .init(error.isRetryable ? .passing : .final, S3Failure(error: error)))
    }
    let bearings = learned.withLock { $0.bearings }
    let transfer = Transfer(signed(request, keys, bearings), request.target, settings, isFresh: isFresh)
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await engine.send(transfer)
    } catch {
      return Attempt(failure: failure(error, request))
    }
    if response.isSuccess, !request.mayFailInBody || ErrorAnswer(response.body) == nil {
      let body = transfer.channel.map { HTTPBody(transfer, $0, engine) }
      if let fault = rangeFailure(response, request) { return Attempt(failure: fault) }
      return Attempt(response: response, body: body)
    }
    return Attempt(response: response, failure: failure(response, request, keys, bearings))
  }

  /// The request as it goes over the wire, now.
  private func signed(_ request: S3Request, _ keys: S3Credentials?, _ bearings: Bearings) -> HTTPRequest {
    let (region, endpoint) = (bearings.region, bearings.endpoint)
    var wire = unsigned(request, endpoint)
    guard let keys else { return wire }
    if configuration.signing == .bearer {
      wire.setHeader("authorization", "Bearer \(keys.sessionToken ?? keys.secretAccessKey)")
      return wire
    }
    let payload: PayloadHash
    switch configuration.payloadSigning {
    case _ where request.body.isEmpty: payload = .empty
    case .always: payload = .sha256(of: request.body)
    case .never: payload = .unsigned
    case .automatic: payload = endpoint.isEncrypted ? .unsigned : .sha256(of: request.body)
    }
    signer.sign(&wire, credentials: keys, region: region, at: S3Client.now() + bearings.clockOffset, payload: payload)
    return wire
  }

  private func unsigned(_ request: S3Request, _ endpoint: S3Endpoint) -> HTTPRequest {
    var wire = HTTPRequest(
      method: request.method,
      scheme: endpoint.scheme,
      authority: endpoint.authority,
      path: request.key.map { endpoint.path($0) } ?? endpoint.bucketPath
    )
    wire.query = request.query.map { parameter in
      HTTPRequest.Parameter(name: PercentEncoding.query(parameter.name), value: PercentEncoding.query(parameter.value))
    }
    wire.headers.reserveCapacity(request.headers.count + 5)
    wire.headers += request.headers
    if let range = request.range, !range.isEmpty {
      wire.setHeader("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")
    }
    wire.body = request.body
    return wire
  }

  /// An address that carries its signature.
  func presign(_ request: S3Request, expires: Int) async throws(ObjectStoreError) -> String {
    let bearings = learned.withLock { $0.bearings }
    let keys = try await credentials.current()
    return try signer.presign(
      unsigned(request, bearings.endpoint),
      credentials: keys,
      region: bearings.region,
      at: S3Client.now() + bearings.clockOffset,
      expires: expires
    )
  }

  /// Unix time.
  private static func now() -> Int64 { Int64(time(nil)) }

  // MARK: - What the server teaches

  // Requests at the same time are all refused for the same reason: what counts is whether the next sending differs from
  // the one that was refused, and not who was the first to learn that.

  /// Takes the server's clock over.
  ///
  /// - Returns: whether a request that was sent by `used` is worth another try.
  func learnClock(_ serverTime: Int64, used: Bearings) -> Bool {
    let offset = serverTime - S3Client.now()
    guard abs(offset - used.clockOffset) > 60 else { return false }
    learned.withLock { $0.bearings.clockOffset = offset }
    log.learned(clockOffset: offset)
    return true
  }

  /// Takes a region, a host, or both over.
  ///
  /// - Returns: whether a request that was sent by `used` is worth another try.
  func learnPlace(region: String?, host: String?, used: Bearings) -> Bool {
    let now = learned.withLock { learned in
      var bearings = learned.bearings
      if let region, !region.isEmpty { bearings.region = region }
      if let host, !host.isEmpty { bearings.host = host }
      // What makes no address is not taken over.
      if let endpoint = try? S3Endpoint(configuration, region: bearings.region, host: bearings.host) {
        bearings.endpoint = endpoint
        learned.bearings = bearings
      }
      return learned.bearings
    }
    guard (now.region, now.host) != (used.region, used.host) else { return false }
    log.learned(region: now.region, host: now.host)
    return true
  }
}

internal import ObjectStores

/// What a failed attempt means, and what it calls for.
extension S3Client {
  /// No answer, or no whole one.
  func failure(_ error: HTTPError, _ request: S3Request) -> Attempt.Failure {
    let place = "\(configuration.endpoint ?? "AWS"), bucket '\(configuration.bucket)'"
    let cause: RetryMachine.Cause
    let found: ObjectStoreError
    switch error.kind {
    case .cancelled:
      cause = .final
      found = .cancelled(request.key)
    case .tls:
      cause = .final
      let advice = "check the endpoint's name, or name the file of certificates to trust"
      found = ObjectStoreError(
        .configuration,
        "No safe connection to \(place): \(error.message); \(advice).",
        key: request.key
      )
    case .invalid:
      cause = .final
      found = ObjectStoreError(
        .configuration,
        "The request cannot be sent to \(place): \(error.message).",
        key: request.key
      )
    case .unreachable:
      cause = .passing
      let advice = "check the endpoint and the network"
      found = ObjectStoreError(.transport, "\(place) cannot be reached: \(error.message); \(advice).", key: request.key)
    case .timeout:
      cause = .passing
      found = ObjectStoreError(.timeout, "\(place) did not answer in time: \(error.message).", key: request.key)
    case .broken:
      cause = .passing
      found = ObjectStoreError(.transport, "The connection to \(place) broke: \(error.message).", key: request.key)
    }
    var failure = Attempt.Failure(cause, S3Failure(error: found))
    failure.mayHaveHappened = error.kind == .broken || error.kind == .timeout
    failure.needsFreshConnection = failure.mayHaveHappened
    if let answer = error.answer, S3Client.isAsAsked(answer, request) { failure.received = error.received }
    return failure
  }

  /// Whether the bytes that come with an answer of success begin where they were asked for.
  ///
  ///     range: bytes=100-199     content-range: bytes 100-149/150
  private static func isAsAsked(_ answer: HTTPResponse, _ request: S3Request) -> Bool {
    guard answer.isSuccess, let range = request.range, !range.isEmpty else { return answer.isSuccess }
    guard answer.status == 206 else { return range.lowerBound == 0 }
    return answer.header("content-range")?.hasPrefix("bytes \(range.lowerBound)-") == true
  }

  /// An answer of success that holds other bytes than were asked for; nil if it does not.
  func rangeFailure(_ answer: HTTPResponse, _ request: S3Request) -> Attempt.Failure? {
    guard !S3Client.isAsAsked(answer, request), let range = request.range else { return nil }
    let sent = answer.header("content-range").map { "'\($0)'" } ?? "all of the object"
    let error = ObjectStoreError(
      .integrity,
      "Bytes \(range) were asked for; the store sent \(sent). It, or a proxy before it, may not know ranges.",
      key: request.key
    )
    return Attempt.Failure(answer.status == 206 ? .passing : .final, S3Failure(error: error, status: answer.status))
  }

  /// An answer that is not of success, or has an error in its body all the same.
  func failure(
    _ response: HTTPResponse,
    _ request: S3Request,
    _ keys: S3Credentials?,
    _ bearings: Bearings
  ) -> Attempt.Failure {
    let answer = ErrorAnswer(response.body)?.hidingSecrets(of: keys)
    let code = answer?.code ?? ""
    // With a status of success the error is in the body, and is one of the server's.
    let status = response.isSuccess ? 500 : response.status
    var failure = S3Failure(error: error(status, code, answer, response, request), status: status)
    failure.serverCode = code
    var result = Attempt.Failure(cause(status, code, answer, response, keys, request, bearings), failure)
    result.mayHaveHappened = status >= 500 || status == 408
    return result
  }

  private func cause(
    _ status: Int,
    _ code: String,
    _ answer: ErrorAnswer?,
    _ response: HTTPResponse,
    _ keys: S3Credentials?,
    _ request: S3Request,
    _ bearings: Bearings
  ) -> RetryMachine.Cause {
    switch (status, code) {
    case (_, "SlowDown"), (_, "ServiceUnavailable"), (_, "TooManyRequests"), (503, _), (429, _):
      return .throttled(after: S3Client.retryAfter(response))
    case (501, _): return .final
    case (500..., _), (408, _), (_, "RequestTimeout"), (_, "InternalError"): return .passing
    case (409, "ConditionalRequestConflict"), (409, "OperationAborted"): return .passing
    case (300..<400, _) where status != 304, (400, "AuthorizationHeaderMalformed"),
      (400, "IllegalLocationConstraintException"):
      return place(answer, response, bearings) ? .corrected : .final
    case (_, "ExpiredToken"), (_, "TokenRefreshRequired"), (_, "InvalidToken"):
      guard let keys else { return .final }
      credentials.reject(keys)
      return .corrected
    case (403, "RequestTimeTooSkewed"),
      (403, _) where request.method == .head:
      let told = answer?.serverTime.map { $0 / 1_000_000_000 }
      let time = told ?? response.header("date").flatMap { DateForms.parseHTTP($0) }
      if time.map({ learnClock($0, used: bearings) }) == true { return .corrected }
      // The body that would say whether a token has expired is not sent.
      guard request.method == .head, let keys else { return .final }
      return credentials.suspect(keys) ? .corrected : .final
    case (400, "") where request.method == .head:
      // The body that would say why is not sent: it is a region, a token that has expired, or that the request took too
      // long on its way, which is worth a few tries.
      if !place(answer, response, bearings), let keys, keys.sessionToken != nil { credentials.reject(keys) }
      return .corrected
    default: return .final
    }
  }

  private func place(_ answer: ErrorAnswer?, _ response: HTTPResponse, _ bearings: Bearings) -> Bool {
    let region = response.header("x-amz-bucket-region") ?? answer?.region
    // An endpoint of the user's own stays: its name is how it is reached.
    let host = configuration.endpoint == nil ? answer?.endpoint : nil
    return learnPlace(region: region, host: host, used: bearings)
  }

  /// Seconds, or a date.
  private static func retryAfter(_ response: HTTPResponse) -> Duration? {
    guard let text = response.header("retry-after") else { return nil }
    if let seconds = Int(text), seconds >= 0 { return .seconds(min(seconds, 300)) }
    guard let date = DateForms.parseHTTP(text), let now = response.header("date").flatMap({ DateForms.parseHTTP($0) })
    else { return nil }
    return .seconds(min(max(0, date - now), 300))
  }

  // MARK: - Errors

  private func error(
    _ status: Int,
    _ code: String,
    _ answer: ErrorAnswer?,
    _ response: HTTPResponse,
    _ request: S3Request
  ) -> ObjectStoreError {
    let id = (answer?.requestID ?? response.header("x-amz-request-id")).map { ", request \($0)" } ?? ""
    let said = [code, answer?.message ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
    let details = "status \(status)\(said.isEmpty ? "" : ", \(said)")\(id)"
    let bucket = "bucket '\(configuration.bucket)'"
    func make(_ code: ObjectStoreError.Code, _ message: String) -> ObjectStoreError {
      ObjectStoreError(code, "\(message) (\(details))", key: request.key)
    }
    switch (status, code) {
    case (304, _): return ObjectStoreError(.notModified, "The object has not changed.", key: request.key)
    case (404, "NoSuchBucket"): return make(.notFound, "There is no \(bucket); check its name and the endpoint.")
    case (404, "NoSuchUpload"): return make(.notFound, "The upload is not there any more; write the object anew.")
    case (404, _):
      return make(.notFound, request.key == nil ? "There is no \(bucket)." : "There is no such object in \(bucket).")
    case (412, _), (409, "ConditionalRequestConflict"):
      return make(.preconditionFailed, "The object is another version; read it anew.")
    case (416, _): return make(.invalidRange, "The range lies outside the object; ask for less.")
    case (_, "SlowDown"), (503, _), (429, _): return make(.throttled, "The store asks for fewer requests; try later.")
    case (501, _), (405, _): return make(.unsupported, "The store cannot do this.")
    case (_, "ExpiredToken"), (_, "InvalidToken"), (_, "InvalidAccessKeyId"), (_, "SignatureDoesNotMatch"), (401, _):
      return make(.unauthenticated, "The keys from \(credentials.sourceName) were refused; check them.")
    case (403, "RequestTimeTooSkewed"):
      return make(.configuration, "The clocks differ too much; set this machine's clock.")
    case (403, _):
      return make(.permissionDenied, "The keys from \(credentials.sourceName) may not \(request.action) in \(bucket).")
    case (300..<400, _): return make(.configuration, "The \(bucket) is elsewhere; set the endpoint and the region.")
    case (408, _), (_, "RequestTimeout"): return make(.timeout, "The store waited too long for the request.")
    case (_, "BadDigest"), (_, "XAmzContentSHA256Mismatch"):
      return make(.integrity, "The store received other bytes than were sent.")
    case (_, "KeyTooLongError"): return make(.invalidKey, "The key is too long; 1,024 bytes are allowed.")
    case (500..., _): return make(.server, "The store failed to \(request.action).")
    default: return make(.server, "The store refused to \(request.action).")
    }
  }
}

extension ObjectStoreError {
  /// The same with another message.
  func saying(_ message: String) -> ObjectStoreError {
    ObjectStoreError(code, message, key: key, underlying: underlying)
  }
}

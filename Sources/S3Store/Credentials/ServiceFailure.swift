internal import ObjectStores

/// Errors of services that were asked for credentials and gave none.
enum ServiceFailure {
  /// No answer came.
  ///
  /// - Parameters:
  ///   - error: why.
  ///   - service: what was asked.
  ///   - source: what messages call the place that credentials were to come from.
  static func noAnswer(_ error: HTTPError, of service: String, source: String) -> ObjectStoreError {
    let code: ObjectStoreError.Code
    switch error.kind {
    case .cancelled: return ObjectStoreError(.cancelled, "The task was cancelled while credentials were fetched.")
    case .timeout: code = .timeout
    case .unreachable, .broken: code = .transport
    case .tls, .invalid: code = .configuration
    }
    return ObjectStoreError(
      code,
      "There are no credentials from \(source), because no answer came from \(service): \(error.message). "
        + "Check that it can be reached from here."
    )
  }

  /// An answer came, and it was no.
  ///
  /// - Parameters:
  ///   - status: of the answer.
  ///   - message: what to say.
  static func refusal(_ status: Int, _ message: String) -> ObjectStoreError {
    switch status {
    case 429: ObjectStoreError(.throttled, message)
    case 500...: ObjectStoreError(.server, message)
    default: ObjectStoreError(.unauthenticated, message)
    }
  }
}

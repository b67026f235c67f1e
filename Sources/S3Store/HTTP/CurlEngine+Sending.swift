internal import ByteBuffers

extension CurlEngine {
  /// Sends a request and waits for the answer: for all of it, or for its head where the body is streamed.
  ///
  /// In a cancelled task it throws at once, after the last byte was written to the target.
  func send(_ transfer: Transfer) async throws(HTTPError) -> HTTPResponse {
    let answer = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        transfer.setCaller(continuation)
        start(transfer)
      }
    } onCancel: {
      cancel(transfer)
    }
    return try answer.get()
  }
}

/// The body of an answer, read by one task at a time; dropping it ends the transfer.
final class HTTPBody: Sendable {
  private let transfer: Transfer
  private let channel: BodyChannel
  private let engine: CurlEngine

  init(_ transfer: Transfer, _ channel: BodyChannel, _ engine: CurlEngine) {
    self.transfer = transfer
    self.channel = channel
    self.engine = engine
  }

  deinit {
    if !channel.hasEnded { engine.cancel(transfer) }
  }

  /// The next run; nil at the end.
  func next() async throws(HTTPError) -> Bytes? {
    while true {
      let (run, isOver, resumes) = try channel.take()
      if resumes { engine.resume(transfer) }
      if let run { return run }
      if isOver { return nil }
      await withTaskCancellationHandler {
        await channel.wait()
      } onCancel: {
        engine.cancel(transfer)
      }
    }
  }
}

/// The engine as a plain client.
struct CurlClient: HTTPClient {
  let engine: CurlEngine
  let settings: HTTPSettings
  /// Bytes of an answer at most.
  let limit: Int

  func send(_ request: HTTPRequest, timeout: Duration?, usesProxy: Bool) async throws(HTTPError) -> HTTPResponse {
    let transfer = Transfer(request, .collect(limit: limit), settings, timeout: timeout, usesProxy: usesProxy)
    return try await engine.send(transfer)
  }
}

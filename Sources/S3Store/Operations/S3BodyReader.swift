internal import ByteBuffers
internal import ObjectStores
internal import Synchronization

/// The body of one version of an object, front to back; where a connection breaks it goes on over another one.
final class S3BodyReader: Sendable {
  private struct State {
    var position: UInt64
    /// What came with the head, until it is taken.
    var collected: Bytes
    var body: HTTPBody?
    /// Connections that broke one after the other without a byte.
    var failures = 0
  }

  private let client: S3Client
  private let key: ObjectKey
  private let etag: String
  private let version: String?
  private let end: UInt64
  private let checksum: ReadChecksum?
  private let state: Mutex<State>

  init(
    _ client: S3Client,
    _ head: ObjectHead,
    _ version: String?,
    _ collected: Bytes,
    _ body: HTTPBody?,
    _ checksum: ReadChecksum? = nil
  ) {
    self.client = client
    self.checksum = checksum
    self.version = version
    key = head.metadata.key
    etag = head.metadata.etag
    end = head.range.upperBound
    state = Mutex(State(position: head.range.lowerBound, collected: collected, body: body))
  }

  /// The next run; nil at the end.
  func next() async throws(ObjectStoreError) -> Bytes? {
    while true {
      let (position, collected, body) = state.withLock { state in
        defer { state.collected = .empty }
        return (state.position, state.collected, state.body)
      }
      guard position < end else {
        state.withLock { $0.body = nil }
        return nil
      }
      let run: Bytes
      do throws(HTTPError) {
        if collected.count > 0 {
          run = try take(collected)
        } else if let next = try await body?.next() {
          run = try take(next)
        } else {
          throw HTTPError(kind: .broken, message: "the body ended early")
        }
      } catch {
        try await reopen(after: error)
        continue
      }
      checksum?.update(run)
      if position + UInt64(run.count) == end { try checksum?.check() }
      return run
    }
  }

  private func take(_ run: Bytes) throws(HTTPError) -> Bytes {
    let isInside = state.withLock { state in
      guard UInt64(run.count) <= end - state.position else { return false }
      state.position += UInt64(run.count)
      state.failures = 0
      return true
    }
    guard isInside else { throw HTTPError(kind: .invalid, message: "more bytes came than were announced") }
    return run
  }

  /// Opens the rest of the body, if that may help.
  private func reopen(after error: HTTPError) async throws(ObjectStoreError) {
    let failures = state.withLock { state in
      state.body = nil
      state.failures += 1
      return state.failures
    }
    var request = S3Request("read", .get, key)
    let failure = client.failure(error, request)
    guard failure.cause != .final, failures <= client.configuration.retry.attempts else { throw failure.failure.error }
    request.range = state.withLock { $0.position }..<end
    request.target = .stream
    request.addHeader("if-match", etag)
    if let version { request.addQuery("versionId", version) }
    let (response, body): (HTTPResponse, HTTPBody?)
    do throws(S3Failure) {
      (response, body) = try await client.open(request)
    } catch {
      throw error.error
    }
    let head = try ObjectHead(response, key)
    guard head.range == request.range, head.metadata.etag == etag else {
      throw ObjectStoreError(.integrity, "The store goes on with other bytes than were asked for.", key: key)
    }
    state.withLock { state in
      state.collected = response.body
      state.body = body
    }
  }
}

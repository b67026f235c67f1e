internal import ByteBuffers
internal import ObjectStores
internal import Synchronization

/// Writes one object front to back: what fits into a part in one request, more as a multipart upload.
///
///     write -> waiting runs -> parts of one size, some on their way at the same time -> complete
///
/// Parts grow with their number, so that the 10,000 that are allowed suffice.
final class S3Writer: ObjectWriter {
  private struct Draft {
    var waiting = WaitingRuns()
    var uploadID: String?
    var parts: [Task<Result<CompleteBody.Part, ObjectStoreError>, Never>] = []
    /// Parts that were awaited.
    var done: [CompleteBody.Part] = []
  }

  private enum State {
    case ready(Draft)
    case busy
    case over
  }

  private let store: S3ObjectStore
  private let key: ObjectKey
  private let options: PutStreamOptions
  private let attributes: ObjectAttributes
  /// What tells that an upload was completed when the answer to that was lost.
  private let mark = PutMark.make()
  private let state = Mutex(State.ready(Draft()))

  static let smallestPart = 5 << 20
  static let largestPart = 5 << 30
  static let mostParts = 10_000
  /// Parts after which their size doubles.
  private static let partsOfOneSize = 1000

  init(_ store: S3ObjectStore, _ key: ObjectKey, _ options: PutStreamOptions, _ attributes: ObjectAttributes) {
    self.store = store
    self.key = key
    self.options = options
    self.attributes = attributes
  }

  deinit {
    guard case .ready(let draft) = state.withLock({ $0 }) else { return }
    S3Writer.giveUp(draft, store, key)
  }

  func write(_ bytes: Bytes) async throws(ObjectStoreError) {
    var draft = try takeDraft()
    do throws(ObjectStoreError) {
      if Task.isCancelled { throw .cancelled(key) }
      draft.waiting.append(bytes)
      while draft.waiting.count > partSize(draft) {
        let body = draft.waiting.take(first: partSize(draft))
        try await send(body, &draft)
      }
    } catch {
      await end(draft)
      throw error
    }
    state.withLock { $0 = .ready(draft) }
  }

  func finish() async throws(ObjectStoreError) -> PutResult {
    var draft = try takeDraft()
    do throws(ObjectStoreError) {
      if Task.isCancelled { throw .cancelled(key) }
      guard draft.uploadID != nil else {
        let result = try await store.put(key, draft.waiting.take(), options.mode, attributes)
        state.withLock { $0 = .over }
        return result
      }
      if draft.waiting.count > 0 { try await send(draft.waiting.take(), &draft) }
      while !draft.parts.isEmpty { try await awaitPart(&draft) }
      let result = try await complete(draft)
      state.withLock { $0 = .over }
      return result
    } catch {
      await end(draft)
      throw error
    }
  }

  func abort() async {
    let draft = state.withLock { state -> Draft? in
      guard case .ready(let draft) = state else { return nil }
      state = .over
      return draft
    }
    if let draft { await end(draft) }
  }

  private func takeDraft() throws(ObjectStoreError) -> Draft {
    let state = state.withLock { state in
      let before = state
      if case .ready = before { state = .busy }
      return before
    }
    switch state {
    case .ready(let draft): return draft
    case .busy: throw .writerBusy(key)
    case .over: throw .writerOver(key)
    }
  }

  // MARK: - Parts

  /// Bytes of the next part.
  private func partSize(_ draft: Draft) -> Int {
    S3Writer.partSize(first: options.partSize, after: draft.done.count + draft.parts.count)
  }

  /// Bytes of a part.
  ///
  /// - Parameters:
  ///   - first: those of the first one, as wished for.
  ///   - number: parts before it.
  static func partSize(first: Int, after number: Int) -> Int {
    let size = min(max(first, smallestPart), largestPart)
    return min(size << (number / partsOfOneSize), largestPart)
  }

  /// Begins to send a part; waits while there are many on their way.
  private func send(_ body: [Bytes], _ draft: inout Draft) async throws(ObjectStoreError) {
    let uploadID: String
    if let begun = draft.uploadID {
      uploadID = begun
    } else {
      uploadID = try await begin()
      draft.uploadID = uploadID
    }
    let number = draft.done.count + draft.parts.count + 1
    guard number <= S3Writer.mostParts else {
      throw ObjectStoreError(.unsupported, "The object would have more than 10,000 parts; use larger ones.", key: key)
    }
    while draft.parts.count >= max(1, store.configuration.partConcurrency) { try await awaitPart(&draft) }
    var request = S3Request("write", .put, key)
    request.addQuery("partNumber", String(number))
    request.addQuery("uploadId", uploadID)
    request.body = body
    store.addChecksum(&request)
    let (store, key, wire, checksum) = (store, key, request, store.partChecksum(request))
    draft.parts.append(
      Task {
        do throws(ObjectStoreError) {
          guard let etag = try await store.send(wire).header("etag"), !etag.isEmpty else {
            throw ObjectStoreError(.integrity, "The store gives no entity tag for a part.", key: key)
          }
          return .success(CompleteBody.Part(number: number, etag: etag, checksum: checksum))
        } catch {
          return .failure(error)
        }
      }
    )
  }

  /// Waits for the oldest part.
  private func awaitPart(_ draft: inout Draft) async throws(ObjectStoreError) {
    guard let oldest = draft.parts.first else { return }
    let result = await withTaskCancellationHandler {
      await oldest.value
    } onCancel: {
      oldest.cancel()
    }
    draft.parts.removeFirst()
    draft.done.append(try result.get())
  }

  private func begin() async throws(ObjectStoreError) -> String {
    var request = S3Request("write", .post, key)
    request.addQuery("uploads")
    request.add(attributes)
    request.addHeader(ObjectHead.markHeader, mark)
    store.announceChecksum(&request)
    return try await UploadBeginning.begin(request, store)
  }

  private func complete(_ draft: Draft) async throws(ObjectStoreError) -> PutResult {
    // Not every server looks at the condition when an upload is completed.
    switch options.mode {
    case .overwrite: break
    case .create:
      if try await store.headIfPresent(key) != nil {
        throw ObjectStoreError(.alreadyExists, "There is an object already; nothing was written.", key: key)
      }
    case .update(let tag):
      guard try await store.headIfPresent(key)?.etag == tag else {
        throw ObjectStoreError(.preconditionFailed, "The object is not version \(tag); read it anew.", key: key)
      }
    }
    var request = S3Request("write", .post, key)
    request.addQuery("uploadId", draft.uploadID ?? "")
    request.body = [CompleteBody(draft.done).bytes]
    request.mayFailInBody = true
    return try await store.decide(key, options.mode, mark) { (condition) throws(S3Failure) in
      var conditional = request
      if let condition { conditional.headers.append(condition) }
      let response = try await store.client.send(conditional)
      do throws(ObjectStoreError) {
        let etag = try CompleteAnswer(response.body).etag ?? ""
        // Ceph gives it without its quotes when it is asked again for what it has completed: better look it up.
        return PutResult(etag: etag.hasSuffix("\"") ? etag : "", version: response.header("x-amz-version-id"))
      } catch {
        throw S3Failure(error: error)
      }
    }
  }

  // MARK: - Giving up

  /// Gives up and waits until nothing is left; a cancelled task goes on at once, and nothing is left soon after.
  private func end(_ draft: Draft) async {
    state.withLock { $0 = .over }
    let task = S3Writer.giveUp(draft, store, key)
    if !Task.isCancelled { await task?.value }
  }

  /// Ends what is on its way, and the upload: what it holds costs money.
  @discardableResult
  private static func giveUp(_ draft: Draft, _ store: S3ObjectStore, _ key: ObjectKey) -> Task<Void, Never>? {
    guard let uploadID = draft.uploadID else { return nil }
    for part in draft.parts { part.cancel() }
    return Task.detached {
      for part in draft.parts { _ = await part.value }
      await store.giveUp(uploadID, key)
    }
  }
}
